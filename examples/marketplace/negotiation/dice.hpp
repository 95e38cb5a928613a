#pragma once

#include <cstdint>
#include <string_view>

#include "negotiation/steps.hpp"

namespace marketplace {

/// Returns the random number that `deal` draws at `step` in the market of `seed`.
///
/// The same three always draw the same number. A negotiation that is cut off by a crash and tried again therefore makes
/// the same decisions, and meets the same stored replies.
[[nodiscard]] std::uint64_t draw(std::uint64_t seed, std::string_view deal, negotiation_step step);

/// Returns a number from `low` to `high`, both included, made of `random`. Requires: `low <= high`.
[[nodiscard]] constexpr std::int64_t between(std::int64_t low, std::int64_t high, std::uint64_t random) {
  return low + static_cast<std::int64_t>(random % static_cast<std::uint64_t>(high - low + 1));
}

/// Returns true in `percent` of 100 cases.
[[nodiscard]] constexpr bool happens(std::uint64_t percent, std::uint64_t random) { return random % 100 < percent; }

}  // namespace marketplace
