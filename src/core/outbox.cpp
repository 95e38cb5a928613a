#include "core/outbox.hpp"

#include <algorithm>
#include <utility>

namespace troupe::internal {
namespace {

/// Messages to one receiver that may be under way at once.
constexpr std::size_t window = 32;

constexpr std::uint32_t failures_counted_max = 32;

}  // namespace

void outbox::load(std::uint64_t stream, std::vector<spi::message_image> stored, steady_time now, wall_time wall_now) {
  stream_ = stream;
  size_ = stored.size();
  for (spi::message_image& message : stored) {
    route& r = route_to(message.to);
    r.queue.push_back({std::move(message), 0, false, {}});
    look_at(r);
  }
  for (auto& [to, r] : routes_) {
    const spi::message_image& first = r.queue.front().image;
    r.failures = std::min(first.attempts, failures_counted_max);
    r.one_at_a_time = r.failures > 0;
    // The wall clock may have been set meanwhile: no pause is longer than the longest.
    const auto left = std::min<std::chrono::milliseconds>(first.not_before - wall_now, options_.longest_pause);
    if (r.failures > 0 && left.count() > 0) r.not_before = now + left;
    refile(r);
  }
}

outbox::route& outbox::route_to(const actor_id& to) {
  const auto at = routes_.try_emplace(to).first;
  at->second.to = &at->first;
  return at->second;
}

void outbox::look_at(route& r) {
  if (!std::exchange(r.listed, true)) to_look_at_.push_back(&r);
}

void outbox::refile(route& r) {
  std::optional<wall_time> due;
  std::optional<steady_time> next;
  if (!r.queue.empty()) {
    due = r.queue.front().image.not_before;
    if (r.failures > 0) next = r.not_before;
  }
  if (due != r.filed_due) {
    if (r.filed_due) dues_.erase(dues_.find(*r.filed_due));
    if (due) dues_.insert(*due);
    r.filed_due = due;
  }
  if (next == r.filed_try) return;
  if (r.filed_try) {
    auto at = tries_.lower_bound(*r.filed_try);
    while (at->second != &r) ++at;
    tries_.erase(at);
  }
  if (next) tries_.emplace(*next, &r);
  r.filed_try = next;
}

void outbox::add(const std::vector<spi::message_image>& messages, std::uint64_t record) {
  for (const spi::message_image& message : messages) {
    route& r = route_to(message.to);
    r.queue.push_back({message, record, false, {}});
    ++size_;
    look_at(r);
    if (r.queue.size() == 1) refile(r);
  }
}

void outbox::depart(route& r, std::uint64_t committed, std::vector<departure>& out) {
  const std::size_t most = r.one_at_a_time ? 1 : std::min(window, r.queue.size());
  for (std::size_t i = 0; i < most; ++i) {
    entry& e = r.queue[i];
    if (e.record > committed) {
      look_at(r);
      return;
    }
    if (e.under_way) continue;
    e.under_way = true;
    ++under_way_;
    out.push_back({&e.image, i == 0 ? 0 : r.queue[i - 1].image.sequence, e.given_up});
  }
}

std::vector<outbox::departure> outbox::take_ready(std::uint64_t committed, steady_time now) {
  for (auto at = tries_.begin(); at != tries_.end() && at->first <= now; at = tries_.erase(at)) {
    at->second->filed_try.reset();
    look_at(*at->second);
  }
  std::vector<departure> out;
  for (route* r : std::exchange(to_look_at_, {})) {
    r->listed = false;
    if (r->queue.empty()) {
      routes_.erase(routes_.find(*r->to));
    } else if (r->not_before <= now) {
      depart(*r, committed, out);
    }
  }
  return out;
}

outbox::entries::iterator outbox::find(entries& queue, std::uint64_t sequence) {
  const auto at = std::lower_bound(queue.begin(), queue.end(), sequence,
                                   [](const entry& e, std::uint64_t wanted) { return e.image.sequence < wanted; });
  return at != queue.end() && at->image.sequence == sequence ? at : queue.end();
}

outbox::entry outbox::take(route& r, entries::iterator at) {
  entry taken = std::move(*at);
  r.queue.erase(at);
  --size_;
  if (taken.under_way) --under_way_;
  updated_.erase(taken.image.sequence);
  r.failures = 0;
  r.not_before = {};
  look_at(r);
  return taken;
}

std::chrono::milliseconds outbox::pause_after(std::uint32_t failures, std::uint64_t random) const {
  const auto doublings = std::min(failures - 1, 24U);
  const auto full =
      std::min<std::chrono::milliseconds>(options_.first_pause * (1LL << doublings), options_.longest_pause);
  return full - std::chrono::milliseconds(static_cast<std::int64_t>(random % 1'024) * full.count() / 2'048);
}

void outbox::give_up(route& r, entries::iterator at, delivery_end how, const std::string& why, verdict& result) {
  if (how == delivery_end::unreachable) {
    result.dead = take(r, at).image;
    return;
  }
  at->given_up = why.empty() ? "its handler failed without a word" : why;
  updated_.emplace(at->image.sequence, &r);
  look_at(r);
}

outbox::verdict outbox::ended(const actor_id& to, std::uint64_t sequence, delivery_end how, const std::string& why,
                              steady_time now, wall_time wall_now, std::uint64_t random) {
  verdict result;
  const auto found = routes_.find(to);
  if (found == routes_.end()) return result;
  route& r = found->second;
  const auto at = find(r.queue, sequence);
  if (at == r.queue.end()) return result;
  if (how == delivery_end::arrived) {
    dropped_.push_back(sequence);
    result.buried = !take(r, at).given_up.empty();
    r.one_at_a_time = false;
    refile(r);
    return result;
  }
  if (!std::exchange(at->under_way, false)) return result;
  --under_way_;
  r.one_at_a_time = true;
  if (how == delivery_end::early) {
    if (at == r.queue.begin()) look_at(r);
    return result;
  }
  const bool is_given_up = !at->given_up.empty();
  result.counted = how == delivery_end::unreachable || (how == delivery_end::failed && !is_given_up);
  if (result.counted) {
    if (!is_given_up) ++at->image.attempts;
    if (is_given_up || at->image.attempts >= options_.attempts_max) {
      give_up(r, at, how, why, result);
      refile(r);
      return result;
    }
    updated_.emplace(sequence, &r);
  }
  r.failures = std::min(r.failures + 1, failures_counted_max);
  result.pause = pause_after(r.failures, random);
  r.not_before = now + result.pause;
  at->image.not_before = wall_now + result.pause;
  refile(r);
  return result;
}

std::vector<std::uint64_t> outbox::take_up_to(const actor_id& to, std::uint64_t sequence) {
  std::vector<std::uint64_t> taken;
  const auto found = routes_.find(to);
  if (found == routes_.end()) return taken;
  entries& queue = found->second.queue;
  while (!queue.empty() && queue.front().image.sequence <= sequence) {
    taken.push_back(take(found->second, queue.begin()).image.sequence);
  }
  refile(found->second);
  return taken;
}

std::optional<steady_time> outbox::next_try() const noexcept {
  if (tries_.empty()) return std::nullopt;
  return tries_.begin()->first;
}

std::optional<wall_time> outbox::due() const noexcept {
  if (dues_.empty()) return std::nullopt;
  return *dues_.begin();
}

void outbox::describe_changes(spi::message_changes& changes, std::size_t room) const {
  changes.sent_dropped = dropped_;
  for (const auto& [sequence, r] : updated_) {
    const spi::message_image& image = find(r->queue, sequence)->image;
    const std::size_t bytes = spi::bytes_of(image);
    if (bytes > room) return;
    room -= bytes;
    changes.sent_added.push_back(image);
  }
}

void outbox::forget_changes(const spi::message_changes& described) {
  dropped_.clear();
  for (const spi::message_image& image : described.sent_added) updated_.erase(image.sequence);
}

}  // namespace troupe::internal
