#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/deadlock_probe.hpp"
#include "core/failure_text.hpp"
#include "core/resident.hpp"
#include "core/strand_alarm.hpp"

// Circles of actors that wait for each other, see deadlock_probe.hpp.

namespace troupe::internal {
namespace {

/// The least time between two looks from one turn, whatever arrives meanwhile.
constexpr std::chrono::microseconds look_pause{200};
/// A turn that waits for many calls looks less often: each look sends a message along every one.
constexpr std::size_t calls_per_look = 32;

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
  struct visit {
    const activation* origin = nullptr;
    std::uint64_t turn = 0;
    std::uint64_t round = 0;

    friend bool operator==(const visit&, const visit&) = default;
  };
  std::array<visit, 8> seen{};  ///< the last probes that came by
  std::size_t next_seen = 0;
  std::uint64_t rounds = 0;
  steady_time next_look{};
  bool look_wanted = false;
};

turn::turn(activation& owner) noexcept : owner_(owner) { scope.belongs_to(this); }
turn::~turn() = default;
void turn::forget_extras() noexcept {
  probes.reset();
  overlap.reset();
  messages.reset();
  one_way.clear();
  context = {};
}

void activation::on_blocked_behind(turn& t) noexcept {
  if (t.scope.empty()) return;
  if (!t.probes) t.probes = std::make_unique<turn::probe_state>();
  const steady_time now = system_->now();
  if (now >= t.probes->next_look) {
    look_for_circle(t, now);
  } else {
    look_later(t);
  }
}

void activation::look_later(turn& t) noexcept {
  t.probes->look_wanted = true;
  if (std::exchange(resident_->look_armed, true)) return;
  system_->timers().start(t.probes->next_look, std::make_shared<strand_alarm>(*this, &activation::on_look_due));
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
  const detail::request* held_up = itself ? &r : waiting_.front();
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
  resident_->held_up = nullptr;  // `on_held_up` looks when the line is stuck again
  return true;
}

void activation::on_held_up() noexcept {
  if (!resident_) return;
  const detail::request* next = runs_turn() && !waiting_.empty() && !next_fits() ? waiting_.front() : nullptr;
  if (std::exchange(resident_->held_up, next) == next || next == nullptr) return;
  for_each_turn([&](turn& t) { on_blocked_behind(t); });
}

void activation::on_look_due() noexcept {
  if (!resident_) return;
  resident_->look_armed = false;
  if (waiting_.empty() && resident_->returning.empty()) return;
  for_each_turn([&](turn& t) {
    if (t.probes && std::exchange(t.probes->look_wanted, false)) on_blocked_behind(t);
  });
}

void activation::look_for_circle(turn& t, steady_time now) noexcept {
  deadlock_probe probe{.turn = t.serial, .round = ++t.probes->rounds};
  retain();
  probe.origin = detail::activation_ptr(this);
  const std::size_t calls = send_probe(t, probe);
  t.probes->next_look = now + look_pause * (1 + calls / calls_per_look);
}

std::size_t activation::send_probe(const turn& t, const deadlock_probe& probe) noexcept {
  return for_each_needed_call(t.scope, [&](detail::awaited_call& call) {
    const detail::request& r = *call.node;
    if (resident_->gate.holds_call(r)) return;  // it has not left
    deadlock_probe further = probe;
    retain();
    call.target->retain();
    further.way.push_back({.from = detail::activation_ptr(this),
                           .to = detail::activation_ptr(call.target),
                           .turn = t.serial,
                           .request = &r,
                           .serial = r.serial,
                           .method = r.name(),
                           .sent = r.sent});
    tell_strand(*call.target, [further = std::move(further)](activation& a) mutable { a.on_probe(further); });
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

void activation::on_probe(deadlock_probe& probe) noexcept {
  if (!resident_) return;
  for_each_turn_needed(probe.way.back(), [&](turn& t) { follow(t, probe); });
}

void activation::follow(turn& t, const deadlock_probe& probe) noexcept {
  if (probe.origin.get() == this && probe.turn == t.serial) {
    see_again(t, probe);
    // Other ways back, on which this probe was not the first to come by, are seen when this circle is open.
    look_later(t);
    return;
  }
  if (t.scope.empty()) return;
  const auto passed = [&](const probe_hop& hop) { return hop.from.get() == this && hop.turn == t.serial; };
  if (std::any_of(probe.way.begin(), probe.way.end(), passed)) return;  // a circle without the origin
  if (!t.probes) t.probes = std::make_unique<turn::probe_state>();
  turn::probe_state& state = *t.probes;
  const turn::probe_state::visit mark{probe.origin.get(), probe.turn, probe.round};
  if (std::find(state.seen.begin(), state.seen.end(), mark) != state.seen.end()) return;
  state.seen[state.next_seen++ % state.seen.size()] = mark;
  static_cast<void>(send_probe(t, probe));
}

void activation::see_again(const turn& t, deadlock_probe probe) noexcept {
  const probe_hop& next = probe.way[probe.seen_again];
  bool waits = false;
  static_cast<void>(for_each_needed_call(t.scope, [&](const detail::awaited_call& call) {
    waits = waits || (call.node == next.request && call.node->serial == next.serial);
  }));
  if (!waits) return;
  activation& to = *next.to.get();
  tell_strand(to, [probe = std::move(probe)](activation& a) mutable { a.on_seen_again(probe); });
}

void activation::on_seen_again(deadlock_probe& probe) noexcept {
  if (!resident_) return;
  probe_hop& here = probe.way[probe.seen_again++];
  const bool last = probe.seen_again == probe.way.size();
  const std::uint64_t serial = probe.way[last ? 0 : probe.seen_again].turn;
  turn* found = nullptr;
  for_each_turn_needed(here, [&](turn& t) {
    if (t.serial == serial) found = &t;
  });
  if (found == nullptr) return;
  if (last) {
    break_circle(probe);
  } else {
    see_again(*found, std::move(probe));
  }
}

void activation::break_circle(const deadlock_probe& probe) noexcept {
  const std::size_t index = victim_of(probe.way);
  if (index == probe.way.size()) return;
  const probe_hop& victim = probe.way[index];
  const given_up_call call{
      .request = victim.request, .sender = victim.from.get(), .serial = victim.serial, .why = errc::deadlock};
  tell_strand(*victim.to.get(), [call, why = make_error(errc::deadlock, deadlock_text(probe.way, index))](
                                    activation& a) { a.on_deadlock(call, why); });
}

void activation::on_deadlock(const given_up_call& call, const std::exception_ptr& why) noexcept {
  std::size_t ahead = 0;
  if (detail::request* r = take_waiting(call, ahead); r != nullptr) r->complete(why);
}

}  // namespace troupe::internal
