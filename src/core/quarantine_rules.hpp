#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "troupe/core/quarantine.hpp"
#include "troupe/spi/clock.hpp"

// When an actor is quarantined, and for how long: decides, does nothing.
namespace troupe::internal {

/// Failed activations of one actor in a row.
struct failure_streak {
  std::uint32_t failures = 0;
  std::chrono::milliseconds pause{0};  ///< of the quarantine; 0: it is not quarantined
  steady_time until{};                 ///< the end of the pause
};

[[nodiscard]] constexpr bool is_quarantined(const failure_streak& streak) noexcept { return streak.pause.count() > 0; }

/// The streak when one more activation has failed.
[[nodiscard]] constexpr failure_streak after_failure(failure_streak streak, const quarantine_policy& policy,
                                                     steady_time now) noexcept {
  if (streak.failures < UINT32_MAX) ++streak.failures;
  if (policy.failures_max == 0 || streak.failures < policy.failures_max) return streak;
  streak.pause = is_quarantined(streak) ? std::min(streak.pause * 2, policy.pause_max) : policy.first_pause;
  streak.until = now + streak.pause;
  return streak;
}

/// Whether messages are refused: otherwise the next one activates the actor.
[[nodiscard]] constexpr bool refuses(const failure_streak& streak, steady_time now) noexcept {
  return is_quarantined(streak) && now < streak.until;
}

}  // namespace troupe::internal
