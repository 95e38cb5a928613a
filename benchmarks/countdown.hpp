#pragma once

#include <atomic>
#include <cstdint>

namespace bench {

/// Set once by whoever finishes the last of a number of things; the main thread waits for it.
class countdown {
 public:
  void begin(std::int64_t from) noexcept {
    done_.store(false, std::memory_order_relaxed);
    left_.store(from, std::memory_order_release);
  }
  void one_done() noexcept {
    if (left_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    done_.store(true, std::memory_order_release);
    done_.notify_one();
  }
  void wait() const noexcept { done_.wait(false, std::memory_order_acquire); }

 private:
  std::atomic<std::int64_t> left_{0};
  std::atomic<bool> done_{false};
};

}  // namespace bench
