#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "troupe/spi/clock.hpp"

namespace troupe::internal {

/// How many of something may begin by now, at `per_second` of them; 0: any number. Those of 50 ms are saved up at most.
/// Pure; not thread-safe. Source: the generic cell rate algorithm, which keeps one time instead of counting tokens.
class pace {
 public:
  explicit pace(std::size_t per_second) noexcept : interval_(per_second == 0 ? 0 : 1'000'000'000 / per_second) {}

  [[nodiscard]] bool is_bounded() const noexcept { return interval_.count() != 0; }

  /// How many may begin.
  [[nodiscard]] std::size_t ready(steady_time now) noexcept {
    constexpr std::chrono::milliseconds saved_up(50);
    next_ = std::max(next_, now - saved_up);
    return next_ > now ? 0 : static_cast<std::size_t>((now - next_) / interval_) + 1;
  }

  void take(std::size_t begun) noexcept { next_ += interval_ * static_cast<std::chrono::nanoseconds::rep>(begun); }

  /// When the next one may begin.
  [[nodiscard]] steady_time next() const noexcept { return next_; }

 private:
  std::chrono::nanoseconds interval_;
  steady_time next_{};
};

}  // namespace troupe::internal
