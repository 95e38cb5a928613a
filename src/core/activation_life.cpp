#include <array>
#include <string>
#include <utility>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/cell_names.hpp"
#include "core/later.hpp"
#include "core/resident.hpp"

namespace troupe::internal {
namespace {

std::exception_ptr make_error(errc code, const std::string& what) { return std::make_exception_ptr(error(code, what)); }

std::string describe(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception that is not a std::exception";
  }
}

class load_work final : public load_ticket {
 public:
  void run() noexcept override { owner->on_load_done(); }
};

/// Rings when a write-behind interval is over.
class save_alarm final : public alarm {
 public:
  explicit save_alarm(activation& target) : target_(&target) { target.retain(); }
  save_alarm(const save_alarm&) = delete;
  save_alarm& operator=(const save_alarm&) = delete;
  ~save_alarm() override { target_->release(); }
  void ring() noexcept override {
    tell_strand(*target_, [](activation& a) { a.on_save_due(); });
  }

 private:
  activation* target_;
};

}  // namespace

bool activation::saves_every_turn() const noexcept {
  return type_->info.options.persistence.what() == durability::kind::every_turn;
}

bool activation::uses_store() const noexcept {
  return type_->info.options.persistence.what() != durability::kind::none &&
         (resident_->self->cells_ != nullptr || type_->info.handles_reminders);
}

void activation::activate() noexcept {
  while (!waiting_.empty() && !waiting_.front()->wanted()) waiting_.pop()->complete(nullptr);
  if (waiting_.empty()) return;
  resident_ = std::make_unique<resident>(*this);
  resident_->idle.owner = this;
  resident_->idle.type_index = type_->index;
  resident_->idle.last_used.store(idle_ticks(system_->now()), std::memory_order_relaxed);
  system_->on_resident();
  try {
    resident_->self = type_->info.make();
    resident_->self->activation_ = this;
    check_cell_names(resident_->self->cells_);
  } catch (...) {
    fail_waiting(make_error(errc::activation_failed,
                            "actor " + display() + " could not be constructed: " + describe(std::current_exception())));
    vanish();
    return;
  }
  if (uses_store()) {
    resident_->store = std::make_unique<persistence>(*this, type_->info.options.requests, system_->random());
    begin_load(phase::loading);
  } else {
    start();
  }
}

void activation::begin_load(phase next) noexcept {
  resident_->where = next;
  resident_->loading = std::make_unique<load_work>();
  resident_->loading->owner = this;
  resident_->loading->actor = id();
  system_->port().load(*resident_->loading);
}

void activation::on_load_done() noexcept {
  const std::unique_ptr<load_ticket> ticket = std::move(resident_->loading);
  spi::load_result& result = ticket->result;
  const bool first = resident_->where == phase::loading;
  const bool late = std::exchange(resident_->late_load, false);
  std::exception_ptr failure;
  if (result.status != spi::read_status::ok) {
    const errc code = result.status == spi::read_status::damaged ? errc::bad_state : errc::unavailable;
    failure = make_error(code, "actor " + display() + " could not be loaded: " + result.message);
  } else if (!first && !late && result.image.stamp != resident_->store->stamp()) {
    failure = make_error(errc::conflict, "actor " + display() + " was written by someone else");
  } else {
    try {
      resident_->store->adopt(std::move(result.image), resident_->self->cells_);
    } catch (...) {
      failure = make_error(errc::bad_state, "actor " + display() + ": " + describe(std::current_exception()));
    }
  }
  if (failure && (first || late)) {
    fail_waiting(failure);
    vanish();
  } else if (failure) {
    fail_activation(failure);
  } else if (first) {
    announce_due();
    start();
  } else {
    resident_->rollback_wanted = false;
    resident_->where = phase::active;
  }
}

void activation::start() noexcept {
  resident_->where = phase::starting;
  begin_hook(turn_kind::on_activate, [this] { return resident_->self->on_activate(); });
}

void activation::after_hook(turn_kind kind, const std::exception_ptr& failure) noexcept {
  if (kind == turn_kind::on_activate) {
    if (failure) {
      fail_waiting(
          make_error(errc::activation_failed, "actor " + display() + ": on_activate failed: " + describe(failure)));
      if (resident_->where != phase::failed) resident_->where = phase::leaving;
      resident_->rollback_wanted = false;
    } else {
      resident_->where = phase::active;
      system_->counters().activations.fetch_add(1, std::memory_order_relaxed);
      system_->file_idle(resident_->idle);
    }
    return;
  }
  if (failure) system_->log_failure("on_deactivate of " + display(), failure);
  if (resident_->where == phase::failed) return;
  resident_->rollback_wanted = false;
  if (resident_->store && resident_->store->unsaved) save_now();
  if (resident_->where == phase::failed) return;
  resident_->where = phase::leaving;
}

void activation::begin_deactivation() noexcept {
  const deactivation_reason reason = resident_->leave.value_or(deactivation_reason::shutdown);
  resident_->leave = reason;
  resident_->where = phase::stopping;
  system_->idle().remove(resident_->idle);
  if (resident_->erased) {
    resident_->where = phase::leaving;
    return;
  }
  begin_hook(turn_kind::on_deactivate, [this, reason] { return resident_->self->on_deactivate(reason); });
}

void activation::vanish() noexcept {
  system_->idle().remove(resident_->idle);
  const std::unique_ptr<resident> gone = std::move(resident_);
  system_->on_vanished();
}

void activation::on_expired(deactivation_reason reason) noexcept {
  // An actor that undoes a turn is filed anew like one that runs one: nobody else would file it afterwards.
  const bool undoing = resident_ && resident_->where == phase::reloading;
  if (!resident_ || (resident_->where != phase::active && !undoing)) return;
  const bool kept = reason == deactivation_reason::idle && system_->now() < resident_->keep_until;
  const auto unused = idle_ticks(system_->now()) - resident_->idle.last_used.load(std::memory_order_relaxed);
  const bool used = reason == deactivation_reason::idle && unused < type_->info.options.idle_timeout.count();
  if (running_turn() != nullptr || !waiting_.empty() || undoing || kept || used) {
    // It is used after all: filed anew, a kept one under the time it may be idle from.
    if (!used) {
      const steady_time from = kept ? resident_->keep_until - type_->info.options.idle_timeout : system_->now();
      resident_->idle.last_used.store(idle_ticks(from), std::memory_order_relaxed);
    }
    system_->file_idle(resident_->idle);
    return;
  }
  resident_->leave = reason;
}

void activation::on_commit_done() noexcept {
  persistence& store = *resident_->store;
  const std::uint64_t flying = store.flying();
  const spi::commit_result result = store.finish_commit();
  if (resident_->where == phase::failed) return;
  if (result.status == spi::commit_status::committed) {
    for (gated_output& output : resident_->gate.release(flying)) deliver(std::move(output));
    announce_due();
    store.flush(system_->port());
    return;
  }
  static const auto code_of = [](spi::commit_status status) {
    switch (status) {
      case spi::commit_status::conflict:
        return errc::conflict;
      case spi::commit_status::rejected:
        return errc::bad_state;
      case spi::commit_status::unknown:
        return errc::commit_unknown;
      default:
        return errc::unavailable;
    }
  };
  const errc code = code_of(result.status);
  const std::string advice = code == errc::commit_unknown
                                 ? "the effect may have happened: read before you retry, or retry with the same "
                                   "idempotency key"
                                 : "nothing of the turn was kept";
  const auto why =
      make_error(code, "actor " + display() + ": its turn was not committed: " + result.message + "; " + advice);
  const auto later = make_error(code == errc::commit_unknown ? errc::unavailable : code,
                                "actor " + display() + ": an earlier turn was not committed (" + result.message +
                                    "), so this one was dropped with it; nothing of it was kept");
  fail_activation(why, later);
}

void activation::fail_activation(const std::exception_ptr& why) noexcept {
  if (!resident_->store || !resident_->store->in_flight()) {
    fail_activation(why, why);
    return;
  }
  // A record is at the store, and nobody will be here to hear what becomes of it.
  fail_activation(make_error(errc::commit_unknown,
                             "actor " + display() + ": its activation failed while its turn was being committed (" +
                                 describe(why) + "); the effect may have happened: read before you retry"),
                  why);
}

void activation::fail_activation(const std::exception_ptr& why, const std::exception_ptr& later) noexcept {
  if (resident_->where == phase::failed) return;
  const bool was_active = resident_->where == phase::active || resident_->where == phase::reloading;
  resident_->where = phase::failed;
  resident_->failure = later;
  resident_->rollback_wanted = false;
  resident_->running.deactivate = false;
  system_->idle().remove(resident_->idle);
  system_->counters().failed_activations.fetch_add(1, std::memory_order_relaxed);
  // What is saved later was answered already, so no caller learns of it.
  if (!was_active) system_->log_failure("the last commit of " + display(), why);
  if (was_active && !saves_every_turn()) system_->log_failure("saving " + display(), why);
  if (!resident_->store) return;
  const std::uint64_t flying = resident_->store->flying();
  resident_->store->drop_queued();
  // What the store holds is not known here any more: the reminder service asks the next activation.
  if (type_->info.handles_reminders) system_->reminders().due_changed(id(), system_->clock().wall_now());
  for (gated_output& output : resident_->gate.take_all()) {
    const bool in_flight = output.sequence <= flying;
    fail(std::move(output), in_flight ? why : later);
  }
}

void activation::fail_waiting(const std::exception_ptr& why) noexcept {
  while (detail::request* r = waiting_.pop()) r->complete(why);
}

void activation::save_later() noexcept {
  if (type_->info.options.persistence.what() != durability::kind::write_behind || resident_->save_timer) return;
  resident_->save_timer = true;
  system_->timers().start(later(system_->now(), type_->info.options.persistence.interval()),
                          std::make_shared<save_alarm>(*this));
}

void activation::on_save_due() noexcept {
  if (!resident_ || !resident_->save_timer) return;
  resident_->save_timer = false;
  if (running_turn() != nullptr) {
    resident_->save_due = true;  // a half-done turn must not be saved
  } else if (resident_->where == phase::active) {
    save_now();
  }
}

void activation::save_now() noexcept {
  resident_->save_due = false;
  persistence* store = resident_->store.get();
  if (store == nullptr || !store->unsaved) return;
  try {
    static_cast<void>(store->record_turn(id(), resident_->self->cells_, system_->port().limits(), std::nullopt, false));
  } catch (...) {
    fail_activation(std::current_exception());
    return;
  }
  store->flush(system_->port());
}

void activation::announce_due() noexcept {
  if (!type_->info.handles_reminders) return;
  persistence& store = *resident_->store;
  const auto due = store.next_due();
  if (due == store.announced_due) return;
  store.announced_due = due;
  system_->reminders().due_changed(id(), due);
}

}  // namespace troupe::internal
