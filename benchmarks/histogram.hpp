#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace bench {

/// Counts times in buckets an eighth apart. Thread-safety: any thread for `add`.
class histogram {
 public:
  void add(std::int64_t microseconds) noexcept {
    counts_[bucket_of(microseconds < 0 ? 0 : static_cast<std::uint64_t>(microseconds))].fetch_add(
        1, std::memory_order_relaxed);
  }
  void clear() noexcept {
    for (auto& count : counts_) count.store(0, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t count() const noexcept {
    std::uint64_t all = 0;
    for (const auto& count : counts_) all += count.load(std::memory_order_relaxed);
    return all;
  }
  /// The upper end of the bucket that `share` of all times lie in or below, in microseconds; 0 without any.
  [[nodiscard]] std::uint64_t quantile(double share) const noexcept {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count()));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i].load(std::memory_order_relaxed);
      if (seen > wanted) return end_of(i);
    }
    return 0;
  }

 private:
  [[nodiscard]] static std::size_t bucket_of(std::uint64_t value) noexcept {
    if (value < 8) return value;
    const auto power = static_cast<unsigned>(std::bit_width(value)) - 4;
    return (std::size_t{power} + 1) * 8 + ((value >> power) & 7U);
  }
  [[nodiscard]] static std::uint64_t end_of(std::size_t bucket) noexcept {
    if (bucket < 8) return bucket;
    const std::size_t power = bucket / 8 - 1;
    return ((8 + bucket % 8 + 1) << power) - 1;
  }

  std::array<std::atomic<std::uint64_t>, 512> counts_{};
};

}  // namespace bench
