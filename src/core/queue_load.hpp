#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

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
      : bounds_(b), messages_step_(step_of(b.messages_max)), units_step_(step_of(b.bytes_max / unit)) {}

  /// Counts messages that begin to wait; less than 0: that do not wait any more.
  void add(std::int64_t messages, std::int64_t units) noexcept {
    const std::int64_t by = messages * message_one + units;
    const std::int64_t had = parts_[my_part()].both.fetch_add(by, std::memory_order_relaxed);
    const counts before = split(had);
    const counts after = split(had + by);
    if (passes(before.messages, after.messages, messages_step_) || passes(before.units, after.units, units_step_))
      look();
  }

  /// Whether a message of such a sender is refused now. What actors send may take a quarter more than what comes from
  /// outside: work that has begun is finished before more is let in.
  [[nodiscard]] bool refuses(sender who) noexcept {
    if (level_.load(std::memory_order_relaxed) <= static_cast<std::uint8_t>(who)) return false;
    look();
    return level_.load(std::memory_order_relaxed) > static_cast<std::uint8_t>(who);
  }

  [[nodiscard]] reading read() const noexcept {
    std::int64_t sum = 0;
    for (const part& p : parts_) sum += p.both.load(std::memory_order_relaxed);
    // A message is counted after it was pushed, so it may have been handled and taken off before.
    const counts all = split(sum);
    return {std::max<std::int64_t>(all.messages, 0), std::max<std::int64_t>(all.units, 0) * unit};
  }

 private:
  struct alignas(64) part {
    std::atomic<std::int64_t> both{0};  // messages times `message_one`, and units; either may be less than 0
  };
  struct counts {
    std::int64_t messages;
    std::int64_t units;
  };
  static constexpr std::int64_t unit = 64;
  static constexpr std::int64_t message_one = std::int64_t{1} << 36U;

  [[nodiscard]] static constexpr counts split(std::int64_t both) noexcept {
    const std::int64_t shifted = both + message_one / 2;
    const std::int64_t messages = shifted >> 36;
    return {messages, both - messages * message_one};
  }
  static constexpr std::size_t part_count = 16;

  [[nodiscard]] static std::int64_t step_of(std::int64_t most) noexcept {
    return most == 0 ? 0 : std::clamp<std::int64_t>(most / 64 / static_cast<std::int64_t>(part_count), 1, 1 << 20);
  }
  [[nodiscard]] static bool passes(std::int64_t from, std::int64_t to, std::int64_t step) noexcept {
    return step != 0 && from / step != to / step;
  }
  [[nodiscard]] static std::size_t my_part() noexcept {
    static thread_local const char here = 0;
    const auto address = reinterpret_cast<std::uintptr_t>(&here);
    return (address >> 12U ^ address >> 20U) % part_count;
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
  const std::int64_t messages_step_;
  const std::int64_t units_step_;
  std::atomic<std::uint8_t> level_{0};  // 1: closed to the outside, 2: to actors too
  std::array<part, part_count> parts_;
};

}  // namespace troupe::internal
