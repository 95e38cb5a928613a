#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "troupe/core/actor_type.hpp"
#include "troupe/core/reminder.hpp"
#include "troupe/fwd.hpp"

namespace troupe::detail {

/// A reminder that somebody else sets. An empty method: it is handled by `on_reminder`.
struct reminder_order {
  std::string name;
  reminder_schedule when;
  std::string method;
  std::string arguments;  ///< of the method, a JSON array
};

// What anybody may do about an actor's reminders. Each runs as a turn of the actor.
void set_reminder_of(actor& self, reminder_order order);
bool cancel_reminder_of(actor& self, std::string name);
std::size_t cancel_reminders_of(actor& self, std::string prefix);
bool pause_reminder_of(actor& self, std::string name);
bool resume_reminder_of(actor& self, std::string name);
std::vector<reminder_info> reminders_of(actor& self);

/// Stands for an actor class whose methods these are: every actor has them.
struct reminder_calls {
  struct methods {
    template <auto Function>
    [[nodiscard]] static constexpr std::string_view name_of() {
      return "reminders";
    }
    template <auto Function>
    [[nodiscard]] static constexpr method_traits traits_of() {
      return {};
    }
  };
};

}  // namespace troupe::detail
