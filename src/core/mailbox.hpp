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
    return push_as<how::plain>({&m, &m, 1}, before_waking, 0);
  }
  pushed push(detail::message& m) noexcept {
    return push(m, [] {});
  }

  /// The same for a request that may be refused. Those that find the strand busy are marked and counted, and where
  /// `crowd_from` of them lie already the push is not made.
  template <class Function>
  pushed push_counted(detail::message& m, const Function& before_waking, unsigned crowd_from) noexcept {
    return push_as<how::counted>({&m, &m, 1}, before_waking, std::uint64_t{crowd_from} << count_shift);
  }

  /// The same for several, linked from the oldest on; all of them or none. A crowd is looked for once.
  template <class Function>
  pushed push_run(detail::message& oldest, const Function& before_waking, unsigned crowd_from) noexcept {
    const std::uint64_t old = word_.load(std::memory_order_relaxed);
    if (crowd_from != crowd_never && old >= std::uint64_t{crowd_from} << count_shift) return pushed::crowded;
    detail::message* newest = nullptr;
    std::uint64_t count = 0;
    for (detail::message* m = &oldest; m != nullptr; ++count) {
      detail::message* next = m->next;
      m->next = newest == nullptr ? nullptr : reinterpret_cast<detail::message*>(link_to(*newest) | behind);
      m->found_busy = true;
      newest = m;
      m = next;
    }
    const pushed found = push_as<how::several>({newest, &oldest, count}, before_waking, 0);
    if (found == pushed::nowhere) {
      oldest.next = nullptr;
      static_cast<void>(oldest_first(link_to(*newest), nullptr));
    }
    return found;
  }

  /// The strand's: takes everything pushed so far, oldest first.
  [[nodiscard]] message_batch take() noexcept {
    return oldest_first(word_.exchange(busy, std::memory_order_acq_rel), nullptr);
  }

  /// The strand's, as its first look since it was scheduled: the only message there is, or null. It stays in the
  /// mailbox, which no one looks into: it may be used and freed before `rest_after` or `take_after`, one of which must
  /// follow once it was used.
  [[nodiscard]] detail::message* only_one() const noexcept {
    const std::uint64_t word = word_.load(std::memory_order_acquire);
    return word > closed && (word & (behind | ~address_bits)) == 0 ? reinterpret_cast<detail::message*>(word) : nullptr;
  }
  /// Rests, as `rest` does, unless something was pushed behind the only message.
  [[nodiscard]] bool rest_after(const detail::message& only) noexcept {
    auto expected = reinterpret_cast<std::uint64_t>(&only);
    return word_.compare_exchange_strong(expected, resting, std::memory_order_acq_rel, std::memory_order_relaxed);
  }
  /// Takes what was pushed behind the only message.
  [[nodiscard]] message_batch take_after(const detail::message& only) noexcept {
    return oldest_first(word_.exchange(busy, std::memory_order_acq_rel), &only);
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
    return {oldest_first(word, nullptr).oldest, word == dormant};
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
  // A bit of an address, also where a message points to the one before it: that one was pushed onto a busy strand. So
  // the one that was there when the strand was scheduled is known, whatever memory those behind it have got.
  static constexpr std::uint64_t behind = 4;
  static constexpr unsigned count_shift = 48;
  static constexpr std::uint64_t count_one = std::uint64_t{1} << count_shift;
  static constexpr std::uint64_t address_bits = count_one - 1;
  static constexpr std::uint64_t most_counted = std::uint64_t{crowd_never} << count_shift;
  static_assert(sizeof(void*) == 8, "a mailbox keeps a count in the upper 16 bits of an address of 64");

  enum class how : std::uint8_t { plain, counted, several };
  struct run {
    detail::message* newest;
    detail::message* oldest;
    std::uint64_t count;
  };
  template <how How, class Function>
  pushed push_as(const run& what, const Function& before_waking, [[maybe_unused]] std::uint64_t crowd_at) noexcept {
    constexpr bool counted = How != how::plain;
    constexpr bool several = How == how::several;
    const auto node = link_to(*what.newest);
    std::uint64_t old = word_.load(std::memory_order_relaxed);
    std::uint64_t made = 0;
    do {
      const std::uint64_t state = old & address_bits;
      if (state == closed) return pushed::nowhere;
      if (state == dormant) before_waking();
      what.oldest->next = state > closed ? reinterpret_cast<detail::message*>(state) : nullptr;
      made = node | (old & ~address_bits) | (state >= busy || several ? behind : 0);
      if constexpr (counted) {
        if (!several && old >= crowd_at && crowd_at != most_counted) return pushed::crowded;
        what.oldest->found_busy = state >= busy;
        const std::uint64_t more = what.count - (state >= busy ? 0U : 1U);
        made += count_one * std::min<std::uint64_t>(more, crowd_never - (old >> count_shift));
      }
    } while (!word_.compare_exchange_weak(old, made, std::memory_order_acq_rel, std::memory_order_relaxed));
    if (old == resting) return pushed::onto_resting;
    return old == dormant ? pushed::onto_dormant : pushed::onto_busy;
  }

  /// Without `used`, which was the first.
  [[nodiscard]] static message_batch oldest_first(std::uint64_t word, const detail::message* used) noexcept {
    message_batch batch;
    std::uint64_t link = word & address_bits;
    if (link <= closed) return batch;
    std::uint16_t sender = 0;
    while (link != 0 && ((link & behind) != 0 || at(link) != used)) {
      detail::message* m = at(link);
      if (batch.count == 0) sender = m->from;
      link = reinterpret_cast<std::uint64_t>(m->next);
      m->next = batch.oldest;
      batch.oldest = m;
      ++batch.count;
      batch.has_work = batch.has_work || m->as == detail::message::role::work;
      batch.is_mixed = batch.is_mixed || m->from != sender;
    }
    return batch;
  }
  [[nodiscard]] static std::uint64_t link_to(const detail::message& m) noexcept {
    return reinterpret_cast<std::uint64_t>(&m);
  }
  [[nodiscard]] static detail::message* at(std::uint64_t link) noexcept {
    return reinterpret_cast<detail::message*>(link & ~behind);
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
