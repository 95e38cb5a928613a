#pragma once

#include <chrono>

#include "troupe/spi/clock.hpp"

namespace troupe::internal {

/// The first and the last time that schedules know: the years 0001 to 9999, in UTC.
inline constexpr wall_time time_min = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);
inline constexpr wall_time time_max =
    std::chrono::sys_days(std::chrono::year(10000) / 1 / 1) - std::chrono::milliseconds(1);

}  // namespace troupe::internal
