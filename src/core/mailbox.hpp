#pragma once

#include <algorithm>
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
  crowded,       ///< as many requests as `crowd_from` lie here already: the message was not taken
};

/// Messages that are pushed together: linked from the newest to the oldest.
struct message_run {
  detail::message* newest;
  detail::message* oldest;
  unsigned count;
};

/// What a mailbox held.
struct message_batch {
  detail::message* oldest = nullptr;
  std::uint32_t count = 0;
  bool has_work = false;  ///< not only requests
  bool is_mixed = false;  ///< of more than one sender
};

/// A mailbox in one word: an intrusive stack that any thread pushes to and the strand takes whole, whether the strand
/// is scheduled, and in the bits that no address has how many refusable requests were pushed since it last took them.
/// Source: the Treiber stack with batch take of Dmitry Vyukov's and Pony's actor queues.
class mailbox_word {
 public:
  static constexpr unsigned crowd_never = 0xffff;  ///< as `crowd_from`: everything is taken

  /// Any thread. Requires: something keeps the activation for the length of the call. `before_waking` is called,
  /// perhaps several times, before a message may become visible in a dormant mailbox; another push may still come
  /// first.
  template <class Function>
  pushed push(detail::message& m, const Function& before_waking) noexcept {
    return push_as<false>({&m, &m, 1}, before_waking, 0);
  }
  pushed push(detail::message& m) noexcept {
    return push(m, [] {});
  }

  /// The same for a request that may be refused. Those that find the strand busy are marked and counted, and where
  /// `crowd_from` of them lie already the push is not made.
  template <class Function>
  pushed push_counted(detail::message& m, const Function& before_waking, unsigned crowd_from) noexcept {
    return push_as<true>({&m, &m, 1}, before_waking, std::uint64_t{crowd_from} << count_shift);
  }

  /// The same for several, all of them or none. Only the oldest is marked here.
  template <class Function>
  pushed push_run(const message_run& run, const Function& before_waking, unsigned crowd_from) noexcept {
    return push_as<true>(run, before_waking, std::uint64_t{crowd_from} << count_shift);
  }

  /// The strand's: takes everything pushed so far, oldest first.
  [[nodiscard]] message_batch take() noexcept {
    return oldest_first(word_.exchange(busy, std::memory_order_acq_rel));
  }

  /// The strand's: whether something was pushed since it last took.
  [[nodiscard]] bool has_more() const noexcept { return word_.load(std::memory_order_relaxed) != busy; }

  /// Takes a strand that rests, as if a message had been pushed; false when it does not rest. Any thread; the caller
  /// runs it then, or schedules it.
  [[nodiscard]] bool seize() noexcept {
    std::uint64_t expected = resting;
    return word_.load(std::memory_order_relaxed) == resting &&
           word_.compare_exchange_strong(expected, busy, std::memory_order_acq_rel, std::memory_order_relaxed);
  }

  /// What a mailbox held when it was closed.
  struct remains {
    detail::message* messages = nullptr;  ///< oldest first
    bool was_dormant = false;
  };

  /// Ends the mailbox's use: takes what was pushed, and nothing after. Only when the strand does not run any more;
  /// others may still push.
  [[nodiscard]] remains close() noexcept {
    const std::uint64_t word = word_.exchange(closed, std::memory_order_acq_rel);
    return {oldest_first(word).oldest, word == dormant};
  }

  /// The strand's: rests unless something was pushed meanwhile. After it returned true the strand is over.
  [[nodiscard]] bool rest(bool as_dormant) noexcept {
    std::uint64_t expected = busy;
    return word_.compare_exchange_strong(expected, as_dormant ? dormant : resting, std::memory_order_acq_rel,
                                         std::memory_order_relaxed);
  }

 private:
  static constexpr std::uint64_t dormant = 0;
  static constexpr std::uint64_t resting = 1;
  static constexpr std::uint64_t busy = 2;
  static constexpr std::uint64_t closed = 3;
  static constexpr unsigned count_shift = 48;
  static constexpr std::uint64_t count_one = std::uint64_t{1} << count_shift;
  static constexpr std::uint64_t address_bits = count_one - 1;
  static constexpr std::uint64_t most_counted = std::uint64_t{crowd_never} << count_shift;
  static_assert(sizeof(void*) == 8, "a mailbox keeps a count in the upper 16 bits of an address of 64");

  template <bool Counted, class Function>
  pushed push_as(const message_run& run, const Function& before_waking,
                 [[maybe_unused]] std::uint64_t crowd_at) noexcept {
    const auto node = reinterpret_cast<std::uint64_t>(run.newest);
    std::uint64_t old = word_.load(std::memory_order_relaxed);
    std::uint64_t made = 0;
    do {
      const std::uint64_t state = old & address_bits;
      if (state == closed) return pushed::nowhere;
      if (state == dormant) before_waking();
      run.oldest->next = state > closed ? reinterpret_cast<detail::message*>(state) : nullptr;
      made = node | (old & ~address_bits);
      if constexpr (Counted) {
        if (old >= crowd_at && crowd_at != most_counted) return pushed::crowded;
        run.oldest->found_busy = state >= busy;
        made += count_one * std::min<std::uint64_t>(run.count - (state >= busy ? 0 : 1), crowd_never - (old >> count_shift));
      }
    } while (!word_.compare_exchange_weak(old, made, std::memory_order_acq_rel, std::memory_order_relaxed));
    if (old == resting) return pushed::onto_resting;
    return old == dormant ? pushed::onto_dormant : pushed::onto_busy;
  }

  [[nodiscard]] static message_batch oldest_first(std::uint64_t word) noexcept {
    const std::uint64_t state = word & address_bits;
    message_batch batch;
    if (state <= closed) return batch;
    auto* newest = reinterpret_cast<detail::message*>(state);
    const std::uint16_t sender = newest->from;
    while (newest != nullptr) {
      detail::message* next = newest->next;
      newest->next = batch.oldest;
      batch.oldest = newest;
      ++batch.count;
      batch.has_work = batch.has_work || newest->as == detail::message::role::work;
      batch.is_mixed = batch.is_mixed || newest->from != sender;
      newest = next;
    }
    return batch;
  }

  std::atomic<std::uint64_t> word_{dormant};
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

  /// The first request that `wanted` says; null when there is none.
  template <class Predicate>
  [[nodiscard]] const detail::request* find_if(Predicate wanted) const noexcept {
    const detail::request* r = first_;
    while (r != nullptr && !wanted(*r)) r = next_of(*r);
    return r;
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
