#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "commit/batch_queue.hpp"
#include "commit/retry_policy.hpp"
#include "commit/store_reads.hpp"
#include "core/ports.hpp"
#include "core/timer_service.hpp"
#include "troupe/spi/clock.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

/// Commits and loads of many actors, in batches that share store round trips (group commit), with retries and a limit
/// on how long the store may take, which each counts for itself. A commit whose answer was lost is committed again,
/// which tells what happened; one the store does not answer in time goes back as `unknown`. Thread-safety: any thread.
/// Lifetime: callbacks that are under way keep it; `stop` before the activations go.
class store_gateway final : public persistence_port, public std::enable_shared_from_this<store_gateway> {
 public:
  store_gateway(std::shared_ptr<spi::state_store> store, std::shared_ptr<const spi::clock> clock, timer_service& timers,
                retry_policy policy);

  void commit(commit_ticket& ticket) noexcept override;
  void load(load_ticket& ticket) noexcept override;
  void read(log_ticket& ticket) noexcept override { reads_->start(ticket); }
  void read(item_ticket& ticket) noexcept override { reads_->start(ticket); }
  [[nodiscard]] spi::store_limits limits() const noexcept override { return limits_; }

  /// No ticket comes back after this. Not inside a store's answer.
  void stop() noexcept;

 private:
  struct commit_item {
    commit_ticket* ticket = nullptr;
    spi::turn_record record;
    steady_time first_try{};
    unsigned attempt = 0;
    bool doubtful = false;  ///< an earlier try may have been applied
  };
  struct load_item {
    load_ticket* ticket = nullptr;
    steady_time first_try{};
    unsigned attempt = 0;
  };
  template <class Item>
  struct batch_flight;
  struct commit_flight;
  struct load_flight;

  void pump();
  void end_landing() noexcept;
  void launch(std::vector<commit_item> items);
  void launch(std::vector<load_item> items);
  /// Arms the alarm of the flight's next item whose time is over; requires mutex_.
  template <class Flight>
  void arm(const std::shared_ptr<Flight>& flight);
  void pump_at(steady_time when);
  void land(commit_flight& flight, std::vector<spi::commit_result> results);
  void land(load_flight& flight, std::vector<spi::load_result> results);
  /// Answers those of a flight that the store has kept for too long. The others go on waiting for it.
  template <class Flight>
  void expire(const std::shared_ptr<Flight>& flight);
  [[nodiscard]] bool is_over(const auto& item, steady_time now) const noexcept;
  template <class Item, class Status>
  [[nodiscard]] bool again(Item& item, Status status, steady_time now) const;
  /// Puts those that are to be tried again back, after a pause; requires mutex_.
  template <class Item>
  void try_again(batch_queue<Item>& queue, std::vector<Item> items, bool all_failed, steady_time now);
  template <class Item>
  [[nodiscard]] steady_time limit_of(const std::vector<Item>& items) const;
  /// Answers what has waited as long as the store is given, while others hold it up.
  void give_up_waiting();
  [[nodiscard]] batch_queue<commit_item>& queue_of(const commit_flight&) noexcept { return commits_; }
  [[nodiscard]] batch_queue<load_item>& queue_of(const load_flight&) noexcept { return loads_; }

  const std::shared_ptr<spi::state_store> store_;
  const std::shared_ptr<store_reads> reads_;
  const std::shared_ptr<const spi::clock> clock_;
  timer_service& timers_;
  const retry_policy policy_;
  const spi::store_limits limits_;
  std::mutex mutex_;
  batch_queue<commit_item> commits_;  // guarded by mutex_
  batch_queue<load_item> loads_;      // guarded by mutex_
  bool pumping_ = false;              // guarded by mutex_
  bool stopped_ = false;              // guarded by mutex_
  std::size_t landings_ = 0;          // guarded by mutex_: answers of the store that are being handed out
  std::condition_variable landed_;
};

}  // namespace troupe::internal
