#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <troupe/troupe.hpp>

#include "commands/caller_pool.hpp"
#include "negotiation/conservation.hpp"
#include "negotiation/market.hpp"

namespace marketplace {

/// Runs the market of a negotiation: opens it, sends every buyer shopping once a round, and sums it up.
///
/// In a round, the buyers that choose the same seller are served in the order of their numbers, the next when the last
/// deal is settled, and all sellers serve at once. So nothing depends on who happens to be faster: a seed has one
/// outcome, cut off or not. Thread-safety: one thread, which lends itself to the work.
class market_days {
 public:
  /// Lifetime: runtime and pool outlive the object.
  market_days(caller_pool& callers, troupe::runtime& runtime, market place)
      : callers_(callers), runtime_(runtime), place_(place) {}

  /// Puts all buyers and sellers in their places; who is there already stays as it is. Errors: what an actor answered.
  void open();

  /// Sends every buyer through one round; one that has been through it stays as it is. Calls `on_served` after each
  /// buyer. Requires: the market is open and the rounds before are over. Errors: what an actor answered.
  void run_round(std::int64_t round, const std::function<void()>& on_served);

  /// Asks all buyers and sellers what they have. Errors: what an actor answered.
  [[nodiscard]] conservation sum_up();

 private:
  boost::asio::awaitable<void> open_shop(std::int64_t number);
  boost::asio::awaitable<void> enter(std::int64_t number);
  boost::asio::awaitable<void> choose(std::int64_t number, std::int64_t round, std::string& seller_key);
  boost::asio::awaitable<void> serve(std::vector<std::int64_t> buyers, std::int64_t round,
                                     const std::function<void()>& on_served);
  boost::asio::awaitable<void> ask_seller(std::int64_t number, conservation& sum);
  boost::asio::awaitable<void> ask_buyer(std::int64_t number, conservation& sum);

  caller_pool& callers_;
  troupe::runtime& runtime_;
  const market place_;
};

}  // namespace marketplace
