#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <unordered_map>

#include <boost/asio/awaitable.hpp>
#include <troupe/troupe.hpp>

#include "commands/caller_pool.hpp"
#include "invoices/sale_line.hpp"

namespace marketplace {

/// Sends rows to their buyers: one at a time per buyer and in order, many buyers at once, and only so many rows ahead.
///
/// Thread-safety: one thread, which lends itself to the work in `settle` and `finish`.
class settler {
 public:
  /// Lines between the oldest row that is not settled and the newest, at most. Twice this many keys is what a seller
  /// must remember, see README.md.
  static constexpr std::uint64_t lines_ahead_max = 2000;

  /// Lifetime: runtime and pool outlive the settler.
  settler(caller_pool& callers, troupe::runtime& runtime) : callers_(callers), runtime_(runtime) {}

  /// Stops the pool.
  ~settler() { callers_.stop(); }

  settler(const settler&) = delete;
  settler& operator=(const settler&) = delete;

  /// Takes a row, and waits until there is room for the next. Errors: what a buyer answered.
  void settle(sale_line sale);

  /// Rows that were settled in an earlier run, so far.
  [[nodiscard]] std::int64_t settled_before() const noexcept { return settled_before_; }

 private:
  boost::asio::awaitable<void> serve(std::string customer);
  [[nodiscard]] bool is_far_ahead() const;

  caller_pool& callers_;
  troupe::runtime& runtime_;
  std::unordered_map<std::string, std::deque<sale_line>> waiting_;  // by customer; only those with rows
  std::set<std::uint64_t> waiting_lines_;
  std::int64_t settled_before_ = 0;
};

}  // namespace marketplace
