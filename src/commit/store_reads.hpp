#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include "commit/retry_policy.hpp"
#include "core/ports.hpp"
#include "core/timer_service.hpp"
#include "troupe/spi/clock.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

/// Reads of logs and items, each an operation of its own at the store, with retries and a limit on how long the store
/// may take. Thread-safety: any thread. Lifetime: callbacks that are under way keep it.
class store_reads final : public std::enable_shared_from_this<store_reads> {
 public:
  store_reads(std::shared_ptr<spi::state_store> store, std::shared_ptr<const spi::clock> clock, timer_service& timers,
              retry_policy policy);

  /// Sends the query of a `log_ticket` or an `item_ticket`, which comes back to its owner's strand.
  template <class Ticket>
  void start(Ticket& ticket) noexcept;

  /// No ticket comes back after this.
  void stop() noexcept;

 private:
  template <class Ticket>
  struct flight;

  template <class Flight>
  void launch(const std::shared_ptr<Flight>& reading);
  template <class Flight, class Result>
  void land(const std::shared_ptr<Flight>& reading, Result result);
  template <class Flight>
  void expire(const std::shared_ptr<Flight>& reading);
  template <class Flight, class Result>
  static void answer(Flight& reading, Result result);  // requires mutex_

  const std::shared_ptr<spi::state_store> store_;
  const std::shared_ptr<const spi::clock> clock_;
  timer_service& timers_;
  const retry_policy policy_;
  std::mutex mutex_;
  bool stopped_ = false;  // guarded by mutex_
};

}  // namespace troupe::internal
