#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "troupe/base/actor_id.hpp"
#include "troupe/core/reminder.hpp"

namespace troupe {

/// A part of the reminders that the store holds.
struct reminder_page {
  std::vector<stored_reminder> reminders;  ///< by type, key and name
  std::optional<actor_id> next{};          ///< list the next part behind this one; nullopt: there are no more
};

/// What was done to many reminders so far.
struct reminder_report {
  static constexpr std::size_t failures_max = 100;

  /// An actor whose reminders are as they were, or one of them.
  struct failure {
    actor_id actor;
    std::string error;  ///< for people
  };

  std::uint64_t seen = 0;           ///< actors that the store listed
  std::uint64_t changed = 0;        ///< reminders that were cancelled, paused or resumed
  std::uint64_t failed = 0;         ///< actors that could not be changed, or not wholly
  std::vector<failure> failures{};  ///< the first `failures_max` of them
};

/// How many reminders are changed at a time.
struct reminder_change_options {
  std::size_t actors_at_once = 256;  ///< that are looked at and changed at a time; 1 to 10,000

  /// Called on the calling thread after each of these groups; what it throws ends the change. Empty: not called.
  std::function<void(const reminder_report&)> progress{};
};

}  // namespace troupe
