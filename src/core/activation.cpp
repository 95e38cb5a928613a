#include "core/activation.hpp"

#include <cassert>
#include <new>
#include <stdexcept>
#include <utility>

#include "core/actor_system.hpp"
#include "core/crowd.hpp"
#include "core/current_strand.hpp"
#include "core/later.hpp"
#include "core/resident.hpp"

namespace troupe::internal {
namespace {

/// Turns, and continuations of suspended ones, that an activation may run before it lets others have the worker.
constexpr int steps_per_run = 64;

}  // namespace

activation* activation::make(actor_system& system, const hosted_type& type, std::string_view key, std::size_t hash) {
  void* memory = ::operator new(sizeof(activation) + key.size());
  auto* made = new (memory) activation(system, type, key.size(), hash);
  key.copy(made->key_bytes(), key.size());
  return made;
}

activation::activation(actor_system& system, const hosted_type& type, std::size_t key_size, std::size_t hash) noexcept
    : crowd_from_(type.crowd_from),
      system_(&system),
      type_(&type),
      hash_(hash),
      key_size_(static_cast<std::uint16_t>(key_size)) {}

activation::~activation() { delete crowd_.load(std::memory_order_relaxed); }

void activation::destroy(activation* self) noexcept {
  self->~activation();
  ::operator delete(self);
}

void activation::release() noexcept {
  // Only the directory may drop the last reference, under its lock: a look-up could be handing out another one.
  std::uint32_t count = references_.load(std::memory_order_relaxed);
  while (count > 1) {
    if (references_.compare_exchange_weak(count, count - 1, std::memory_order_acq_rel, std::memory_order_relaxed)) {
      return;
    }
  }
  system_->directory().release_last(*this);
}

std::string_view activation::type_name() const noexcept { return type_->info.name; }

template <bool Counted>
pushed activation::push_as(detail::message& m, [[maybe_unused]] unsigned crowd_from) noexcept {
  bool held = false;  // the reference that a place has while it is not dormant
  const auto before_waking = [this, &held] {
    if (!std::exchange(held, true)) retain();
  };
  pushed found{};
  if constexpr (Counted) {
    found = inbox_.push_counted(m, before_waking, crowd_from);
  } else {
    found = inbox_.push(m, before_waking);
  }
  if (found == pushed::onto_dormant) system_->on_awake();
  if (found == pushed::onto_dormant || found == pushed::onto_resting) system_->executor().submit(*this);
  if (found == pushed::nowhere) m.refuse();
  if (held && found != pushed::onto_dormant) release();
  return found;
}

void activation::push(detail::message& m) noexcept { static_cast<void>(push_as<false>(m, 0)); }

pushed activation::push_counted(detail::request& r) noexcept { return push_as<true>(r, mailbox_word::crowd_never); }

void activation::offer(detail::request& r, const sender& by, load_tally& tally) noexcept {
  r.refusable = true;
  r.from = by.hash;
  const std::uint32_t units = r.units;  // once pushed, the request may be gone
  crowd* const here = crowd_.load(std::memory_order_acquire);
  if ((here != nullptr && here->is_there()) || system_->load().refuses(by.kind)) {
    offer_to_crowd(r, by, here, tally);
    return;
  }
  const pushed found = push_as<true>(r, crowd_from_);
  if (found == pushed::onto_busy) tally.add(units);
  if (found == pushed::crowded) offer_to_crowd(r, by, crowd_here(), tally);
}

void activation::offer(detail::request& r, const sender& by) noexcept {
  load_tally tally(system_->load());
  offer(r, by, tally);
}

void activation::run() noexcept {
  const strand_scope scope(*this);
  int budget = steps_per_run;
  for (;;) {
    drain(budget);
    while (budget > 0 && take_step()) --budget;
    if (type_->overlaps && budget > 0) on_held_up();
    if (waiting_.count() != counted_messages_ || crowd_.load(std::memory_order_relaxed) != nullptr) {
      balance();
    }
    if (budget <= 0) {
      system_->executor().submit(*this);
      return;
    }
    const bool as_dormant = !resident_;
    if (inbox_.rest(as_dormant)) {
      if (as_dormant) {
        actor_system& system = *system_;
        release();
        system.on_dormant();
      }
      return;
    }
  }
}

void activation::drain(int& budget) noexcept {
  if (backlog_ == nullptr) backlog_ = inbox_.take();
  while (backlog_ != nullptr && budget > 0) {
    detail::message* m = backlog_;
    backlog_ = std::exchange(m->next, nullptr);
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
      refuse_returning(resident_->failure);  // the turn that waits for it is lost already
      return;
    }
  } else {
    join_line(r);
  }
  on_call_queued(r);
}

// Inlined, so that what the decision needs stays in registers: a struct in memory, written byte by byte and read whole,
// costs a tenth of a message.
[[gnu::always_inline]] inline life_facts activation::facts() noexcept {
  life_facts f;
  f.has_request = !waiting_.empty();
  if (!resident_) return f;
  f.where = resident_->where;
  f.has_request = f.has_request || !resident_->returning.empty();
  f.turn_running = resident_->turns_running > 0;
  f.may_overlap = f.turn_running && may_begin_beside();
  f.rollback_wanted = resident_->rollback_wanted;
  if (resident_->store) {
    f.commit_pending = resident_->store->pending();
    f.commit_in_flight = resident_->store->in_flight();
  }
  f.deactivate_wanted = resident_->leave.has_value() || (system_->draining() && !f.has_request);
  return f;
}

bool activation::is_ready() const noexcept {
  return resident_ && resident_->where == phase::active && resident_->turns_running == 0 &&
         !resident_->rollback_wanted && !resident_->leave && !waiting_.empty();
}

bool activation::take_step() noexcept {
  if (is_ready()) {
    assert(decide(facts()) == step::begin_turn);
    begin_turn();
    return true;
  }
  switch (decide(facts())) {
    case step::rest:
      return false;
    case step::activate:
      activate();
      return true;
    case step::begin_turn:
      begin_turn();
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

bool activation::runs_turn() const noexcept { return resident_ && resident_->turns_running > 0; }

void activation::check_may_change(turn& t, const char* what) const {
  if (t.outermost().mode != reentrancy::read_only) return;
  throw std::logic_error(std::string(what) + (&t == &t.outermost() ? " in" : " in a turn inside") +
                         " a read_only turn of " + display());
}

turn* activation::own_turn() noexcept { return this_strand == this ? this_turn : nullptr; }

void activation::mark_edited(detail::cell_base& cell) {
  turn* t = own_turn();
  if (t == nullptr) throw std::logic_error("troupe::state: edited outside a turn of " + display());
  check_may_change(*t, "troupe::state: edited");
  if (t->overlap || t->mode == reentrancy::interleave) keep_before_edit(*t, cell);
  if (!saves_every_turn() && t->outermost().mode != reentrancy::interleave) cell.keep();
  t->edited = true;
}

void activation::erase_with_turn() {
  turn* t = own_turn();
  if (t == nullptr) throw std::logic_error("troupe::actor: erased outside a turn of " + display());
  if (t->kind == turn_kind::on_activate)
    throw std::logic_error("troupe::actor: erase() in on_activate of " + display());
  check_may_change(*t, "troupe::actor: erase()");
  if (t->outermost().mode == reentrancy::interleave) {
    throw std::logic_error("troupe::actor: erase() in an interleaved turn of " + display() +
                           ": others may be under way; do it in a method that is exclusive<...>");
  }
  t->erase = true;
}

void activation::deactivate_with_turn() {
  turn* t = own_turn();
  if (t == nullptr) throw std::logic_error("troupe::actor: deactivated outside a turn of " + display());
  if (t->kind == turn_kind::on_activate) {
    throw std::logic_error("troupe::actor: deactivate() in on_activate of " + display() +
                           ": the message that woke it would wake it again; throw to refuse the activation");
  }
  t->deactivate = true;
}

void activation::request_deactivation(deactivation_reason reason) noexcept {
  if (resident_) resident_->leave = reason;
}

void activation::keep_alive(std::chrono::milliseconds span) noexcept {
  resident_->keep_until = later(system_->now(), span);
}

void activation::close() noexcept {
  const mailbox_word::remains left = inbox_.close();
  counted_ = !left.was_dormant;
  detail::message** end = &backlog_;
  while (*end != nullptr) end = &(*end)->next;
  *end = left.messages;
}

void activation::drop_messages() noexcept {
  while (backlog_ != nullptr) {
    detail::message* m = backlog_;
    backlog_ = std::exchange(m->next, nullptr);
    m->abandon();
  }
  while (detail::request* r = pop_waiting()) r->abandon();
  if (!resident_) return;
  for (gated_output& output : resident_->gate.take_all()) {
    if (output.reply != nullptr) output.reply->abandon_in_doubt();
    for (const outgoing& message : output.one_way) message.request->abandon();
    if (output.call.request != nullptr) output.call.request->abandon();
  }
  while (detail::request* r = resident_->returning.pop()) r->abandon();
  for_each_turn([](turn& t) {
    for (const outgoing& message : t.one_way) message.request->abandon();
    t.one_way.clear();
    if (t.request != nullptr) t.request->abandon();
    t.request = nullptr;
  });
}

void activation::retire() noexcept {
  if (counted_) release();
}

void activation::drop_resident() noexcept {
  if (!resident_) return;
  for_each_turn([](turn& t) {
    if (t.root) t.root.destroy();
  });
  system_->idle().remove(resident_->idle);
  resident_.reset();
}

}  // namespace troupe::internal
