#include "troupe/detail/reminder_calls.hpp"

#include <utility>

#include "core/activation.hpp"
#include "core/current_strand.hpp"
#include "core/reminder_plan.hpp"

namespace troupe::detail {

void set_reminder_of(actor&, reminder_order order) {
  internal::this_strand->set_reminder(order.name, order.when, order.method, std::move(order.arguments));
}

bool cancel_reminder_of(actor&, std::string name) { return internal::this_strand->cancel_reminder(name); }

std::size_t cancel_reminders_of(actor&, std::string prefix) { return internal::this_strand->cancel_reminders(prefix); }

bool pause_reminder_of(actor&, std::string name) { return internal::this_strand->pause_reminder(name); }

bool resume_reminder_of(actor&, std::string name) { return internal::this_strand->resume_reminder(name); }

std::vector<reminder_info> reminders_of(actor&) {
  std::vector<reminder_info> list;
  for (const auto& reminder : internal::this_strand->reminders()) list.push_back(internal::describe(reminder));
  return list;
}

}  // namespace troupe::detail
