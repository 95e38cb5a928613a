#pragma once

#include <chrono>

namespace troupe {

/// A point on the monotonic clock that timers, idle times and deadlines use.
using steady_time = std::chrono::steady_clock::time_point;

/// A point on the wall clock (UTC, millisecond resolution) that reminders use and stores keep.
using wall_time = std::chrono::sys_time<std::chrono::milliseconds>;

}  // namespace troupe

namespace troupe::spi {

/// The only source of time a runtime reads.
/// Thread-safety: any thread. Source: FoundationDB's simulated network clock; no second clock beside it.
class clock {
 public:
  virtual ~clock() = default;

  /// Monotonic time; never goes back.
  [[nodiscard]] virtual steady_time steady_now() const noexcept = 0;

  /// Monotonic time that may be a few milliseconds behind, for what is asked at every message.
  [[nodiscard]] virtual steady_time coarse_now() const noexcept { return steady_now(); }

  /// Wall time in UTC; may jump either way.
  [[nodiscard]] virtual wall_time wall_now() const noexcept = 0;
};

}  // namespace troupe::spi
