#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace troupe::internal {

/// Parts of what threads count apart, so that no two of them meet often.
inline constexpr std::size_t thread_parts = 16;

/// The calling thread's part. Two threads may have the same.
[[nodiscard]] inline std::size_t thread_part() noexcept {
  static thread_local const char here = 0;
  const auto address = reinterpret_cast<std::uintptr_t>(&here);
  return (address >> 12U ^ address >> 20U) % thread_parts;
}

/// A count that threads add to often and that is seldom read.
/// Thread-safety: any thread.
class spread_count {
 public:
  void add_one() noexcept { parts_[thread_part()].count.fetch_add(1, std::memory_order_relaxed); }
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
