#pragma once

#include <chrono>

#include "troupe/spi/clock.hpp"

namespace troupe::testing {

/// A clock that stands still until it is told to move. For one thread.
class manual_clock final : public spi::clock {
 public:
  /// Starts at `wall`; the steady clock starts at one hour, so that it can be asked for the past.
  explicit manual_clock(wall_time wall = default_start) noexcept : wall_(wall) {}

  /// 2026-01-01 00:00:00 UTC.
  static constexpr wall_time default_start{std::chrono::sys_days{std::chrono::year(2026) / 1 / 1}};

  [[nodiscard]] steady_time steady_now() const noexcept override { return steady_; }
  [[nodiscard]] wall_time wall_now() const noexcept override {
    return std::chrono::floor<std::chrono::milliseconds>(wall_);
  }

  /// Moves both clocks. Requires: 0 or more.
  void advance(std::chrono::nanoseconds span) noexcept {
    steady_ += std::chrono::duration_cast<steady_time::duration>(span);
    wall_ += span;
  }

  /// Sets the wall clock alone, as an operator or a time server does.
  void set_wall(wall_time wall) noexcept { wall_ = wall; }

 private:
  steady_time steady_{std::chrono::hours(1)};
  std::chrono::sys_time<std::chrono::nanoseconds> wall_;
};

}  // namespace troupe::testing
