#pragma once

#include <cstddef>
#include <mutex>
#include <new>

#include "core/light_mutex.hpp"

namespace troupe::internal {

/// Memory for the ticks of timers on their way through mailboxes, kept from one tick to the next.
/// Thread-safety: any thread. Size: at most 80 KiB are kept.
class tick_pool {
 public:
  static constexpr std::size_t block_size = 80;

  tick_pool() noexcept = default;
  tick_pool(const tick_pool&) = delete;
  tick_pool& operator=(const tick_pool&) = delete;
  ~tick_pool() {
    while (first_ != nullptr) free_block(pop());
  }

  /// A block of `block_size` bytes; null when there is no memory.
  [[nodiscard]] void* take() noexcept {
    {
      const std::scoped_lock lock(mutex_);
      if (first_ != nullptr) return pop();
    }
    return ::operator new(block_size, std::nothrow);
  }

  void give(void* block) noexcept {
    {
      const std::scoped_lock lock(mutex_);
      if (kept_ < kept_max) {
        first_ = new (block) kept_block{first_};
        ++kept_;
        return;
      }
    }
    free_block(block);
  }

 private:
  static constexpr std::size_t kept_max = 1024;

  struct kept_block {
    kept_block* next;
  };

  static void free_block(void* block) noexcept { ::operator delete(block); }
  [[nodiscard]] void* pop() noexcept {
    kept_block* const block = first_;
    first_ = block->next;
    --kept_;
    return block;
  }

  light_mutex mutex_;
  kept_block* first_ = nullptr;  // guarded by mutex_
  std::size_t kept_ = 0;         // guarded by mutex_
};

}  // namespace troupe::internal
