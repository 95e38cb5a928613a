#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "troupe/base/actor_id.hpp"
#include "troupe/base/codec.hpp"
#include "troupe/schedule/schedule.hpp"
#include "troupe/spi/clock.hpp"

namespace troupe {

/// Most reminders one actor may have at a time.
inline constexpr std::size_t reminders_per_actor_max = 1000;

/// Longest reminder name, in bytes.
inline constexpr std::size_t reminder_name_bytes_max = 128;

/// What becomes of ticks that could not be fired when they were due, as the process was down or the actor busy.
enum class missed_ticks : std::uint8_t {
  once,  ///< one tick covers all that have come due. The default
  skip,  ///< those that are later than `reminder_schedule::grace` are left out; of several within it the last is fired
  all,   ///< each is fired, one after the other
};

/// What becomes of a tick whose handler throws. It stays due and is handled again after a pause, also when the process
/// ends meanwhile, until it is given up; then the reminder goes on with its next tick. Failures because the store or
/// the runtime is not available do not count: the tick is tried again until they are.
/// Source: Dapr's failure policies (drop, constant), with the dead letters of durable messages behind them.
struct tick_retry {
  enum class end : std::uint8_t {
    dead_letter,  ///< the actor keeps the tick as a dead letter (`runtime::dead_letters`), to be redriven or dropped
    drop,         ///< it is logged and forgotten
  };

  std::uint32_t attempts_max = 0;                   ///< times the handler may run for one tick; 0: until it succeeds
  std::chrono::milliseconds first_pause{1'000};     ///< before the second attempt, 1 ms to 1 day; then it doubles
  std::chrono::milliseconds longest_pause{60'000};  ///< up to this; equal to the first: the pause is constant
  end then = end::dead_letter;

  /// The handler runs once for each tick, whatever comes of it.
  [[nodiscard]] static constexpr tick_retry none() noexcept { return {.attempts_max = 1, .then = end::drop}; }
  [[nodiscard]] static constexpr tick_retry constant(std::chrono::milliseconds pause,
                                                     std::uint32_t attempts_max) noexcept {
    return {.attempts_max = attempts_max, .first_pause = pause, .longest_pause = pause};
  }

  friend bool operator==(const tick_retry&, const tick_retry&) = default;
};

/// When a reminder fires, what it carries, and what becomes of ticks that are missed or fail.
struct reminder_schedule {
  std::chrono::milliseconds due_in{0};  ///< from now; 0 or more. Ignored when `due_at` is set
  std::optional<wall_time> due_at{};    ///< or at this wall time; one that has passed counts as missed
  std::chrono::milliseconds period{0};  ///< time between ticks, from the due time on; 0: fires once
  nlohmann::json data{};                ///< handed to `on_reminder`

  /// Ticks by a rule instead of a period: cron, calendar months, ISO 8601; see `schedule`. The first tick is at
  /// `due_at` or `due_in` where they are given, and else the rule's first one from now on.
  std::optional<schedule> repeat{};

  /// Ticks in all, missed ones included; 0: without end, or what `repeat` says.
  std::uint64_t repetitions = 0;

  /// The reminder is gone this long from now, or from this wall time on: no tick is fired then or later, not even one
  /// that was due before. 0 and nullopt: it stays. Not both.
  std::chrono::milliseconds ttl{0};
  std::optional<wall_time> until{};

  missed_ticks missed = missed_ticks::once;
  std::chrono::milliseconds grace{60'000};  ///< for `missed_ticks::skip`: how late a tick may be, 0 or more
  tick_retry retry{};
};

/// One tick of a reminder, as `actor::on_reminder` gets it.
struct reminder_tick {
  std::string name;
  wall_time due;        ///< when it was due
  unsigned missed = 0;  ///< other ticks that were missed and are not fired by themselves
  nlohmann::json data;
  std::uint32_t attempt = 1;  ///< times this tick was handled, this one included
};

/// A reminder an actor has.
struct reminder_info {
  std::string name;
  wall_time due;                        ///< when its next tick is due; while it is paused, when it would have been
  std::chrono::milliseconds period{0};  ///< 0: fires once, or by `repeat`
  std::optional<schedule> repeat{};
  std::optional<std::uint64_t> left{};  ///< ticks to come; nullopt: without end
  std::optional<wall_time> until{};     ///< when it ends
  std::string method{};                 ///< wire name of its handler; empty: `on_reminder`
  bool paused = false;
  std::uint32_t failed = 0;             ///< attempts at the tick that is due which failed
  std::optional<wall_time> retry_at{};  ///< when that tick is handled again
  std::string problem{};                ///< why its plan cannot be read, so that most of this is unknown; empty: it can
};

/// A reminder and whose it is.
struct stored_reminder {
  actor_id actor;
  reminder_info reminder;
};

/// Which reminders are meant, by what is stored. Empty parts say nothing: an empty filter means every reminder.
struct reminder_filter {
  std::string type{};         ///< of actors of this type
  std::string key_prefix{};   ///< of actors whose key begins so
  std::string name_prefix{};  ///< whose own name begins so
};

}  // namespace troupe
