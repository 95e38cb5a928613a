#pragma once

#include <chrono>
#include <cstdint>

#include "troupe/spi/clock.hpp"

namespace troupe::internal {

/// Returns a time as stores keep it: in milliseconds since the epoch.
[[nodiscard]] constexpr std::int64_t milliseconds_of(wall_time when) noexcept {
  return std::int64_t{when.time_since_epoch().count()};
}

/// Returns the time that `milliseconds_of` made a number of.
[[nodiscard]] constexpr wall_time time_of(std::int64_t milliseconds) noexcept {
  return wall_time(std::chrono::milliseconds(milliseconds));
}

}  // namespace troupe::internal
