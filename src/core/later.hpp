#pragma once

#include <algorithm>
#include <chrono>
#include <type_traits>

#include "troupe/spi/clock.hpp"

namespace troupe::internal {

/// Longest time span an option may name.
inline constexpr std::chrono::hours span_max{24 * 365 * 100};

/// How far from 1970 a stored reminder may be due, and how long its period may be.
inline constexpr std::chrono::milliseconds reminder_span_max = std::chrono::hours(24) * 365 * 10'000;

/// `now + span`, at most a hundred years from `now`: longer spans do not fit a clock.
template <class Span>
[[nodiscard]] steady_time later(steady_time now, Span span) noexcept {
  return now + std::chrono::duration_cast<steady_time::duration>(
                   std::min<std::common_type_t<Span, std::chrono::seconds>>(span, span_max));
}

}  // namespace troupe::internal
