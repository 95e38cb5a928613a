#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/current_strand.hpp"
#include "core/failure_text.hpp"
#include "core/resident.hpp"
#include "core/tell_strand.hpp"

// Turns of one actor that are under way at the same time: read_only and interleave turns beside each other, and turns
// of a call chain inside the one that waits for them.

namespace troupe::internal {

turn::overlap_state& turn::overlapping() {
  plain = false;
  has_extras = true;
  if (!overlap) overlap = std::make_unique<overlap_state>();
  return *overlap;
}

turn& turn::outermost() noexcept {
  turn* t = this;
  while (t->overlap && t->overlap->outer != nullptr) t = t->overlap->outer;
  return *t;
}

turn* turn::inner() const noexcept { return overlap ? overlap->inner : nullptr; }

turn& turn::innermost() noexcept {
  turn* t = this;
  while (t->inner() != nullptr) t = t->inner();
  return *t;
}

void turn::exchange_values() noexcept {
  turn& whole = outermost();
  if (whole.mode == reentrancy::interleave && whole.overlap) whole.overlap->values.exchange();
}

// ---- which message may begin beside the turns that run

reentrancy activation::mode_of(const detail::request& r) const noexcept {
  return type_->overlaps ? r.mode().value_or(type_->info.options.reentrant) : reentrancy::none;
}

bool activation::is_held_up_by(const turn& t, const detail::request& r) const noexcept {
  const reentrancy mode = mode_of(r);
  if (mode != reentrancy::read_only && mode != reentrancy::interleave) return true;
  if (t.mode != mode || resident_->leave) return true;
  if (!is_loaded() && needs_store(r)) return true;  // its state must be loaded first
  // The second of two calls with one key gets what the first one was answered.
  const std::string_view key = r.idempotency_key();
  return !key.empty() && t.request != nullptr && t.request->idempotency_key() == key;
}

bool activation::may_begin_beside() noexcept {
  if (!type_->overlaps) return false;
  for (const detail::request* r = work_->returning.front(); r != nullptr; r = request_list::next_of(*r)) {
    const turn* outer = turn_that_waits_for(*r);
    if (outer != nullptr && outer->inner() == nullptr) return true;
  }
  return next_fits();
}

bool activation::next_fits() noexcept {
  if (!type_->overlaps || work_->waiting.empty() || resident_->leave) return false;
  const detail::request& next = *work_->waiting.front();
  const reentrancy mode = mode_of(next);
  if (seldom().activation.turns_of[static_cast<std::size_t>(mode)] != work_->turns_running) return false;
  if (mode != reentrancy::read_only && mode != reentrancy::interleave) return false;
  if (next.idempotency_key().empty()) return is_loaded() || !needs_store(next);
  bool fits = true;
  for_each_turn([&](const turn& t) { fits = fits && !is_held_up_by(t, next); });
  return fits;
}

turn* activation::turn_numbered(std::uint64_t serial) noexcept {
  turn* found = nullptr;
  for_each_turn([&](turn& t) {
    if (t.serial == serial) found = &t;
  });
  return found;
}

turn* activation::turn_that_waits_for(const detail::request& r) noexcept {
  for (auto* link = r.caller->chain.get(); link != nullptr; link = link->outer.get()) {
    if (link->actor != this) continue;
    if (turn* t = turn_numbered(link->turn); t != nullptr) return t;
  }
  return nullptr;
}

bool activation::comes_back(const detail::request& r) noexcept {
  return type_->comes_back && r.caller != nullptr && r.caller->chain && resident_ &&
         (resident_->where == phase::active || resident_->where == phase::failed) &&
         mode_of(r) == reentrancy::call_chain && turn_that_waits_for(r) != nullptr;
}

void activation::refuse_returning(const std::exception_ptr& why) noexcept {
  while (detail::request* r = work_->returning.pop()) r->complete(why);
}

detail::request* activation::take_next(turn*& outer) noexcept {
  const auto ready = [&](const detail::request& r) {
    outer = turn_that_waits_for(r);
    return outer != nullptr ? outer->inner() == nullptr : !runs_turn();
  };
  std::size_t passed = 0;
  if (detail::request* r = work_->returning.take_if(ready, passed); r != nullptr) return r;
  outer = nullptr;
  return pop_waiting();
}

turn& activation::claim_beside() {
  constexpr std::size_t kept_max = 16;
  auto& beside = seldom().activation.beside;
  auto& spare = seldom().activation.spare;
  if (spare.empty()) return *beside.emplace_back(std::make_unique<turn>(*this));
  turn& taken = *spare.back();
  spare.pop_back();
  if (beside.size() > kept_max && spare.size() > beside.size() / 4 * 3) {
    // A burst is over: let the memory go.
    std::erase_if(beside, [&](const auto& t) { return !t->running && t.get() != &taken; });
    spare.clear();
  }
  return taken;
}

// ---- turns inside others

std::exception_ptr activation::refuse_inside(const detail::request& r) const noexcept {
  std::uint32_t depth = 0;
  for (auto* link = r.caller->chain.get(); link != nullptr; link = link->outer.get())
    depth += link->actor == this ? 1 : 0;
  const std::string call = name_of(*this, r);
  if (depth >= type_->info.options.call_chain_depth_max) {
    return make_error(errc::too_deep, "the call of " + call +
                                          " was not begun: its chain of calls has come back to the actor " +
                                          std::to_string(depth) +
                                          " times, the limit; end the recursion, or raise call_chain_depth_max");
  }
  const bool known = !r.idempotency_key().empty() && resident_->store &&
                     resident_->store->requests().find(r.idempotency_key(), system().clock().wall_now()) != nullptr;
  if (!r.idempotency_key().empty() && !known) {
    return make_error(
        errc::invalid_argument,
        "the call of " + call +
            " was not begun: it runs inside a turn that waits for it and is committed with that turn, so it "
            "cannot be remembered under an idempotency key of its own");
  }
  return nullptr;
}

void activation::begin_inside(turn& t, turn& outer) noexcept {
  t.overlapping().outer = &outer;
  outer.overlapping().inner = &t;
}

void activation::end_inside(turn& t, std::exception_ptr failure) noexcept {
  turn& outer = *t.overlap->outer;
  if (resident_->where == phase::failed) failure = after_calls(t, work_->failure);
  if (failure) {
    t.overlap->values.put_back();
    t.one_way.abandon();
    t.messages.reset();
    t.parts.reset();
  } else {
    // Undone with the turn around it, from now on; the outermost has its own way to be undone.
    if (outer.overlap->outer != nullptr) t.overlap->values.hand_over(outer.overlap->values);
    outer.edited = outer.edited || t.edited;
    outer.erase = outer.erase || t.erase;
    outer.deactivate = outer.deactivate || t.deactivate;
    outer.one_way.append(std::move(t.one_way));
    hand_over_messages(t, outer);
    hand_over_parts(t, outer);
  }
  if (this_turn == &t) {
    t.exit();
    this_turn = nullptr;
  }
  outer.overlap->inner = nullptr;
  detail::request* reply = std::exchange(t.request, nullptr);
  note_ended(t);
  const std::uint64_t gate = resident_->store && saves_every_turn() ? resident_->store->recorded() : 0;
  settle({.sequence = gate, .reply = reply, .failure = std::move(failure), .called = t.calls_in_doubt != 0});
  if (!outer.overlap->later.empty()) {
    tell_strand(*this, [serial = outer.serial](activation& a) { a.resume_later(serial); });
  }
}

void activation::resume(detail::wait_scope& scope, std::coroutine_handle<> suspended) {
  turn& t = *scope.turn();
  if (t.inner() != nullptr) {
    t.overlap->later.emplace_back(&scope, suspended);
    return;
  }
  t.current = &scope;
  const turn_scope in(t);
  suspended.resume();
}

void activation::resume_later(std::uint64_t serial) noexcept {
  if (!resident_) return;
  turn* t = turn_numbered(serial);
  if (t == nullptr || !t->overlap) return;
  for (const auto& [scope, suspended] : std::exchange(t->overlap->later, {})) resume(*scope, suspended);
}

std::shared_ptr<const detail::chain_link> activation::chain_of(turn& t) {
  if (!type_->comes_back) return t.overlap ? t.overlap->chain : nullptr;
  auto& own = t.overlapping();
  if (!own.link) {
    own.link = std::make_shared<const detail::chain_link>(
        detail::chain_link{.actor = this, .turn = t.serial, .outer = own.chain});
  }
  return own.link;
}

// ---- what turns beside each other see of each other

void activation::keep_before_edit(turn& t, detail::revertible& what) {
  turn& whole = t.outermost();
  if (whole.mode == reentrancy::interleave) {
    turn_values& values = whole.overlapping().values;
    if (!values.has(what)) {
      if (what.changed_at > whole.began_after) {
        throw error(errc::conflict, "actor " + display() + ": \"" + std::string(what.name()) +
                                        "\" was changed by another of its turns since this one began; nothing of the "
                                        "turn was kept: read again, decide again");
      }
      values.keep(what);
    }
  }
  if (&whole != &t) t.overlapping().values.keep(what);
}

std::exception_ptr activation::check_conflict(const turn& t) const noexcept {
  if (t.mode != reentrancy::interleave) return nullptr;
  std::string what;
  if (t.overlap) {
    if (const auto* changed = t.overlap->values.changed_since(t.began_after); changed != nullptr)
      what = changed->name();
  }
  if (t.parts && what.empty()) {
    const kept_parts* known = resident_->store->parts();
    const std::string* key = known == nullptr ? nullptr : known->items.changed_since(t.parts->items);
    if (key != nullptr) what = to_display({}, *key).substr(1);
  }
  if (what.empty()) return nullptr;
  return make_error(errc::conflict, "actor " + display() + ": \"" + what +
                                        "\" was changed by another of its turns while this one waited; nothing of the "
                                        "turn was kept: read again, decide again");
}

}  // namespace troupe::internal
