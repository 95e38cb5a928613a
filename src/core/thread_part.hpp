#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace troupe::internal {

/// Parts of what threads count apart, so that no two of them meet often. All but the last are one thread's at a time.
inline constexpr std::size_t thread_parts = 16;
inline constexpr std::size_t shared_part = thread_parts - 1;

/// The calling thread's part, once it has asked for one; `thread_parts` before.
inline constinit thread_local std::size_t this_part = thread_parts;

/// Gives the calling thread a part of its own until it ends, or the last one when there are too many threads.
std::size_t take_thread_part() noexcept;

/// The calling thread's part.
[[nodiscard]] inline std::size_t thread_part() noexcept {
  const std::size_t part = this_part;
  return part != thread_parts ? part : take_thread_part();
}

/// Adds to a count of the calling thread's part and returns what it was: without a locked instruction where the part
/// is the thread's alone.
inline std::uint64_t add_to_part(std::atomic<std::uint64_t>& count, std::size_t part, std::uint64_t by) noexcept {
  if (part == shared_part) return count.fetch_add(by, std::memory_order_relaxed);
  const std::uint64_t was = count.load(std::memory_order_relaxed);
  count.store(was + by, std::memory_order_relaxed);
  return was;
}

/// A count that threads add to often and that is seldom read.
/// Thread-safety: any thread.
class spread_count {
 public:
  void add_one() noexcept {
    const std::size_t mine = thread_part();
    add_to_part(parts_[mine].count, mine, 1);
  }
  [[nodiscard]] std::uint64_t read() const noexcept {
    std::uint64_t sum = 0;
    for (const part& p : parts_) sum += p.count.load(std::memory_order_relaxed);
    return sum;
  }

 private:
  struct alignas(64) part {
    std::atomic<std::uint64_t> count{0};
  };
  std::array<part, thread_parts> parts_;
};

}  // namespace troupe::internal
