#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "core/thread_part.hpp"

namespace troupe::internal {

/// How many messages wait in a whole runtime, and their bytes, counted in parts so that no two threads meet often.
/// What the bounds are compared with is looked at each time a part passes a step, and exactly before anything is
/// refused: so a bound is kept to a few hundredths. Bytes are counted in units of 64.
/// Thread-safety: any thread.
class queue_load {
 public:
  struct bounds {
    std::int64_t messages_max = 0;  ///< 0: none
    std::int64_t bytes_max = 0;     ///< 0: none
  };
  struct reading {
    std::int64_t messages = 0;
    std::int64_t bytes = 0;
  };
  /// Who sends a message; what was let in before is not refused any more.
  enum class sender : std::uint8_t { outside, actor, let_in };

  explicit queue_load(bounds b) noexcept
      : bounds_(b),
        steps_(bits_from(messages_shift, b.messages_max) | (bits_from(0, b.bytes_max / unit) & units_mask)) {}

  /// Counts messages that begin to wait; less than 0: that do not wait any more.
  void add(std::int64_t messages, std::int64_t units) noexcept {
    const auto by = (static_cast<std::uint64_t>(messages) << messages_shift) + static_cast<std::uint64_t>(units);
    const std::size_t mine = thread_part();
    const std::uint64_t had = add_to_part(parts_[mine].both, mine, by);
    if (((had ^ (had + by)) & steps_) != 0) look();
  }

  /// Whether a message of such a sender is refused now. What actors send may take a quarter more than what comes from
  /// outside: work that has begun is finished before more is let in.
  [[nodiscard]] bool refuses(sender who) noexcept {
    if (level_.load(std::memory_order_relaxed) <= static_cast<std::uint8_t>(who)) return false;
    look();
    return level_.load(std::memory_order_relaxed) > static_cast<std::uint8_t>(who);
  }

  [[nodiscard]] reading read() const noexcept {
    std::uint64_t sum = 0;
    for (const part& p : parts_) sum += p.both.load(std::memory_order_relaxed) - none;
    const auto both = static_cast<std::int64_t>(sum);
    const std::int64_t messages = (both + (std::int64_t{1} << (messages_shift - 1))) >> messages_shift;
    const std::int64_t units = both - messages * (std::int64_t{1} << messages_shift);
    // A message is counted after it was pushed, so it may have been handled and taken off before.
    return {std::max<std::int64_t>(messages, 0), std::max<std::int64_t>(units, 0) * unit};
  }

 private:
  static constexpr std::int64_t unit = 64;
  // A part is one word: messages in its upper bits, units in the others. What one thread counts another takes off, so
  // parts drift apart for ever, and wrap around; only their sum says something, modulo 2^64. None is not 0: a count
  // that goes up and down where it begins passes no step.
  static constexpr unsigned messages_shift = 36;
  static constexpr std::uint64_t units_mask = (std::uint64_t{1} << messages_shift) - 1;
  static constexpr std::uint64_t none = 0x5555555555555555;

  struct alignas(64) part {
    std::atomic<std::uint64_t> both{none};
  };

  /// The bits of a count from `shift` on that change when it passes a step, which is a power of two.
  [[nodiscard]] static std::uint64_t bits_from(unsigned shift, std::int64_t most) noexcept {
    if (most == 0) return 0;
    const auto step =
        std::clamp<std::uint64_t>(static_cast<std::uint64_t>(most) / 64 / thread_parts, 1, std::uint64_t{1} << 20U);
    return ~std::uint64_t{0} << (shift + static_cast<unsigned>(std::bit_width(step)) - 1);
  }

  [[gnu::cold, gnu::noinline]] void look() noexcept {
    const reading now = read();
    const auto level = [](std::int64_t is, std::int64_t most) {
      return most == 0 || is < most ? 0 : (is - most < most / 4 ? 1 : 2);
    };
    const int found = std::max(level(now.messages, bounds_.messages_max), level(now.bytes, bounds_.bytes_max));
    level_.store(static_cast<std::uint8_t>(found), std::memory_order_relaxed);
  }

  const bounds bounds_;
  const std::uint64_t steps_;           // the bits of a part whose change calls for a look
  std::atomic<std::uint8_t> level_{0};  // 1: closed to the outside, 2: to actors too
  std::array<part, thread_parts> parts_;
};

}  // namespace troupe::internal
