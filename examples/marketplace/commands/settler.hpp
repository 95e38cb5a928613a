#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <set>
#include <string>
#include <unordered_map>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <troupe/troupe.hpp>

#include "actors/buyer.hpp"
#include "invoices/sale_line.hpp"

namespace marketplace {

/// Sends rows to their buyers: one at a time per buyer and in order, many buyers at once, and only so many rows ahead.
///
/// A row that fails is sent again a few times when the error says that this may help, since buying is exactly-once;
/// then the settler stops. Thread-safety: one thread, which lends itself to the answers in `settle` and `finish`.
class settler {
 public:
  /// Rows that wait for their answer, at most.
  static constexpr std::size_t rows_in_flight_max = 256;

  /// Lines between the oldest row that waits and the newest, at most. Twice this many keys is what a seller must
  /// remember, see README.md.
  static constexpr std::uint64_t lines_ahead_max = 2000;

  static constexpr int tries_max = 5;

  /// Lifetime: `runtime` outlives the settler.
  explicit settler(troupe::runtime& runtime) : runtime_(runtime) {}

  /// Sends no more, and waits for the rows that are with their buyers.
  ~settler();

  settler(const settler&) = delete;
  settler& operator=(const settler&) = delete;

  /// Takes a row, and waits until there is room for the next. Errors: what a buyer answered, once tries are used up.
  void settle(sale_line sale);

  /// Waits until every row is settled. Errors: as `settle`.
  void finish();

  [[nodiscard]] std::int64_t settled_now() const noexcept { return settled_now_; }
  [[nodiscard]] std::int64_t settled_before() const noexcept { return settled_before_; }

 private:
  struct queue {
    std::deque<sale_line> rows;  // the first one is with the buyer
    int tries = 0;               // of the first one
  };

  void send_first(const std::string& customer);
  void on_answer(const std::string& customer, std::exception_ptr failure, settlement result);
  void on_settled(const std::string& customer, settlement result);
  void wait_for_an_answer();
  [[nodiscard]] bool is_full() const;

  troupe::runtime& runtime_;
  boost::asio::io_context answers_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_ready_{answers_.get_executor()};
  std::unordered_map<std::string, queue> queues_;  // by customer; only those with rows
  std::set<std::uint64_t> waiting_lines_;
  std::exception_ptr failure_;
  bool is_stopping_ = false;
  std::int64_t settled_now_ = 0;
  std::int64_t settled_before_ = 0;
};

}  // namespace marketplace
