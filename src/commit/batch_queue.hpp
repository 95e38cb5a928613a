#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "troupe/spi/clock.hpp"

namespace troupe::internal {

/// Natural batching, as a pure decision: what arrives while a batch is at the store makes up the next one. Nothing
/// ever waits for company, so a lone record costs one store round trip and a crowd shares them.
/// Not thread-safe: its owner locks.
template <class Item>
class batch_queue {
 public:
  explicit batch_queue(std::size_t batch_max) : batch_max_(batch_max) {}

  void push(Item item) { waiting_.push_back(std::move(item)); }

  /// Takes the next batch and counts it as under way; empty when none may start now. A second batch starts beside the
  /// first only when it is full: two halves would cost the store more than one whole.
  [[nodiscard]] std::vector<Item> take(steady_time now) {
    std::vector<Item> batch;
    if (waiting_.empty() || (paused_until_ && now < *paused_until_)) return batch;
    if (flights_ >= flights_max || (flights_ > 0 && waiting_.size() < batch_max_)) return batch;
    paused_until_.reset();
    const std::size_t count = std::min(batch_max_, waiting_.size());
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
    batch.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
    ++flights_;
    return batch;
  }

  /// Takes every waiting item that `stale` says has waited too long.
  template <class Predicate>
  [[nodiscard]] std::vector<Item> take_stale(Predicate stale) {
    std::vector<Item> taken;
    for (Item& item : waiting_) {
      if (stale(std::as_const(item))) taken.push_back(std::move(item));
    }
    if (!taken.empty()) std::erase_if(waiting_, stale);
    return taken;
  }

  /// A batch is over. Items to be tried again go to the front, in their order.
  void landed(std::vector<Item> again) {
    --flights_;
    waiting_.insert(waiting_.begin(), std::make_move_iterator(again.begin()), std::make_move_iterator(again.end()));
  }

  /// Starts nothing before `until`: the store is not well.
  void pause(steady_time until) { paused_until_ = until; }

  [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }
  [[nodiscard]] std::size_t flights() const noexcept { return flights_; }

 private:
  static constexpr std::size_t flights_max = 2;

  std::size_t batch_max_;
  std::deque<Item> waiting_;
  std::size_t flights_ = 0;
  std::optional<steady_time> paused_until_;
};

}  // namespace troupe::internal
