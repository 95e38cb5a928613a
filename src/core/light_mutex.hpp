#pragma once

#include <atomic>
#include <cstdint>

namespace troupe::internal {

/// A mutex for what is locked with every call: two atomic operations where nobody is in the way, without a call into a
/// library. A thread that finds it locked sleeps. Not recursive. Meets the BasicLockable requirements.
/// Source: Ulrich Drepper, "Futexes Are Tricky" (2011), the second mutex.
class light_mutex {
 public:
  void lock() noexcept {
    std::uint32_t found = open;
    if (state_.compare_exchange_strong(found, locked, std::memory_order_acquire, std::memory_order_relaxed)) return;
    wait_for_it();
  }
  void unlock() noexcept {
    if (state_.exchange(open, std::memory_order_release) == locked_with_waiters) state_.notify_one();
  }

 private:
  static constexpr std::uint32_t open = 0;
  static constexpr std::uint32_t locked = 1;
  static constexpr std::uint32_t locked_with_waiters = 2;

  [[gnu::cold, gnu::noinline]] void wait_for_it() noexcept {
    while (state_.exchange(locked_with_waiters, std::memory_order_acquire) != open) {
      state_.wait(locked_with_waiters, std::memory_order_relaxed);
    }
  }

  std::atomic<std::uint32_t> state_{open};
};

}  // namespace troupe::internal
