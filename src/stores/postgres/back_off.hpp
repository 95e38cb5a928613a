#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace troupe::internal {

/// The pauses between attempts to connect: from 10 ms, doubled each time up to 2 s, and shortened by up to a half at
/// random, so that hosts that lost the same server do not come back in step.
class back_off {
 public:
  static constexpr std::chrono::milliseconds first{10};
  static constexpr std::chrono::milliseconds longest{2000};

  /// Returns the pause before the next attempt; `random` are 64 random bits.
  [[nodiscard]] std::chrono::milliseconds next(std::uint64_t random) noexcept {
    const std::chrono::milliseconds pause = std::min<std::chrono::milliseconds>(first * (1LL << doublings_), longest);
    doublings_ = std::min(doublings_ + 1, 10);
    const auto half = static_cast<std::uint64_t>(pause.count() / 2);
    return pause - std::chrono::milliseconds(static_cast<std::int64_t>(random % (half + 1)));
  }

  /// The server answered.
  void reset() noexcept { doublings_ = 0; }

 private:
  int doublings_ = 0;
};

}  // namespace troupe::internal
