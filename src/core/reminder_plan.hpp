#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "troupe/core/reminder.hpp"
#include "troupe/spi/turn_record.hpp"

namespace troupe::internal {

/// What is known of a reminder beyond name, due time, period and data: `spi::reminder_image::plan` as values. Pure.
struct reminder_plan {
  std::string method{};                 ///< wire name of its handler; empty: `on_reminder`. Its data are the arguments
  std::optional<schedule> repeat{};     ///< its rule, where it has no period
  wall_time anchor{};                   ///< its first tick, from which the rule counts
  std::optional<std::uint64_t> left{};  ///< ticks to come, 1 or more; nullopt: without end
  std::optional<wall_time> until{};
  missed_ticks missed = missed_ticks::once;
  std::chrono::milliseconds grace{60'000};
  tick_retry retry{};
  std::uint32_t failed = 0;         ///< attempts at the tick that is due which failed
  std::optional<wall_time> tick{};  ///< when that tick was due, where the image's due time is a later one
  bool paused = false;              ///< the image is then due at `paused_until`

  friend bool operator==(const reminder_plan&, const reminder_plan&) = default;
};

/// When a paused reminder is due: never, as far as a clock can tell.
[[nodiscard]] wall_time paused_until() noexcept;

/// Reads a plan. Throws `error{errc::bad_state}` saying what is wrong with it.
[[nodiscard]] reminder_plan plan_of(const spi::reminder_image& reminder);

/// The plan as JSON; "null" for the default one.
[[nodiscard]] std::string text_of(const reminder_plan& plan);

/// What a reminder is, for people and programs.
[[nodiscard]] reminder_info describe(const spi::reminder_image& reminder);

}  // namespace troupe::internal
