#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/deadlock_probe.hpp"
#include "core/failure_text.hpp"
#include "core/resident.hpp"
#include "core/strand_alarm.hpp"
#include "core/tell_strand.hpp"

// Circles of actors that wait for each other, see deadlock_probe.hpp.

namespace troupe::internal {
namespace {

/// The least time between two looks from one turn, whatever arrives meanwhile.
constexpr std::chrono::microseconds look_pause{200};
/// A turn that waits for many calls looks less often: each look sends a message along every one.
constexpr std::size_t calls_per_look = 32;

/// The highest rank of a turn whose probes are stopped again and again: from there on the lot alone decides, so that
/// nobody stops the strongest any more, however long its way is.
constexpr std::uint64_t rank_max = 10;

/// How long a turn of a rank waits. It grows until the strongest has time to come round. At most 0.2 s.
steady_time::duration pause_at(std::uint64_t rank) noexcept { return look_pause * (std::uint64_t{1} << rank); }

std::uint64_t lot_of(const activation& a, std::uint64_t number) noexcept {
  return (a.hash() ^ number) * 0x9e3779b97f4a7c15U;
}

/// Calls `visit` with each call that must be answered before the scope's code goes on, and returns how many.
template <class Visit>
std::size_t for_each_needed_call(const detail::wait_scope& scope, const Visit& visit) {
  std::size_t count = 0;
  if (scope.mode == detail::wait_for::any) return 0;  // another branch may end it
  for (detail::turn_wait* wait = scope.first(); wait != nullptr; wait = wait->next()) {
    if (detail::awaited_call* call = wait->as_call(); call != nullptr) {
      if (call->given_up) continue;
      visit(*call);
      ++count;
    } else if (const detail::wait_scope* inner = wait->as_scope(); inner != nullptr) {
      count += for_each_needed_call(*inner, visit);
    }
  }
  return count;
}

}  // namespace

/// What the search for circles remembers of a turn.
struct turn::probe_state {
  passed_probe passed;
  std::uint64_t rounds = 0;   ///< probes of its own
  std::uint64_t rank = 0;     ///< how many of them were stopped since one came back, up to a bound
  std::uint64_t stopped = 0;  ///< the last of these
  steady_time next_look{};
  bool look_wanted = false;
};

turn::turn(activation& owner) noexcept : owner_(&owner) { scope.belongs_to(this); }
turn::~turn() = default;
void turn::forget_extras() noexcept {
  has_extras = false;
  probes.reset();
  overlap.reset();
  messages.reset();
  parts.reset();
  context = {};
}

void activation::on_blocked_behind(turn& t) noexcept {
  if (t.scope.empty()) return;
  t.has_extras = true;
  if (!t.probes) t.probes = std::make_unique<turn::probe_state>();
  const steady_time now = system().now();
  if (now >= t.probes->next_look) {
    look_for_circle(t, now);
  } else {
    look_later(t);
  }
}

void activation::look_later(turn& t) noexcept {
  t.probes->look_wanted = true;
  if (work_->look_at <= t.probes->next_look) return;
  work_->look_at = t.probes->next_look;
  system().timers().start(t.probes->next_look, make_strand_alarm(*this, &activation::on_look_due));
}

template <class Visit>
void activation::for_each_turn_before(const detail::request& r, Visit visit) {
  if (comes_back(r)) {
    turn& last = turn_that_waits_for(r)->innermost();
    if (turn_that_waits_for(r) != &last) visit(last);
    return;
  }
  bool itself = false;
  for_each_turn([&](const turn& t) { itself = itself || is_held_up_by(t, r); });
  const detail::request* held_up = itself ? &r : work_->waiting.front();
  if (held_up == nullptr) return;
  for_each_turn([&](turn& t) {
    if (is_held_up_by(t, *held_up)) visit(t);
  });
}

void activation::on_call_queued(const detail::request& r) noexcept {
  if (!resident_) return;
  if (may_be_next(r)) return;
  for_each_turn_before(r, [&](turn& t) { on_blocked_behind(t); });
}

bool activation::may_be_next(const detail::request& r) noexcept {
  if (!next_fits() || comes_back(r)) return false;
  if (type_->overlaps) seldom().activation.held_up = nullptr;  // `on_held_up` looks when the line is stuck again
  return true;
}

void activation::on_held_up() noexcept {
  if (!resident_) return;
  const detail::request* next =
      runs_turn() && !work_->waiting.empty() && !next_fits() ? work_->waiting.front() : nullptr;
  if (std::exchange(seldom().activation.held_up, next) == next || next == nullptr) return;
  for_each_turn([&](turn& t) { on_blocked_behind(t); });
}

void activation::on_look_due() noexcept {
  if (!resident_) return;
  work_->look_at = steady_time::max();
  if (work_->waiting.empty() && work_->returning.empty()) return;
  for_each_turn([&](turn& t) {
    if (t.probes && std::exchange(t.probes->look_wanted, false)) on_blocked_behind(t);
  });
}

void activation::look_for_circle(turn& t, steady_time now) noexcept {
  turn::probe_state& state = *t.probes;
  const std::uint64_t number = system().begin_look();
  retain();
  const deadlock_probe probe{.head = std::make_shared<const probe_head>(
                                 probe_head{.origin = detail::activation_ptr(this),
                                            .strength = {.rank = state.rank,
                                                         .lot = lot_of(*this, t.serial),
                                                         .origin = reinterpret_cast<std::uintptr_t>(this),
                                                         .turn = t.serial,
                                                         .round = ++state.rounds},
                                            .number = number})};
  static_cast<void>(state.passed.meet(*probe.head, number));
  const std::size_t calls = send_probe(t, probe);
  const steady_time::duration by_calls = look_pause * (1 + calls / calls_per_look);
  state.next_look = now + std::max(by_calls, pause_at(state.rank));
}

template <class Function>
void activation::tell_searcher(activation& target, Function function) noexcept {
  system().counters().deadlock_probes.fetch_add(1, std::memory_order_relaxed);
  tell_strand(target, std::move(function));
}

std::size_t activation::send_probe(const turn& t, const deadlock_probe& probe) noexcept {
  return for_each_needed_call(t.scope, [&](detail::awaited_call& call) {
    const detail::request& r = *call.node;
    if (work_->gate.holds_call(r)) return;  // it has not left
    retain();
    call.target->retain();
    deadlock_probe further{.head = probe.head,
                           .way = probe.way.and_then({.from = detail::activation_ptr(this),
                                                      .to = detail::activation_ptr(call.target),
                                                      .turn = t.serial,
                                                      .request = &r,
                                                      .serial = r.serial,
                                                      .method = r.name(),
                                                      .sent = r.sent})};
    tell_searcher(*call.target, [further = std::move(further)](activation& a) { a.on_probe(further); });
  });
}

template <class Visit>
void activation::for_each_turn_needed(probe_hop& hop, Visit visit) {
  const given_up_call here{.request = hop.request, .sender = hop.from.get(), .serial = hop.serial};
  turn* its_own = nullptr;
  for_each_turn([&](turn& t) {
    if (t.request != nullptr && here.is(*t.request)) its_own = &t;
  });
  hop.waits = its_own == nullptr;
  if (its_own != nullptr) {
    visit(*its_own);
  } else if (const detail::request* r = find_waiting(here); r != nullptr) {  // else answered, or about to be saved
    if (!may_be_next(*r)) for_each_turn_before(*r, visit);
  }
}

void activation::on_probe(const deadlock_probe& probe) noexcept {
  if (!resident_) return;
  for_each_turn_needed(probe.way.last(), [&](turn& t) { follow(t, probe); });
}

void activation::follow(turn& t, const deadlock_probe& probe) noexcept {
  const probe_strength& strength = probe.head->strength;
  if (probe.head->origin.get() == this && strength.turn == t.serial) {
    t.probes->rank = 0;
    see_again(t, {.way = probe.way.since(this, t.serial)});
    // Other ways back, on which this probe was not the first to come by, are seen when this circle is open.
    look_later(t);
    return;
  }
  if (for_each_needed_call(t.scope, [](const detail::awaited_call&) {}) == 0) return;
  t.has_extras = true;
  if (!t.probes) t.probes = std::make_unique<turn::probe_state>();
  const auto verdict = t.probes->passed.meet(*probe.head, system().looks_begun());
  if (verdict == passed_probe::verdict::goes_on) {
    static_cast<void>(send_probe(t, probe));
    return;
  }
  // It may have gone round a circle that its origin only waits for. Where it took a shorter way before, those on the
  // circle find it.
  if (std::vector<probe_hop> circle = probe.way.since(this, t.serial); !circle.empty()) {
    see_again(t, {.way = std::move(circle)});
  }
  if (verdict == passed_probe::verdict::stopped) {
    tell_searcher(*probe.head->origin,
                  [turn = strength.turn, round = strength.round](activation& a) { a.on_probe_stopped(turn, round); });
  }
}

void activation::on_probe_stopped(std::uint64_t serial, std::uint64_t round) noexcept {
  if (!resident_) return;
  turn* t = turn_numbered(serial);
  if (t == nullptr || !t->probes) return;
  turn::probe_state& state = *t->probes;
  if (round != state.rounds || std::exchange(state.stopped, round) == round) return;  // it looks again anyway
  // Not all at the same time, or of each time only the strongest would get through.
  const steady_time::duration pause = pause_at(state.rank);
  const steady_time::duration more = pause / 256 * (lot_of(*this, serial + round) >> 56U);
  state.next_look = std::max(state.next_look, system().now() + pause + more);
  state.rank = std::min(state.rank + 1, rank_max);
  look_later(*t);
}

void activation::see_again(const turn& t, probe_circle circle) noexcept {
  const probe_hop& next = circle.way[circle.seen_again];
  bool waits = false;
  static_cast<void>(for_each_needed_call(t.scope, [&](const detail::awaited_call& call) {
    waits = waits || (call.node == next.request && call.node->serial == next.serial);
  }));
  if (!waits) return;
  activation& to = *next.to.get();
  tell_searcher(to, [circle = std::move(circle)](activation& a) mutable { a.on_seen_again(circle); });
}

void activation::on_seen_again(probe_circle& circle) noexcept {
  if (!resident_) return;
  probe_hop& here = circle.way[circle.seen_again++];
  const bool last = circle.seen_again == circle.way.size();
  const std::uint64_t serial = circle.way[last ? 0 : circle.seen_again].turn;
  turn* found = nullptr;
  for_each_turn_needed(here, [&](turn& t) {
    if (t.serial == serial) found = &t;
  });
  if (found == nullptr) return;
  if (last) {
    break_circle(circle.way);
  } else {
    see_again(*found, std::move(circle));
  }
}

void activation::break_circle(const std::vector<probe_hop>& circle) noexcept {
  const std::size_t index = victim_of(circle);
  if (index == circle.size()) return;
  const probe_hop& victim = circle[index];
  const given_up_call call{
      .request = victim.request, .sender = victim.from.get(), .serial = victim.serial, .why = errc::deadlock};
  tell_strand(*victim.to.get(), [call, why = make_error(errc::deadlock, deadlock_text(circle, index))](activation& a) {
    a.on_deadlock(call, why);
  });
}

void activation::on_deadlock(const given_up_call& call, const std::exception_ptr& why) noexcept {
  std::size_t ahead = 0;
  if (detail::request* r = take_waiting(call, ahead); r != nullptr) r->complete(why);
}

}  // namespace troupe::internal
