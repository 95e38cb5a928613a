#pragma once

#include <algorithm>
#include <chrono>

#include "troupe/spi/clock.hpp"

namespace troupe::internal {

/// Longest time span an option may name.
inline constexpr std::chrono::hours span_max{24 * 365 * 100};

/// `now + span`, at most a hundred years from `now`: longer spans do not fit a clock.
[[nodiscard]] inline steady_time later(steady_time now, std::chrono::nanoseconds span) noexcept {
  return now + std::min<std::chrono::nanoseconds>(span, span_max);
}

}  // namespace troupe::internal
