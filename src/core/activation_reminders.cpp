#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/current_strand.hpp"
#include "core/reminder_request.hpp"
#include "core/resident.hpp"

namespace troupe::internal {
namespace {

bool by_name(const spi::reminder_image& reminder, std::string_view name) { return reminder.name < name; }

/// Moves a reminder past `now`: one tick covers all that an outage missed. Returns how many it covers besides its own.
unsigned advance(spi::reminder_image& reminder, wall_time now) {
  const auto late = (now - reminder.due) / reminder.period;
  const auto missed = std::max<std::int64_t>(late, 0);
  reminder.due += reminder.period * (missed + 1);
  return static_cast<unsigned>(std::min<std::int64_t>(missed, std::numeric_limits<unsigned>::max()));
}

}  // namespace

const std::vector<spi::reminder_image>& activation::reminders() const {
  static const std::vector<spi::reminder_image> none;
  return resident_ && resident_->store ? resident_->store->reminders() : none;
}

void activation::change_reminder(std::string_view name, std::optional<spi::reminder_image> to) {
  turn* t = own_turn();
  if (t == nullptr) throw std::logic_error("troupe::actor: a reminder was changed outside a turn of " + display());
  if (!resident_->store || (to && !type_->info.handles_reminders)) throw no_reminders();
  check_may_change(*t, "troupe::actor: a reminder was changed");
  persistence& store = *resident_->store;
  if (t->overlap || t->mode == reentrancy::interleave) keep_before_edit(*t, store.reminder_values());
  const bool by_itself = t->outermost().mode == reentrancy::interleave;
  auto& list = by_itself ? store.reminders_in_use() : store.change_reminders();
  const auto at = std::lower_bound(list.begin(), list.end(), name, by_name);
  const bool there = at != list.end() && at->name == name;
  if (!to) {
    if (there) list.erase(at);
  } else if (there) {
    *at = std::move(*to);
  } else {
    if (list.size() >= reminders_per_actor_max) {
      throw error(errc::too_large, "actor " + display() + ": it has " + std::to_string(list.size()) +
                                       " reminders, the limit; cancel some, or give each subject an actor of its own");
    }
    list.insert(at, std::move(*to));
  }
}

std::logic_error activation::no_reminders() const {
  return std::logic_error("troupe::actor: " + display() + " has no durable reminders: " +
                          (type_->info.handles_reminders ? "the durability of its type is none"
                                                         : "its class does not override on_reminder"));
}

std::coroutine_handle<detail::task_promise_base> activation::start_due_reminder() {
  // An earlier program may have set it: it stays, for a program that handles it.
  const wall_time now = system_->clock().wall_now();
  const auto due_reminder = resident_->store->next_due();
  if (const auto expiry = resident_->store->items_expire(); expiry && *expiry <= now) {
    const bool reminder_first = type_->info.handles_reminders && due_reminder && *due_reminder <= *expiry;
    if (!reminder_first) {
      resident_->store->announced_due.reset();  // the service has let go of the actor: the commit says what comes next
      return detail::as_base(purge_items().release());
    }
  }
  if (!type_->info.handles_reminders) {
    if (due_reminder && *due_reminder <= now) throw no_reminders();
    if (const auto expiry = resident_->store->items_expire()) system_->reminders().due_changed(id(), expiry);
    return nullptr;  // it was woken for its durable messages
  }
  const auto& list = resident_->store->reminders();
  const auto first =
      std::min_element(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.due < b.due; });
  if (first == list.end() || first->due > now) {
    resident_->store->announced_due.reset();
    announce_due();
    return nullptr;
  }
  resident_->store->announced_due.reset();  // the service has let go of the actor: the commit says what comes next
  const auto index = first - list.begin();
  auto& changed = resident_->store->change_reminders();
  spi::reminder_image& due = changed[static_cast<std::size_t>(index)];
  reminder_tick tick{.name = due.name, .due = due.due, .missed = 0, .data = nlohmann::json::parse(due.data)};
  if (due.period.count() > 0) {
    tick.missed = advance(due, now);
  } else {
    changed.erase(changed.begin() + index);
  }
  system_->counters().reminders_fired.fetch_add(1, std::memory_order_relaxed);
  return detail::as_base(resident_->self->on_reminder(std::move(tick)).release());
}

std::coroutine_handle<detail::task_promise_base> reminder_request::start(actor&) {
  found_ = found::reminder;
  const auto tick = this_strand->start_due_reminder();
  if (!tick) found_ = found::nothing_yet;
  return tick;
}

void reminder_request::complete(std::exception_ptr failure) noexcept {
  const auto done = std::move(done_);
  const found what = found_;
  delete this;
  done(std::move(failure), what);
}

}  // namespace troupe::internal
