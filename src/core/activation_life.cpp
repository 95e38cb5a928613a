#include <string>
#include <utility>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/cell_names.hpp"
#include "core/failure_text.hpp"
#include "core/resident.hpp"

namespace troupe::internal {
namespace {

class load_work final : public load_ticket {
 public:
  void run() noexcept override { owner->on_load_done(); }
};

class items_look final : public item_ticket {
 public:
  using item_ticket::item_ticket;
  void run() noexcept override { owner->on_items_looked(); }
};

}  // namespace

bool activation::saves_every_turn() const noexcept {
  return type_->info.options.persistence.what() == durability::kind::every_turn;
}

bool activation::uses_store() const noexcept {
  return type_->info.options.persistence.what() != durability::kind::none &&
         (resident_->self->cells_ != nullptr || resident_->self->logs_ != nullptr || resident_->self->keeps_items_ ||
          type_->info.handles_reminders);
}

void activation::activate() noexcept {
  while (!work_->waiting.empty() && !work_->waiting.front()->wanted()) pop_waiting()->complete(nullptr);
  if (work_->waiting.empty()) return;
  if (const std::exception_ptr refusal = system().quarantine().refusal(*this)) {
    fail_waiting(refusal);
    return;
  }
  resident_->where = phase::loading;
  last_used.store(idle_ticks(system().now()), std::memory_order_relaxed);
  system().on_resident();
  try {
    resident_->self = type_->info.make();
    if (resident_->self == nullptr) throw std::logic_error("its factory returned null");
    resident_->self->activation_ = this;
    check_cell_names(resident_->self->cells_);
    check_log_names(resident_->self->logs_);
  } catch (...) {
    const auto why =
        make_error(errc::activation_failed,
                   "actor " + display() + " could not be constructed: " + describe(std::current_exception()));
    system().quarantine().note_failure(*this, why);
    fail_waiting(why);
    vanish();
    return;
  }
  if (uses_store()) {
    resident_->store = std::make_unique<persistence>(*this, type_->info.options, system().random());
    begin_load(phase::loading);
  } else {
    start();
  }
}

void activation::begin_load(phase next) noexcept {
  resident_->where = next;
  work_->loading_since = system().coarse_now();
  work_->loading = std::make_unique<load_work>();
  work_->loading->owner = this;
  work_->loading->actor = id();
  if (next == phase::loading && !may_load()) return;
  system().port().load(*work_->loading);
}

void activation::on_load_done() noexcept {
  const std::unique_ptr<load_ticket> ticket = std::move(work_->loading);
  spi::load_result& result = ticket->result;
  const bool first = resident_->where == phase::loading;
  const bool late = resident_->late_load;
  resident_->late_load = false;
  std::exception_ptr failure;
  const bool unreadable = result.status != spi::read_status::unavailable;
  if (result.status != spi::read_status::ok) {
    const errc code = result.status == spi::read_status::damaged ? errc::bad_state : errc::unavailable;
    failure = make_error(code, "actor " + display() + " could not be loaded: " + result.message);
  } else if (!first && !late && result.image.stamp != resident_->store->stamp()) {
    failure = make_error(errc::conflict, "actor " + display() + " was written by someone else");
  } else {
    try {
      const std::size_t upgraded = resident_->store->adopt(std::move(result.image), resident_->self->cells_,
                                                           system().now(), system().clock().wall_now());
      if (upgraded != 0) system().counters().upgraded_cells.fetch_add(upgraded, std::memory_order_relaxed);
    } catch (...) {
      failure = make_error(errc::bad_state, "actor " + display() + ": " + describe(std::current_exception()));
    }
  }
  const bool looks = first && !failure && resident_->store->items_decide();
  if (first && !looks) let_next_load();
  if (failure && (first || (late && !runs_turn()))) {
    if (unreadable) system().quarantine().note_failure(*this, failure);
    for (gated_output& output : work_->gate.take_all()) fail(std::move(output), failure);
    fail_waiting(failure);
    vanish();
  } else if (failure) {
    fail_activation(failure);
  } else if (looks) {
    look_for_items();
  } else if (first) {
    announce_due();
    start();
  } else {
    resident_->rollback_wanted = false;
    resident_->where = phase::active;
    if (resident_->late_erase) {
      resident_->late_erase = false;
      erase_loaded();
    } else if (work_->late_messages) {
      record_loaded();
    }
    pump_outbox();
  }
}

void activation::look_for_items() noexcept {
  work_->looking = std::make_unique<items_look>(*this);
  work_->looking->query.actor = id();
  work_->looking->query.limit = 1;
  system().port().read(*work_->looking);
}

void activation::on_items_looked() noexcept {
  const std::unique_ptr<item_ticket> ticket = std::move(work_->looking);
  let_next_load();
  const spi::item_result& found = ticket->result;
  if (found.status == spi::read_status::ok && found.items.empty()) resident_->store->note_no_items();
  announce_due();
  start();
}

void activation::erase_loaded() noexcept {
  persistence& store = *resident_->store;
  const std::uint64_t record = store.recorded() + 1;
  const auto messages = std::move(work_->late_messages);
  if (store.stamp().version == 0 && !messages) {
    for (gated_output& output : work_->gate.release(record)) deliver(std::move(output));
    return;
  }
  try {
    static_cast<void>(store.record_turn(id(), resident_->self->cells_, system().port().limits(),
                                        {.erase = true, .messages = messages.get()}, system().clock().wall_now()));
  } catch (...) {
    fail_activation(std::current_exception());
    return;
  }
  store.flush(system().port());
}

void activation::start() noexcept {
  resident_->where = phase::starting;
  begin_hook(turn_kind::on_activate, [this] { return resident_->self->on_activate(); });
}

void activation::after_hook(turn_kind kind, const std::exception_ptr& failure) noexcept {
  if (kind == turn_kind::on_activate) {
    if (failure) {
      const auto why =
          make_error(errc::activation_failed, "actor " + display() + ": on_activate failed: " + describe(failure));
      if (resident_->where != phase::failed) system().quarantine().note_failure(*this, why);
      fail_waiting(why);
      if (resident_->where != phase::failed) resident_->where = phase::leaving;
      resident_->rollback_wanted = false;
    } else {
      resident_->where = phase::active;
      system().counters().activations.fetch_add(1, std::memory_order_relaxed);
      system().quarantine().note_success(*this);
      system().file_idle(*this);
      pump_outbox();
    }
    return;
  }
  if (failure) system().log_failure("on_deactivate of " + display(), failure);
  if (resident_->where == phase::failed) return;
  resident_->rollback_wanted = false;
  if (resident_->store && resident_->store->unsaved) save_now();
  if (resident_->store && resident_->where != phase::failed) record_mail(true);
  if (resident_->where == phase::failed) return;
  resident_->where = phase::leaving;
}

void activation::begin_deactivation() noexcept {
  const deactivation_reason reason = resident_->leave.value_or(deactivation_reason::shutdown);
  resident_->leave = reason;
  resident_->where = phase::stopping;
  system().idle().remove(*this);
  if (resident_->erased) {
    resident_->where = phase::leaving;
    return;
  }
  begin_hook(turn_kind::on_deactivate, [this, reason] { return resident_->self->on_deactivate(reason); });
}

void activation::vanish() noexcept {
  announce_outbox();
  system().idle().remove(*this);
  stop_watch();
  work_->end_activation();
  const detached gone = detach();
  system().on_vanished();
}

void activation::on_expired(deactivation_reason reason) noexcept {
  // An actor that undoes a turn is filed anew like one that runs one: nobody else would file it afterwards.
  const bool undoing = resident_ && resident_->where == phase::reloading;
  if (!resident_ || (resident_->where != phase::active && !undoing)) return;
  const seldom_needed* there = seldom_.load(std::memory_order_acquire);
  const steady_time keep_until = there == nullptr ? steady_time() : there->activation.keep_until;
  const bool kept = reason == deactivation_reason::idle && system().now() < keep_until;
  const auto unused = idle_ticks(system().now()) - last_used.load(std::memory_order_relaxed);
  const bool used = reason == deactivation_reason::idle && unused < type_->info.options.idle_timeout.count();
  const mail* post = outgoing_mail();
  const bool sending = post != nullptr && post->out.under_way() > 0;
  if (runs_turn() || !work_->waiting.empty() || undoing || sending || kept || used) {
    // It is used after all: filed anew, a kept one under the time it may be idle from.
    if (!used) {
      const steady_time from = kept ? keep_until - type_->info.options.idle_timeout : system().now();
      last_used.store(idle_ticks(from), std::memory_order_relaxed);
    }
    system().file_idle(*this);
    return;
  }
  resident_->leave = reason;
}

}  // namespace troupe::internal
