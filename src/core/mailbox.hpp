#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "troupe/detail/message.hpp"

namespace troupe::internal {

/// What a push found.
enum class pushed : std::uint8_t {
  onto_busy,     ///< the strand is scheduled or runs; it will see the message
  onto_resting,  ///< the pusher schedules the strand
  onto_dormant,  ///< the pusher schedules the strand and counts a reference for it
  nowhere,       ///< the runtime is over: the message was not taken
};

/// A mailbox in one word: an intrusive stack that any thread pushes to and the strand takes whole, and whether the
/// strand is scheduled. Source: the Treiber stack with batch take of Dmitry Vyukov's and Pony's actor queues.
class mailbox_word {
 public:
  /// Any thread. Requires: something keeps the activation for the length of the call. `before_waking` is called,
  /// perhaps several times, before a message may become visible in a dormant mailbox; another push may still come
  /// first.
  template <class Function>
  pushed push(detail::message& m, Function before_waking) noexcept {
    std::uintptr_t old = word_.load(std::memory_order_relaxed);
    do {
      if (old == closed) return pushed::nowhere;
      if (old == dormant) before_waking();
      m.next = old > closed ? reinterpret_cast<detail::message*>(old) : nullptr;
    } while (!word_.compare_exchange_weak(old, reinterpret_cast<std::uintptr_t>(&m), std::memory_order_acq_rel,
                                          std::memory_order_relaxed));
    if (old == resting) return pushed::onto_resting;
    return old == dormant ? pushed::onto_dormant : pushed::onto_busy;
  }

  pushed push(detail::message& m) noexcept {
    return push(m, [] {});
  }

  /// The strand's: takes everything pushed so far, oldest first.
  [[nodiscard]] detail::message* take() noexcept {
    return oldest_first(word_.exchange(busy, std::memory_order_acq_rel));
  }

  /// What a mailbox held when it was closed.
  struct remains {
    detail::message* messages = nullptr;  ///< oldest first
    bool was_dormant = false;
  };

  /// Ends the mailbox's use: takes what was pushed, and nothing after. Only when the strand does not run any more;
  /// others may still push.
  [[nodiscard]] remains close() noexcept {
    const std::uintptr_t word = word_.exchange(closed, std::memory_order_acq_rel);
    return {oldest_first(word), word == dormant};
  }

  /// The strand's: rests unless something was pushed meanwhile. After it returned true the strand is over.
  [[nodiscard]] bool rest(bool as_dormant) noexcept {
    std::uintptr_t expected = busy;
    return word_.compare_exchange_strong(expected, as_dormant ? dormant : resting, std::memory_order_acq_rel,
                                         std::memory_order_relaxed);
  }

 private:
  static constexpr std::uintptr_t dormant = 0;
  static constexpr std::uintptr_t resting = 1;
  static constexpr std::uintptr_t busy = 2;
  static constexpr std::uintptr_t closed = 3;

  [[nodiscard]] static detail::message* oldest_first(std::uintptr_t word) noexcept {
    detail::message* newest = word > closed ? reinterpret_cast<detail::message*>(word) : nullptr;
    detail::message* oldest = nullptr;
    while (newest != nullptr) {
      detail::message* next = newest->next;
      newest->next = oldest;
      oldest = newest;
      newest = next;
    }
    return oldest;
  }

  std::atomic<std::uintptr_t> word_{dormant};
};

/// Requests in order; intrusive. Only on the strand.
class request_list {
 public:
  void push(detail::request& r) noexcept {
    r.next = nullptr;
    if (last_ == nullptr) {
      first_ = &r;
    } else {
      last_->next = &r;
    }
    last_ = &r;
  }
  void push_front(detail::request& r) noexcept {
    r.next = first_;
    first_ = &r;
    if (last_ == nullptr) last_ = &r;
  }
  [[nodiscard]] detail::request* pop() noexcept {
    detail::request* r = first_;
    if (r != nullptr) {
      first_ = next_of(*r);
      if (first_ == nullptr) last_ = nullptr;
      r->next = nullptr;
    }
    return r;
  }
  /// Takes the first request that `wanted` says; null when there is none. Adds to `ahead` those in front of it.
  template <class Predicate>
  [[nodiscard]] detail::request* take_if(Predicate wanted, std::size_t& ahead) noexcept {
    detail::request* before = nullptr;
    for (detail::request* r = first_; r != nullptr; before = r, r = next_of(*r)) {
      if (!wanted(*r)) {
        ++ahead;
        continue;
      }
      if (before == nullptr) {
        first_ = next_of(*r);
      } else {
        before->next = r->next;
      }
      if (last_ == r) last_ = before;
      r->next = nullptr;
      return r;
    }
    return nullptr;
  }

  [[nodiscard]] static detail::request* next_of(const detail::request& r) noexcept {
    return static_cast<detail::request*>(r.next);
  }

  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
  [[nodiscard]] detail::request* front() const noexcept { return first_; }

 private:
  detail::request* first_ = nullptr;
  detail::request* last_ = nullptr;
};

}  // namespace troupe::internal
