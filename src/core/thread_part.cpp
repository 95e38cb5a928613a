#include "core/thread_part.hpp"

#include <bit>

namespace troupe::internal {
namespace {

/// A bit for each part that no thread has.
constinit std::atomic<std::uint32_t> free_parts{(std::uint32_t{1} << shared_part) - 1};

struct part_keeper {
  part_keeper() noexcept = default;
  part_keeper(const part_keeper&) = delete;
  part_keeper& operator=(const part_keeper&) = delete;
  ~part_keeper() {
    const std::size_t had = this_part;
    this_part = shared_part;  // whatever the end of the thread still counts
    if (had < shared_part) free_parts.fetch_or(std::uint32_t{1} << had, std::memory_order_release);
  }
};

}  // namespace

std::size_t take_thread_part() noexcept {
  static thread_local const part_keeper keeper;
  static_cast<void>(keeper);
  std::uint32_t free = free_parts.load(std::memory_order_relaxed);
  // Whoever had the part before has counted in it: acquire, so that what is added is added to that.
  while (free != 0 && !free_parts.compare_exchange_weak(free, free & (free - 1), std::memory_order_acquire,
                                                        std::memory_order_relaxed)) {
  }
  this_part = free == 0 ? shared_part : static_cast<std::size_t>(std::countr_zero(free));
  return this_part;
}

}  // namespace troupe::internal
