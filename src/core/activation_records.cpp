#include <optional>
#include <utility>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/resident.hpp"

// What a turn leaves in its actor and in the store, or does not.

namespace troupe::internal {

std::exception_ptr activation::record_turn(turn& t, std::uint64_t& gate) noexcept {
  persistence* store = resident_->store.get();
  const std::string_view request_key = t.request != nullptr ? t.request->idempotency_key() : std::string_view{};
  if (is_loaded()) {
    const bool reminders =
        t.mode == reentrancy::interleave && t.overlap && t.overlap->values.has(store->reminder_values());
    if (reminders) store->note_reminders_changed();
    const bool changed =
        t.erase ? store->stamp().version != 0
                : store->reminders_changed() || !request_key.empty() || (t.edited && (saves_every_turn() || t.saves));
    const bool must = changed || t.messages || t.parts;
    try {
      if (must) {
        std::optional<spi::request_image> request;
        if (!request_key.empty() && !t.erase) {
          request.emplace();
          request->key = request_key;
          request->at = system().clock().wall_now();
          t.request->encode_reply(request->reply);
        }
        turn_effects effects{.request = std::move(request),
                             .erase = t.erase,
                             .alone = work_->turns_running == 1,
                             .messages = t.messages.get(),
                             .parts = t.parts.get()};
        gate = store->record_turn(id(), resident_->self->cells_, system().port().limits(), std::move(effects),
                                  t.messages ? system().clock().wall_now() : wall_time{});
      } else if (t.erase) {
        store->unsaved = false;  // nothing is stored, and nothing is to be
      } else if (t.edited) {
        store->leave_unsaved(id(), resident_->self->cells_, system().port().limits());
        save_later();
      }
      if (!system().rules().gate) gate = 0;
    } catch (...) {
      return std::current_exception();
    }
  }
  for (auto* cell = resident_->self->cells_; cell != nullptr; cell = cell->next) cell->forget();
  if (t.mode == reentrancy::interleave && t.overlap) {
    t.overlap->values.note_change(++seldom().activation.changes);
    t.overlap->values.forget();
  }
  return nullptr;
}

std::uint64_t activation::erase_what_is_stored() noexcept {
  resident_->store = std::make_unique<persistence>(*this, type_->info.options, system().random());
  resident_->late_load = true;
  resident_->late_erase = true;
  begin_load(phase::reloading);
  return resident_->store->recorded() + 1;
}

void activation::undo_turn(turn& t) noexcept {
  t.one_way.abandon();
  t.messages.reset();
  t.parts.reset();
  if (resident_->store) resident_->store->put_back_reminders();
  if (t.mode == reentrancy::interleave) {
    if (t.overlap) t.overlap->values.put_back();
    return;
  }
  if (!t.edited || !system().rules().rollback) return;
  if (resident_->store && saves_every_turn()) {
    // Earlier turns may still be on their way to the store; the state is read again when they have arrived.
    resident_->rollback_wanted = true;
    return;
  }
  try {
    for (auto* cell = resident_->self->cells_; cell != nullptr; cell = cell->next) cell->put_back();
  } catch (...) {
    fail_activation(std::current_exception());
  }
}

}  // namespace troupe::internal
