#include <utility>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/current_strand.hpp"
#include "core/resident.hpp"

// The short way of what nearly every message is: arguments for a plain type's actor that is active and does nothing.
// What is done here is what the long way does with such a message, and no more.

namespace troupe::internal {

bool activation::is_quiet() const noexcept {
  return resident_ && resident_->where == phase::active && !resident_->rollback_wanted && !resident_->leave &&
         work_->turns_running == 0 && work_->returning.empty() && work_->waiting.empty();
}

void activation::go_straight(int& budget) noexcept {
  bool quiet = false;
  while (work_->backlog != nullptr && budget > 0) {
    if (!quiet && !is_quiet()) {
      work_->straight = false;
      return;
    }
    auto& r = static_cast<detail::request&>(*std::exchange(work_->backlog, work_->backlog->next));
    if (r.found_busy) {
      ++work_->counted_messages;
      work_->counted_units += r.units;
    }
    --budget;
    const steady_time now = system().recent_now();
    if (is_plain(r) && r.deadline > now) {
      quiet = begin_plain(r, now);
    } else {
      begin(r);
      quiet = false;
    }
  }
}

bool activation::run_only() noexcept {
  detail::message* const only = inbox_.only_one();
  if (only == nullptr || !type_->plain || known_crowd() != nullptr || !is_quiet()) return false;
  if (only->as != detail::message::role::request) return false;
  auto& r = static_cast<detail::request&>(*only);
  const steady_time now = system().recent_now();
  if (!is_plain(r) || r.deadline <= now) return false;
  if (begin_plain(r, now) && !system().draining()) {
    const bool spared = spare_plain_work();
    if (inbox_.rest_after(*only)) return true;
    if (spared) claim_work();
  }
  take_in(inbox_.take_after(*only));
  return false;
}

bool activation::take_at_once(detail::awaited_call& call) noexcept {
  if (!type_->plain || system().draining() || !inbox_.seize()) return false;
  detail::request& r = *call.node;
  claim_work();
  if (!is_quiet() || known_crowd() != nullptr) {
    r.next = nullptr;
    r.found_busy = false;
    work_->backlog = &r;
    work_->straight = false;
    system().executor().submit(*this);
    return true;
  }
  {
    const strand_scope scope(*this);
    call.now = detail::awaited_call::at_once::running;
    ++calls_at_once.depth;
    bool is_done = false;
    if (is_plain(r)) {
      is_done = begin_plain(r, r.sent);
    } else {
      begin(r);
    }
    --calls_at_once.depth;
    // From here on another thread may have the strand, and answer.
    if (call.now == detail::awaited_call::at_once::running) call.now = detail::awaited_call::at_once::no;
    if (is_done) {
      static_cast<void>(spare_plain_work());
    } else {
      is_done = is_quiet() || decide(facts()) == step::rest;
      if (is_done) static_cast<void>(spare_work());
    }
    if (!is_done || !inbox_.rest(false)) system().executor().submit(*this);
  }
  return true;
}

bool activation::begin_plain(detail::request& r, steady_time now) noexcept {
  turn& t = work_->running;
  t.clear();
  t.plain = true;
  t.running = true;
  ++work_->turns_running;
  t.request = &r;
  t.serial = ++serials_;
  t.started = now;
  t.deadline = r.deadline;
  if (r.caller != nullptr && r.caller->chain) t.overlapping().chain = r.caller->chain;
  system().counters().turns.add_one();
  const turn_scope scope(t);
  std::exception_ptr failure;
  try {
    t.root = r.start(*resident_->self);
  } catch (...) {
    failure = std::current_exception();
  }
  if (t.root) {
    t.suspended = true;
    t.root.promise().listener = &t;
    t.root.resume();
    return false;
  }
  if (failure || !is_done_with(t)) {
    end_turn(t, std::move(failure));
    return false;
  }
  end_plain(t);
  return true;
}

bool activation::is_done_with(const turn& t) const noexcept {
  if (!t.plain || resident_->where != phase::active) return false;
  const persistence* store = resident_->store.get();
  if (store == nullptr) return true;
  return !t.edited && !store->pending() && !store->reminders_changed() && !resident_->save_due && work_->gate.empty();
}

void activation::end_plain(turn& t) noexcept {
  if (t.edited) {
    for (auto* cell = resident_->self->cells_; cell != nullptr; cell = cell->next) cell->forget();
  }
  if (this_turn == &t) this_turn = nullptr;  // what follows is nobody's turn
  resident_->erased = false;
  // A plain handler begins and ends in one go.
  const steady_time used = t.suspended ? system().recent_now() : t.started;
  last_used.store(idle_ticks(used), std::memory_order_relaxed);
  resident_->used = true;
  work_->turns_running = 0;
  t.running = false;
  detail::request* r = std::exchange(t.request, nullptr);
  if (!t.one_way.empty()) send_all(t.one_way);
  r->complete(nullptr);
}

}  // namespace troupe::internal
