#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "troupe/base/codec.hpp"
#include "troupe/spi/clock.hpp"

namespace troupe {

/// Most reminders one actor may have at a time.
inline constexpr std::size_t reminders_per_actor_max = 1000;

/// Longest reminder name, in bytes.
inline constexpr std::size_t reminder_name_bytes_max = 128;

/// When a reminder fires, and what it carries.
struct reminder_schedule {
  std::chrono::milliseconds due_in{0};  ///< from now; 0 or more. Ignored when `due_at` is set
  std::optional<wall_time> due_at{};    ///< or at this wall time; one that has passed fires at once
  std::chrono::milliseconds period{0};  ///< time between ticks, from the due time on; 0: fires once
  nlohmann::json data{};                ///< handed to `on_reminder`
};

/// One tick of a reminder, as `actor::on_reminder` gets it.
struct reminder_tick {
  std::string name;
  wall_time due;        ///< when it was due
  unsigned missed = 0;  ///< ticks that fell into an outage and are covered by this one
  nlohmann::json data;
};

/// A reminder an actor has.
struct reminder_info {
  std::string name;
  wall_time due;
  std::chrono::milliseconds period{0};
};

}  // namespace troupe
