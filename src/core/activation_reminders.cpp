#include <algorithm>
#include <stdexcept>
#include <string>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/current_strand.hpp"
#include "core/reminder_rules.hpp"
#include "core/resident.hpp"

namespace troupe::internal {
namespace {

bool by_name(const spi::reminder_image& reminder, std::string_view name) { return reminder.name < name; }

}  // namespace

const std::vector<spi::reminder_image>& activation::reminders() const {
  static const std::vector<spi::reminder_image> none;
  return resident_ && resident_->store ? resident_->store->reminders() : none;
}

const spi::reminder_image* activation::find_reminder(std::string_view name) const {
  const auto& list = reminders();
  const auto at = std::lower_bound(list.begin(), list.end(), name, by_name);
  return at != list.end() && at->name == name ? &*at : nullptr;
}

std::vector<spi::reminder_image>& activation::reminders_to_change() {
  turn* t = own_turn();
  if (t == nullptr) throw std::logic_error("troupe::actor: a reminder was changed outside a turn of " + display());
  if (!resident_->store) {
    const bool never = type_->info.options.persistence.what() == durability::kind::none;
    throw std::logic_error("troupe::actor: " + display() + " has no durable reminders: " +
                           (never ? "the durability of its type is none"
                                  : "its class has nothing in the store; give it a troupe::state member, or override "
                                    "on_reminder"));
  }
  check_may_change(*t, "troupe::actor: a reminder was changed");
  persistence& store = *resident_->store;
  if (t->overlap || t->mode == reentrancy::interleave) keep_before_edit(*t, store.reminder_values());
  const bool by_itself = t->outermost().mode == reentrancy::interleave;
  return by_itself ? store.reminders_in_use() : store.change_reminders();
}

void activation::put_reminder(spi::reminder_image image) {
  auto& list = reminders_to_change();
  const auto at = std::lower_bound(list.begin(), list.end(), std::string_view(image.name), by_name);
  if (at != list.end() && at->name == image.name) {
    *at = std::move(image);
    return;
  }
  if (list.size() >= reminders_per_actor_max) {
    throw error(errc::too_large, "actor " + display() + ": it has " + std::to_string(list.size()) +
                                     " reminders, the limit; cancel some, or give each subject an actor of its own");
  }
  list.insert(at, std::move(image));
}

void activation::set_reminder(std::string_view name, const reminder_schedule& asked, std::string_view method,
                              std::string arguments) {
  if (method.empty() && !type_->info.handles_reminders) throw unhandled_reminder();
  planned_reminder made = make_reminder(display(), name, asked, system().clock().wall_now());
  if (!method.empty()) {
    if (!asked.data.is_null()) {
      throw error(errc::invalid_argument, "actor " + display() + ": reminder \"" + std::string(name) +
                                              "\" has data and a handler, whose arguments they would be; give those");
    }
    made.plan.method = method;
    made.image.data = std::move(arguments);
  }
  put_reminder(std::move(made).finish());
}

bool activation::cancel_reminder(std::string_view name) {
  if (find_reminder(name) == nullptr) return false;
  std::erase_if(reminders_to_change(), [&](const auto& reminder) { return reminder.name == name; });
  return true;
}

std::size_t activation::cancel_reminders(std::string_view prefix) {
  const auto meant = [&](const spi::reminder_image& reminder) { return reminder.name.starts_with(prefix); };
  if (std::none_of(reminders().begin(), reminders().end(), meant)) return 0;
  return std::erase_if(reminders_to_change(), meant);
}

bool activation::pause_reminder(std::string_view name) {
  const auto* found = find_reminder(name);
  if (found == nullptr) return false;
  planned_reminder reminder(*found);
  internal::pause(reminder);
  put_reminder(std::move(reminder).finish());
  return true;
}

bool activation::resume_reminder(std::string_view name) {
  const auto* found = find_reminder(name);
  if (found == nullptr) return false;
  planned_reminder reminder(*found);
  if (!internal::resume(reminder, system().clock().wall_now())) return cancel_reminder(name);
  put_reminder(std::move(reminder).finish());
  return true;
}

std::logic_error activation::unhandled_reminder() const {
  return std::logic_error("troupe::actor: " + display() +
                          " has no durable reminders without a method of their own: its class does not override "
                          "on_reminder");
}

}  // namespace troupe::internal
