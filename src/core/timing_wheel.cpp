#include "core/timing_wheel.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace troupe::internal {
namespace {

/// Entries that one call moves to lower levels: some microseconds.
constexpr int moved_at_once = 128;

/// Times as numbers without a sign, in the same order.
std::uint64_t number_of(steady_time when) noexcept {
  return static_cast<std::uint64_t>(when.time_since_epoch().count()) ^ (std::uint64_t{1} << 63U);
}

}  // namespace

bool timing_wheel::before(const wheel_entry& a, const wheel_entry& b) noexcept {
  return a.when_ != b.when_ ? a.when_ < b.when_ : a.order_ < b.order_;
}

void timing_wheel::link(wheel_entry*& first, wheel_entry& entry, wheel_entry* next) noexcept {
  if (first == nullptr) {
    entry.previous_ = entry.next_ = &entry;
    first = &entry;
    return;
  }
  wheel_entry* const following = next != nullptr ? next : first;  // null: at the end
  entry.next_ = following;
  entry.previous_ = following->previous_;
  entry.previous_->next_ = &entry;
  following->previous_ = &entry;
  if (next == first) first = &entry;
}

void timing_wheel::unlink(wheel_entry*& first, wheel_entry& entry) noexcept {
  if (entry.next_ == &entry) {
    first = nullptr;
    return;
  }
  entry.previous_->next_ = entry.next_;
  entry.next_->previous_ = entry.previous_;
  if (first == &entry) first = entry.next_;
}

void timing_wheel::insert(wheel_entry& entry, steady_time when) noexcept {
  entry.when_ = when;
  entry.order_ = ++inserted_;
  ++size_;
  file(entry, true);
}

void timing_wheel::file(wheel_entry& entry, bool sort_now) noexcept {
  const std::uint64_t due = number_of(entry.when_) >> lowest_bits;
  if (due <= reached_ && sort_now) {
    insert_in_front(entry);
    return;
  }
  // One that is moved is due in the span that was reached, or later.
  const auto level = due == reached_ ? 0U : (static_cast<unsigned>(std::bit_width(due ^ reached_)) - 1) / digit_bits;
  const auto digit = static_cast<unsigned>(due >> (level * digit_bits)) % slots;
  slot& into = at({level, digit});
  into.earliest = into.first == nullptr ? entry.when_ : std::min(into.earliest, entry.when_);
  link(into.first, entry, nullptr);
  entry.place_ = static_cast<std::uint16_t>(level * slots + digit);
  occupied_[level] |= std::uint64_t{1} << digit;
}

void timing_wheel::insert_in_front(wheel_entry& entry) noexcept {
  entry.place_ = front_place;
  wheel_entry* next = nullptr;  // it goes before that; null: at the end
  for (wheel_entry* each = front_; each != nullptr && next != front_;) {
    each = each->previous_;
    if (before(*each, entry)) break;
    next = each;
  }
  link(front_, entry, next);
}

bool timing_wheel::erase(wheel_entry& entry) noexcept {
  if (entry.place_ == wheel_entry::nowhere) return false;
  take_out(entry);
  return true;
}

void timing_wheel::take_out(wheel_entry& entry) noexcept {
  const unsigned place = std::exchange(entry.place_, wheel_entry::nowhere);
  --size_;
  if (place == front_place) {
    unlink(front_, entry);
    return;
  }
  unlink(wheel_[place].first, entry);
  if (wheel_[place].first == nullptr) note_empty(place);
}

void timing_wheel::note_empty(unsigned place) noexcept {
  occupied_[place / slots] &= ~(std::uint64_t{1} << (place % slots));
  if (place == draining_) draining_ = front_place;
}

wheel_entry* timing_wheel::take_any() noexcept {
  wheel_entry* found = front_;
  if (found == nullptr) {
    const auto where = first_slot();
    if (!where) return nullptr;
    found = at(*where).first;
  }
  take_out(*found);
  return found;
}

std::optional<timing_wheel::position> timing_wheel::first_slot() const noexcept {
  if (draining_ != front_place) return position{draining_ / slots, draining_ % slots};
  for (unsigned level = 0; level < levels; ++level) {
    if (occupied_[level] != 0) return position{level, static_cast<unsigned>(std::countr_zero(occupied_[level]))};
  }
  return std::nullopt;
}

std::uint64_t timing_wheel::begin_of(position p) const noexcept {
  const unsigned shift = p.level * digit_bits;
  return ((reached_ >> shift >> digit_bits << digit_bits) | p.digit) << shift;
}

timing_wheel::taken timing_wheel::take_due(steady_time now) noexcept {
  const std::uint64_t until = number_of(now) >> lowest_bits;
  for (;;) {
    const auto found = first_slot();
    // A slot that was reached, and is not sorted yet, may hold what is due before the front.
    if (found && begin_of(*found) <= std::min(until, front_ != nullptr ? reached_ : until)) {
      if (!reach(*found)) return {nullptr, true};
      continue;
    }
    if (front_ == nullptr) {
      reached_ = std::max(reached_, until);  // no slot that is not empty begins before
      return {};
    }
    if (front_->when_ > now) return {};
    wheel_entry* const due = front_;
    take_out(*due);
    return {due, false};
  }
}

/// Returns whether that is done.
bool timing_wheel::reach(position p) noexcept {
  reached_ = std::max(reached_, begin_of(p));
  if (p.level == 0) {
    move_slot_to_front(p);
    return true;
  }
  draining_ = static_cast<std::uint16_t>(p.level * slots + p.digit);
  slot& from = at(p);
  for (int moved = 0; from.first != nullptr; ++moved) {
    if (moved == moved_at_once) return false;
    wheel_entry& entry = *from.first;
    unlink(from.first, entry);
    file(entry, false);
  }
  note_empty(draining_);
  return true;
}

void timing_wheel::move_slot_to_front(position p) noexcept {
  slot& from = at(p);
  wheel_entry* first = std::exchange(from.first, nullptr);
  note_empty(p.level * slots + p.digit);
  first->previous_->next_ = nullptr;
  for (wheel_entry* each = first; each != nullptr; each = each->next_) each->place_ = front_place;
  first = sorted(first);
  if (front_ != nullptr) {
    front_->previous_->next_ = nullptr;
    first = merged(front_, first);
  }
  front_ = first;
  wheel_entry* last = first;
  for (; last->next_ != nullptr; last = last->next_) last->next_->previous_ = last;
  last->next_ = first;
  first->previous_ = last;
}

/// Of two lists that end in null. Only `next_` is kept.
wheel_entry* timing_wheel::merged(wheel_entry* a, wheel_entry* b) noexcept {
  wheel_entry* first = nullptr;
  wheel_entry** end = &first;
  while (a != nullptr && b != nullptr) {
    wheel_entry*& less = before(*b, *a) ? b : a;
    *end = less;
    end = &less->next_;
    less = less->next_;
  }
  *end = a != nullptr ? a : b;
  return first;
}

wheel_entry* timing_wheel::sorted(wheel_entry* first) noexcept {
  // Runs that are in order already count as one; list i is merged of 2^i runs.
  std::array<wheel_entry*, 64> lists{};
  while (first != nullptr) {
    wheel_entry* run = first;
    wheel_entry* last = run;
    while (last->next_ != nullptr && before(*last, *last->next_)) last = last->next_;
    first = std::exchange(last->next_, nullptr);
    std::size_t i = 0;
    for (; lists[i] != nullptr; ++i) run = merged(std::exchange(lists[i], nullptr), run);
    lists[i] = run;
  }
  wheel_entry* all = nullptr;
  for (wheel_entry* list : lists) all = merged(all, list);
  return all;
}

steady_time timing_wheel::next() const noexcept {
  steady_time found = front_ != nullptr ? front_->when_ : steady_time::max();
  if (draining_ != front_place) found = std::min(found, wheel_[draining_].earliest);
  for (unsigned level = 0; level < levels; ++level) {
    if (occupied_[level] == 0) continue;
    const auto digit = static_cast<unsigned>(std::countr_zero(occupied_[level]));
    return std::min(found, at({level, digit}).earliest);  // those of higher levels are due later
  }
  return found;
}

std::optional<steady_time> timing_wheel::first_due() const noexcept {
  if (empty()) return std::nullopt;
  steady_time found = front_ != nullptr ? front_->when_ : steady_time::max();
  for (std::size_t i = 0; i < wheel_.size(); ++i) {
    if (wheel_[i].first == nullptr || wheel_[i].earliest >= found) continue;
    const wheel_entry* each = wheel_[i].first;
    do {
      found = std::min(found, each->when_);
      each = each->next_;
    } while (each != wheel_[i].first);
  }
  return found;
}

}  // namespace troupe::internal
