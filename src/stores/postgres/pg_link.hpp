#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stores/postgres/sqlstate.hpp"
#include "troupe/spi/clock.hpp"

struct pg_conn;
struct pg_result;

namespace troupe::internal {

/// One SQL statement. One with a name is prepared once per connection.
struct pg_statement {
  std::string name;
  std::string text;
};

/// A statement with its parameters, each in binary form.
struct pg_call {
  const pg_statement* statement;
  std::vector<std::string> parameters{};
};

/// What a statement returned, in binary form.
class pg_rows {
 public:
  explicit pg_rows(pg_result* result) noexcept : result_(result) {}

  [[nodiscard]] int size() const noexcept;
  [[nodiscard]] bool is_null(int row, int column) const noexcept;
  /// Valid as long as this object.
  [[nodiscard]] std::string_view bytes(int row, int column) const noexcept;
  [[nodiscard]] std::int64_t integer(int row, int column) const noexcept;
  /// What the statement says it did, e.g. "COMMIT".
  [[nodiscard]] std::string_view tag() const noexcept;
  [[nodiscard]] pg_result* get() const noexcept { return result_.get(); }

 private:
  struct freer {
    void operator()(pg_result* result) const noexcept;
  };
  std::unique_ptr<pg_result, freer> result_;
};

/// A connection to the server beneath libpqxx. Batches and reads go through it: their results come in binary form,
/// several statements share one round trip, and no answer is waited for longer than allowed; libpqxx has none of that.
/// Thread-safety: one thread at a time.
class pg_link {
 public:
  /// Connects. Waits at most `connect_timeout` of the connection string, or 5 s. Errors: `pg_failure`.
  pg_link(const std::string& connection, std::chrono::milliseconds answer_timeout,
          std::shared_ptr<const spi::clock> clock);
  ~pg_link();

  pg_link(const pg_link&) = delete;
  pg_link& operator=(const pg_link&) = delete;

  /// Runs the statements in one round trip; without a transaction that was begun, they are one by themselves.
  /// The first failure ends it: what follows it is not run. Errors: `pg_failure`.
  [[nodiscard]] std::vector<pg_rows> run(std::span<const pg_call> calls);

  /// Runs statements without parameters. Errors: `pg_failure`.
  void run(const std::string& sql);

  /// Leaves a transaction that failed. Never throws; afterwards the connection is in none, or lost.
  void roll_back() noexcept;

  /// Whether statements are sent at all; false: nothing goes out any more.
  [[nodiscard]] bool is_open() const noexcept { return connection_ != nullptr; }

  /// Whether it can be used; notices that the server has closed it in the meantime.
  [[nodiscard]] bool is_alive() noexcept;

  /// 150004 is version 15.4.
  [[nodiscard]] int server_version() const noexcept;

 private:
  struct closer {
    void operator()(pg_conn* connection) const noexcept;
  };

  void connect(const std::string& connection);
  void send(const pg_call& call);
  /// Waits until `events` of `poll` are there. Errors: `pg_failure` when `end` is over.
  void wait(short events, steady_time end, const char* what);
  /// Returns the next result; null: the statement's results are over.
  [[nodiscard]] pg_result* next(steady_time end);
  [[nodiscard]] std::vector<pg_rows> collect(std::size_t queries, steady_time end);
  [[noreturn]] void fail_lost(const std::string& message);

  const std::chrono::milliseconds answer_timeout_;
  const std::shared_ptr<const spi::clock> clock_;
  std::unique_ptr<pg_conn, closer> connection_;
  std::set<std::string, std::less<>> prepared_;
  std::vector<const pg_statement*> sent_;  ///< of the round trip under way; null: a preparation
  std::vector<std::string> preparing_;
};

/// Throws the `troupe::error` that a failure to open a store at `place` is to its user.
[[noreturn]] void refuse_place(const std::string& place, const pg_failure& failure);

}  // namespace troupe::internal
