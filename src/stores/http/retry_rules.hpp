#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

/// When a request is sent again.
namespace troupe::internal {

/// How waits grow: the n-th is random between nothing and `first` doubled n times, at most `max`.
struct backoff_limits {
  std::chrono::milliseconds first{25};
  std::chrono::milliseconds max{2000};
};

/// Returns how long to wait before the next try, `failures` tries having failed (from 1). `random` is any 64 bits.
/// What the server asked for is the least, where it asked for anything.
/// Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015 (full jitter).
[[nodiscard]] std::chrono::milliseconds backoff_before(std::size_t failures, std::uint64_t random,
                                                       const backoff_limits& limits,
                                                       std::optional<std::chrono::milliseconds> asked) noexcept;

/// What an answer means for the request it answers.
struct answer_verdict {
  bool retry = false;          ///< send it again: throttled, or a fault of the server
  bool maybe_applied = false;  ///< it may have had its effect in spite of the answer
  std::optional<std::chrono::milliseconds> wait_at_least{};
};

}  // namespace troupe::internal
