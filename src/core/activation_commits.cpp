#include <string>
#include <utility>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/failure_text.hpp"
#include "core/later.hpp"
#include "core/resident.hpp"
#include "core/strand_alarm.hpp"

namespace troupe::internal {
void activation::on_commit_done() noexcept {
  persistence& store = *resident_->store;
  const std::uint64_t flying = store.flying();
  const spi::commit_result result = store.finish_commit();
  if (resident_->where == phase::failed) return;
  if (result.status == spi::commit_status::committed) {
    announce_due();  // before the reminder service hears that its tick was handled
    for (gated_output& output : work_->gate.release(flying)) deliver(std::move(output));
    store.flush(system().port());
    pump_outbox();
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
  std::string advice = "nothing of the turn was kept";
  if (code == errc::commit_unknown) {
    advice = "the effect may have happened: read before you retry, or retry with the same idempotency key";
  } else if (code == errc::conflict) {
    advice += "; another process or runtime wrote the actor meanwhile: read again, decide again";
  }
  const bool in_doubt = code == errc::commit_unknown;
  const std::string of_actor = "actor " + display() + ": ";
  const auto why = make_error(
      code, of_actor +
                (in_doubt ? "it is not known whether its turn was committed: " : "its turn was not committed: ") +
                result.message + "; " + advice);
  const auto later = make_error(in_doubt ? errc::unavailable : code,
                                of_actor +
                                    (in_doubt ? "it is not known whether an earlier turn was committed ("
                                              : "an earlier turn was not committed (") +
                                    result.message + "), so this one was dropped; nothing of it was kept");
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
  work_->failure = later;
  resident_->rollback_wanted = false;
  for_each_turn([](turn& t) { t.deactivate = false; });
  refuse_returning(later);
  system().idle().remove(*this);
  system().counters().failed_activations.fetch_add(1, std::memory_order_relaxed);
  // What is saved later was answered already, so no caller learns of it.
  if (!was_active) system().log_failure("the last commit of " + display(), why);
  if (was_active && !saves_every_turn()) system().log_failure("saving " + display(), why);
  if (!resident_->store) return;
  const std::uint64_t flying = resident_->store->flying();
  resident_->store->drop_queued();
  // What the store holds is not known here any more: the reminder service asks the next activation.
  if (type_->info.handles_reminders || !reminders().empty() || resident_->store->messages() != nullptr ||
      resident_->store->items_expire())
    system().reminders().due_changed(id(), system().clock().wall_now());
  const bool lost = is_conflict(why);
  const bool lost_later = is_conflict(later);
  for (gated_output& output : work_->gate.take_all()) {
    const bool in_flight = output.sequence <= flying;
    if (output.reply != nullptr && (in_flight ? lost : lost_later)) count_conflict();
    fail(std::move(output), in_flight ? why : later);
  }
}

void activation::count_conflict() const noexcept {
  system().counters().conflicts.fetch_add(1, std::memory_order_relaxed);
}

void activation::fail_waiting(const std::exception_ptr& why) noexcept {
  while (detail::request* r = pop_waiting()) r->complete(why);
  if (resident_) refuse_returning(why);  // else refused before an activation was begun
}

void activation::save_later() noexcept {
  if (type_->info.options.persistence.what() != durability::kind::write_behind || resident_->save_timer) return;
  resident_->save_timer = true;
  system().timers().start(later(system().now(), type_->info.options.persistence.interval()),
                          make_strand_alarm(*this, &activation::on_save_due));
}

void activation::on_save_due() noexcept {
  if (!resident_ || !resident_->save_timer) return;
  resident_->save_timer = false;
  bool half_done = false;  // an interleaved turn's changes are its own until it ends
  for_each_turn([&](turn& t) { half_done = half_done || t.outermost().mode != reentrancy::interleave; });
  if (half_done) {
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
    static_cast<void>(store->record_turn(id(), resident_->self->cells_, system().port().limits(),
                                         {.alone = work_->turns_running == 0}, system().clock().wall_now()));
  } catch (...) {
    fail_activation(std::current_exception());
    return;
  }
  store->flush(system().port());
}

std::optional<wall_time> activation::next_due() const noexcept {
  const persistence& store = *resident_->store;
  if (!store.aside) return store.next_due();
  return store.next_due(*store.aside, system().now(), system().clock().wall_now());
}

void activation::announce_due() noexcept {
  persistence& store = *resident_->store;
  auto due = next_due();
  if (const auto expiry = store.items_expire(); expiry && (!due || *expiry < *due)) due = expiry;
  if (due == store.announced_due && !store.asked_for_due) return;
  store.announced_due = due;
  store.asked_for_due = false;
  system().reminders().due_changed(id(), due);
}

}  // namespace troupe::internal
