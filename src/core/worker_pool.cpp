#include "troupe/core/worker_pool.hpp"

#include <algorithm>
#include <thread>

#include "troupe/base/error.hpp"

namespace troupe::detail {
namespace {

std::size_t checked(std::size_t workers) {
  if (workers == 0) return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, workers_per_pool_max);
  if (workers <= workers_per_pool_max) return workers;
  throw error(errc::invalid_argument, "a pool of " + std::to_string(workers) + " workers; it has at most " +
                                          std::to_string(workers_per_pool_max) + ", and 0 means one per core");
}

}  // namespace

worker_loads::worker_loads(std::size_t workers)
    : size_(checked(workers)), calls_(std::make_unique<std::atomic<std::uint32_t>[]>(size_)) {}

std::size_t worker_loads::take() noexcept {
  std::size_t least = 0;
  std::uint32_t least_calls = UINT32_MAX;
  for (std::size_t i = 0; i < size_; ++i) {
    std::uint32_t calls = calls_[i].load(std::memory_order_relaxed);
    if (calls == 0 && calls_[i].compare_exchange_strong(calls, 1, std::memory_order_relaxed)) return i;
    if (calls < least_calls) {
      least_calls = calls;
      least = i;
    }
  }
  calls_[least].fetch_add(1, std::memory_order_relaxed);
  return least;
}

std::uint32_t worker_loads::calls() const noexcept {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < size_; ++i) sum += calls_[i].load(std::memory_order_relaxed);
  return sum;
}

}  // namespace troupe::detail
