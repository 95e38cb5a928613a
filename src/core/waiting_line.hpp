#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

#include "core/mailbox.hpp"

namespace troupe::internal {

/// The requests that wait at one actor. One after the other as they came; once `rounds_from` wait, of several senders,
/// the senders take turns: each gives one request a round, its oldest first. So nobody waits behind all that another
/// one sent, and the order of each sender is kept. Senders are told apart by six bits of their hash; two that share
/// these share a turn. Only on the strand. Source: stochastic fairness queueing, McKenney 1990.
class waiting_line {
 public:
  static constexpr std::size_t rounds_from = 64;

  void push(detail::request& r) noexcept {
    ++count_;
    units_ += r.units;
    if (rounds_) {
      rounds_->push(r);
      return;
    }
    list_.push(r);
    if (count_ >= rounds_from && is_mixed(r)) take_turns();
  }

  /// Puts the one that was just popped back where it was.
  void push_front(detail::request& r) noexcept {
    ++count_;
    units_ += r.units;
    (rounds_ ? rounds_->first : list_).push_front(r);
  }

  [[nodiscard]] detail::request* pop() noexcept {
    if (count_ == 0) return nullptr;
    detail::request* r = rounds_ ? rounds_->pop() : list_.pop();
    units_ -= r->units;
    if (--count_ == 0) rounds_.reset();
    return r;
  }

  /// Takes the first request that `wanted` says; null when there is none. Adds to `ahead` those in front of it, where
  /// senders take turns those of its queue.
  template <class Predicate>
  [[nodiscard]] detail::request* take_if(Predicate wanted, std::size_t& ahead) noexcept {
    detail::request* r = rounds_ ? rounds_->take_if(wanted, ahead) : list_.take_if(wanted, ahead);
    if (r == nullptr) return nullptr;
    units_ -= r->units;
    if (--count_ == 0) rounds_.reset();
    return r;
  }

  /// One that `wanted` says; null when there is none.
  template <class Predicate>
  [[nodiscard]] const detail::request* find_if(Predicate wanted) const noexcept {
    const detail::request* found = nullptr;
    for_each([&](const detail::request& r) {
      if (found == nullptr && wanted(r)) found = &r;
    });
    return found;
  }

  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  [[nodiscard]] detail::request* front() const noexcept { return rounds_ ? rounds_->front() : list_.front(); }

  /// Calls `visit` with each, in no order.
  template <class Visit>
  void for_each(Visit visit) const {
    for_each_of(list_, visit);
    if (!rounds_) return;
    for_each_of(rounds_->first, visit);
    for (const request_list& of_one : rounds_->queues) for_each_of(of_one, visit);
  }

  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
  [[nodiscard]] std::uint32_t units() const noexcept { return units_; }  ///< of their memory
  [[nodiscard]] bool takes_turns() const noexcept { return rounds_ != nullptr; }

 private:
  struct rounds {
    request_list first;                   // before all others
    std::array<request_list, 64> queues;  // one for each hash of a sender
    std::uint64_t filled = 0;             // a bit for each queue that is not empty
    unsigned next = 0;                    // whose turn it is, or the next that is not empty

    [[nodiscard]] unsigned turn() const noexcept {
      return (next + static_cast<unsigned>(std::countr_zero(std::rotr(filled, static_cast<int>(next))))) % 64;
    }
    [[nodiscard]] detail::request* front() const noexcept {
      if (!first.empty()) return first.front();
      return filled == 0 ? nullptr : queues[turn()].front();
    }
    void push(detail::request& r) noexcept {
      const unsigned of_sender = r.from % 64U;
      queues[of_sender].push(r);
      filled |= std::uint64_t{1} << of_sender;
    }
    template <class Predicate>
    [[nodiscard]] detail::request* take_if(Predicate wanted, std::size_t& ahead) noexcept {
      if (detail::request* r = first.take_if(wanted, ahead); r != nullptr) return r;
      for (unsigned whose = 0; whose < queues.size(); ++whose) {
        std::size_t before = 0;
        detail::request* r = queues[whose].take_if(wanted, before);
        if (r == nullptr) continue;
        if (queues[whose].empty()) filled &= ~(std::uint64_t{1} << whose);
        ahead += before;
        return r;
      }
      return nullptr;
    }
    [[nodiscard]] detail::request* pop() noexcept {
      if (!first.empty()) return first.pop();
      if (filled == 0) return nullptr;
      const unsigned whose = turn();
      detail::request* r = queues[whose].pop();
      if (queues[whose].empty()) filled &= ~(std::uint64_t{1} << whose);
      next = (whose + 1) % 64;
      return r;
    }
  };

  template <class Visit>
  static void for_each_of(const request_list& list, Visit visit) {
    for (detail::message* m = list.front(); m != nullptr; m = m->next) visit(static_cast<detail::request&>(*m));
  }

  /// Whether more than one sender waits, now that `last` has come. Before it all were one's, or too few to look at.
  [[nodiscard]] bool is_mixed(const detail::request& last) const noexcept {
    if (count_ > rounds_from) return last.from != list_.front()->from;
    bool mixed = false;
    for_each_of(list_, [&](const detail::request& r) { mixed = mixed || r.from != last.from; });
    return mixed;
  }

  void take_turns() noexcept {
    rounds_.reset(new (std::nothrow) rounds);
    if (!rounds_) return;
    while (detail::request* r = list_.pop()) rounds_->push(*r);
  }

  request_list list_;
  std::unique_ptr<rounds> rounds_;  // null: one after the other
  std::uint32_t count_ = 0;
  std::uint32_t units_ = 0;
};

}  // namespace troupe::internal
