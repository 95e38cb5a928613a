#include <stdexcept>
#include <utility>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/current_strand.hpp"
#include "core/delivery_request.hpp"
#include "core/failure_text.hpp"
#include "core/resident.hpp"

namespace troupe::internal {

std::coroutine_handle<> turn::root_done() noexcept {
  owner_->on_turn_done(*this);
  return std::noop_coroutine();
}

void activation::begin_next() noexcept {
  turn* outer = nullptr;
  if (detail::request* r = take_next(outer); r != nullptr) begin(*r, outer);
}

void activation::begin(detail::request& r, turn* outer) noexcept {
  if (r.special && !r.wanted()) {
    r.complete(nullptr);
    return;
  }
  const steady_time now = system().recent_now();
  if (r.deadline <= now) {
    r.complete(expired(r, errc::timeout, 0));
    return;
  }
  if (outer != nullptr) {
    if (auto why = refuse_inside(r)) {
      r.complete(std::move(why));
      return;
    }
  } else if (r.special && !resident_->store && needs_store(r)) {
    load_before(r);
    return;
  }
  if (r.durable && !admit(static_cast<delivery_request&>(r))) return;
  begin_request(r, outer, now);
}

void activation::load_before(detail::request& r) noexcept {
  if (!is_stored_type()) {
    r.complete(std::make_exception_ptr(
        error(errc::invalid_argument, "actor " + display() + ": " + std::string(r.name()) +
                                          " came with an idempotency key or is durable, which needs a stored actor, "
                                          "and this type's durability is none")));
    return;
  }
  work_->waiting.push_front(r);
  resident_->store = std::make_unique<persistence>(*this, type_->info.options, system().random());
  resident_->late_load = true;
  begin_load(phase::reloading);
}

inline void activation::begin_request(detail::request& r, turn* outer, steady_time now) noexcept {
  turn& t = claim_turn();
  t.clear();
  t.plain = type_->plain && !r.special && outer == nullptr;
  t.request = &r;
  t.deadline = r.deadline;
  if (type_->overlaps) {
    t.mode = mode_of(r);
    t.began_after = seldom().activation.changes;
  }
  note_begun(t);
  t.serial = ++serials_;
  t.started = now;
  if (r.caller != nullptr && r.caller->chain) t.overlapping().chain = r.caller->chain;
  if (outer != nullptr) begin_inside(t, *outer);
  system().counters().turns.add_one();
  if (r.special && !r.idempotency_key().empty() && replay_reply(t)) return;
  if (r.durable) receive_with_turn(t, static_cast<delivery_request&>(r));
  const bool around = !r.context.empty() || !type_->filters.empty();
  run_turn(t, [&] {
    if (around) begin_around(t);
    return r.start(*resident_->self);
  });
}

template <class Begin>
void activation::run_turn(turn& t, Begin begin) noexcept {
  const turn_scope scope(t);
  std::exception_ptr failure;
  try {
    t.root = begin();
  } catch (...) {
    failure = std::current_exception();
  }
  if (!t.root) {
    end_turn(t, std::move(failure));
    return;
  }
  t.suspended = true;
  t.root.promise().listener = &t;
  t.root.resume();
}

bool activation::replay_reply(turn& t) noexcept {
  detail::request& r = *t.request;
  const auto* known = resident_->store->requests().find(r.idempotency_key(), system().clock().wall_now());
  if (known == nullptr) return false;
  std::exception_ptr failure;
  try {
    r.decode_reply(known->reply);
  } catch (...) {
    failure = make_error(errc::invalid_argument,
                         "actor " + display() + ": idempotency key \"" + std::string(r.idempotency_key()) +
                             "\" was used before, and the reply it got then does not fit " + std::string(r.name()) +
                             " (" + describe(std::current_exception()) +
                             "); a key is one per actor, whatever the method: say in it what it is for");
  }
  if (t.overlap && t.overlap->outer != nullptr) t.overlap->outer->overlap->inner = nullptr;
  note_ended(t);
  t.request = nullptr;
  system().counters().replayed_replies.fetch_add(1, std::memory_order_relaxed);
  // The reply may be of a turn whose commit is still under way: its fate is that of the record with the key, and it
  // stays in its place among the outputs that wait. That turn may have made calls.
  settle({.sequence = known->sequence, .reply = &r, .failure = std::move(failure), .called = true});
  return true;
}

void activation::begin_hook(turn_kind kind, const std::function<task<void>()>& hook) noexcept {
  turn& t = claim_turn();
  t.clear();
  note_begun(t);
  t.kind = kind;
  t.request = nullptr;
  t.deadline = steady_time::max();
  t.serial = ++serials_;
  t.started = system().coarse_now();
  run_turn(t, [&] { return detail::as_base(hook().release()); });
}

void activation::on_turn_done(turn& t) noexcept {
  const auto root = std::exchange(t.root, nullptr);
  std::exception_ptr failure = root.promise().failure;
  if (!failure && t.request != nullptr) {
    try {
      t.request->take_result(root);
    } catch (...) {
      failure = std::current_exception();
    }
  }
  root.destroy();
  end_turn(t, std::move(failure));
}

void activation::end_turn(turn& t, std::exception_ptr failure) noexcept {
  if (!failure && is_done_with(t)) {
    end_plain(t);
    return;
  }
  if (failure) failure = after_calls(t, std::move(failure));
  if (t.filters_begun != 0) end_around(t, failure);
  if (t.overlap && t.overlap->outer != nullptr) {
    end_inside(t, std::move(failure));
    return;
  }
  std::uint64_t gate = resident_->store && saves_every_turn() ? resident_->store->recorded() : 0;
  if (resident_->where == phase::failed) {
    // The actor's memory holds what was never saved: whatever this turn says is built on it.
    failure = after_calls(t, work_->failure);
    if (t.request != nullptr && is_conflict(failure)) count_conflict();
    gate = 0;
    undo_turn(t);
  } else if (failure) {
    undo_turn(t);
  } else {
    if (t.mode == reentrancy::interleave) failure = check_conflict(t);
    if (!failure) failure = record_turn(t, gate);
    if (failure) {
      failure = after_calls(t, std::move(failure));
      undo_turn(t);
    }
  }
  if (this_turn == &t) this_turn = nullptr;  // what follows is nobody's turn
  const turn_kind kind = t.kind;
  const bool leaves = t.deactivate || (t.erase && !failure);
  resident_->erased = t.erase && !failure;
  if (leaves && resident_->where == phase::active) resident_->leave = deactivation_reason::requested;
  if (resident_->erased && !resident_->store && is_stored_type()) {
    gate = erase_what_is_stored();
    work_->late_messages = std::move(t.messages);
  } else if (t.messages && !is_loaded()) {
    gate = record_when_loaded(std::move(t.messages));
  }
  gated_output output{.sequence = gate, .reply = t.request, .failure = failure, .called = t.calls_in_doubt != 0};
  if (!failure) output.one_way = std::move(t.one_way);
  if (gate == 0 && !output.one_way.empty() && !work_->gate.empty()) {
    // The reply need not wait, by the actor's policy, but its tells stay behind those of earlier turns.
    work_->gate.hold({.sequence = resident_->store->recorded(), .one_way = std::exchange(output.one_way, {})});
  }
  if (t.request == nullptr || t.request->keeps_alive()) {
    // A plain handler begins and ends in one go.
    const steady_time used = t.suspended ? system().recent_now() : t.started;
    last_used.store(idle_ticks(used), std::memory_order_relaxed);
    resident_->used = resident_->used || (t.request != nullptr && !t.request->needs_store);
  }
  note_ended(t);
  t.request = nullptr;
  t.one_way.abandon();
  settle(std::move(output));
  if (kind != turn_kind::message) {
    after_hook(kind, failure);
  } else if (resident_->save_due && resident_->where == phase::active) {
    save_now();
  }
  if (resident_->store && resident_->where != phase::failed) resident_->store->flush(system().port());
}

}  // namespace troupe::internal
