#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "troupe/spi/executor.hpp"

namespace troupe::internal {

/// A worker's queue of what it runs next: a ring that its owner pushes to and anyone takes from, oldest first.
/// Source: the run queues of the Go scheduler (bounded ring, thieves take half).
class run_queue {
 public:
  static constexpr std::uint32_t capacity = 256;

  /// The owner's. Returns false when the ring is full.
  [[nodiscard]] bool push(spi::runnable& r) noexcept {
    const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_acquire) >= capacity) return false;
    ring_[tail % capacity].store(&r, std::memory_order_relaxed);
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

  /// Any thread. Takes the oldest; null when there is none.
  [[nodiscard]] spi::runnable* pop() noexcept {
    std::uint32_t head = head_.load(std::memory_order_acquire);
    for (;;) {
      if (head == tail_.load(std::memory_order_acquire)) return nullptr;
      spi::runnable* r = ring_[head % capacity].load(std::memory_order_relaxed);
      if (head_.compare_exchange_weak(head, head + 1, std::memory_order_acq_rel, std::memory_order_acquire)) return r;
    }
  }

  /// The same for the owner, when nobody else ever takes from it.
  [[nodiscard]] spi::runnable* pop_alone() noexcept {
    const std::uint32_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_relaxed)) return nullptr;
    spi::runnable* r = ring_[head % capacity].load(std::memory_order_relaxed);
    head_.store(head + 1, std::memory_order_relaxed);
    return r;
  }

  [[nodiscard]] std::uint32_t size() const noexcept {
    const std::uint32_t head = head_.load(std::memory_order_acquire);
    return tail_.load(std::memory_order_acquire) - head;
  }

 private:
  alignas(64) std::atomic<std::uint32_t> head_{0};
  alignas(64) std::atomic<std::uint32_t> tail_{0};
  std::array<std::atomic<spi::runnable*>, capacity> ring_{};
};

}  // namespace troupe::internal
