#include <cassert>
#include <utility>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/current_strand.hpp"
#include "core/resident.hpp"

// What a strand does when it has the thread: takes what came, and goes step by step.

namespace troupe::internal {
namespace {

/// Turns, and continuations of suspended ones, that an activation may run before it lets others have the worker.
constexpr int steps_per_run = 64;

}  // namespace

void activation::run() noexcept {
  const strand_scope scope(*this);
  calls_at_once.left = calls_at_once.most;
  if (!time_here.goes_on) time_here.uses = 0;
  claim_work();
  if (work_->backlog == nullptr && run_only()) return;
  int budget = steps_per_run;
  for (;;) {
    take_in();
    if (work_->straight) go_straight(budget);
    if (!work_->straight) drain(budget);
    while (budget > 0 && take_step()) --budget;
    if (type_->overlaps && budget > 0) on_held_up();
    if (work_->waiting.count() != work_->counted_messages || known_crowd() != nullptr) {
      balance();
    }
    if (budget <= 0) {
      system().executor().submit(*this);
      return;
    }
    const bool as_dormant = !resident_;
    const bool spared = spare_work();
    if (inbox_.rest(as_dormant)) {
      if (as_dormant) {
        actor_system& of = system();
        release();
        of.on_dormant();
      }
      return;
    }
    if (spared) claim_work();
  }
}

void activation::take_in() noexcept {
  if (work_->backlog != nullptr) {
    if (!work_->straight || !inbox_.has_more()) return;
    // Whoever sent what came since is not to wait behind all of it.
    while (work_->backlog != nullptr)
      join_line(static_cast<detail::request&>(*std::exchange(work_->backlog, work_->backlog->next)));
  }
  take_in(inbox_.take());
}

void activation::take_in(const message_batch& batch) noexcept {
  work_->backlog = batch.oldest;
  work_->straight = type_->plain && !batch.has_work && (batch.count < waiting_line::rounds_from || !batch.is_mixed) &&
                    work_->waiting.empty() && known_crowd() == nullptr;
}

void activation::drain(int& budget) noexcept {
  while (work_->backlog != nullptr && budget > 0) {
    detail::message* m = work_->backlog;
    work_->backlog = std::exchange(m->next, nullptr);
    if (m->as == detail::message::role::work) {
      m->run();
      --budget;
    } else {
      auto& r = static_cast<detail::request&>(*m);
      if (r.caller == nullptr || !runs_turn()) {
        join_line(r);
      } else {
        queue_behind_turn(r);
      }
    }
  }
}

void activation::queue_behind_turn(detail::request& r) noexcept {
  if (comes_back(r)) {
    pass_line(r);
    if (resident_->where == phase::failed) {
      refuse_returning(work_->failure);  // the turn that waits for it is lost already
      return;
    }
  } else {
    join_line(r);
  }
  on_call_queued(r);
}

life_facts activation::facts() noexcept {
  life_facts f;
  f.has_request = !work_->waiting.empty();
  if (!resident_) return f;
  f.where = resident_->where;
  f.has_request = f.has_request || !work_->returning.empty();
  f.turn_running = work_->turns_running > 0;
  f.may_overlap = f.turn_running && may_begin_beside();
  f.rollback_wanted = resident_->rollback_wanted;
  if (resident_->store) {
    f.commit_pending = resident_->store->pending();
    f.commit_in_flight = resident_->store->in_flight();
  }
  f.deactivate_wanted = resident_->leave.has_value() || (system().draining() && !f.has_request);
  return f;
}

bool activation::runs_turn() const noexcept { return resident_ && work_->turns_running > 0; }

bool activation::take_step() noexcept {
  // What nearly every step is: a message of an active actor that does nothing, or nothing.
  if (resident_ && resident_->where == phase::active && !resident_->rollback_wanted && !resident_->leave &&
      work_->returning.empty()) {
    if (work_->waiting.empty()) {
      if (!system().draining()) return false;
    } else if (work_->turns_running == 0) {
      assert(decide(facts()) == step::begin_turn);
      begin(*pop_waiting());
      return true;
    }
  }
  switch (decide(facts())) {
    case step::rest:
      return false;
    case step::activate:
      activate();
      return true;
    case step::begin_turn:
      begin_next();
      return true;
    case step::reload:
      begin_load(phase::reloading);
      return true;
    case step::deactivate:
      begin_deactivation();
      return true;
    case step::vanish:
      vanish();
      return true;
  }
  return false;
}

}  // namespace troupe::internal
