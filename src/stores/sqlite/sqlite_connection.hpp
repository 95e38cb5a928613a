#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <sqlite3.h>

namespace troupe::internal {

/// A call into SQLite that failed. `what()` is SQLite's own message.
class sqlite_failure : public std::runtime_error {
 public:
  sqlite_failure(int extended_code, const std::string& what) : std::runtime_error(what), code_(extended_code) {}

  [[nodiscard]] int code() const noexcept { return code_ & 0xff; }  ///< SQLITE_FULL, ...
  [[nodiscard]] int extended_code() const noexcept { return code_; }

 private:
  int code_;
};

/// Returns the failure of one file for people: what happened, to which file, and what to do.
[[nodiscard]] std::string describe(std::string_view path, const sqlite_failure& failure);

enum class sqlite_access { read_write, read_write_create };

/// One connection, to be used by one thread at a time.
class sqlite_connection {
 public:
  /// Errors: `sqlite_failure`.
  sqlite_connection(const std::string& path, sqlite_access access, std::chrono::milliseconds busy_timeout);

  [[nodiscard]] sqlite3* get() const noexcept { return handle_.get(); }

  /// Runs statements that return nothing. Errors: `sqlite_failure`.
  void run(const std::string& sql);

  /// Returns the first column of the first row, or "" when there is none. Errors: `sqlite_failure`.
  [[nodiscard]] std::string query(std::string_view sql);

  /// Undoes an open transaction, if there is one. Effects: never throws; what cannot be undone now is on the next
  /// begin.
  void roll_back() noexcept;

  void set_busy_timeout(std::chrono::milliseconds timeout) noexcept;

  [[noreturn]] void fail(int code) const;

 private:
  struct closer {
    void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
  };
  std::unique_ptr<sqlite3, closer> handle_;
};

/// One prepared statement of a connection that outlives it. Parameters and columns count as SQLite counts them: from 1
/// and from 0. What is bound by view stays valid until `reset`; what a column returns, until the next `step` or
/// `reset`.
class sqlite_statement {
 public:
  sqlite_statement(sqlite_connection& connection, std::string_view sql);

  void bind(int parameter, std::int64_t value);
  void bind(int parameter, std::uint64_t value) { bind(parameter, static_cast<std::int64_t>(value)); }
  void bind_text(int parameter, std::string_view text);
  void bind_blob(int parameter, std::string_view bytes);
  void bind_null(int parameter);

  /// Returns whether there is a row. Errors: `sqlite_failure`.
  bool step();

  /// Steps through to the end and resets. Errors: `sqlite_failure`.
  void run();

  void reset() noexcept { sqlite3_reset(handle_.get()); }

  [[nodiscard]] bool is_null(int column) const noexcept;
  [[nodiscard]] std::int64_t integer(int column) const noexcept;
  [[nodiscard]] std::uint64_t bits(int column) const noexcept { return static_cast<std::uint64_t>(integer(column)); }

  /// Returns the bytes of a text or blob.
  [[nodiscard]] std::string_view bytes(int column) const noexcept;

 private:
  void check(int code) const;

  struct finalizer {
    void operator()(sqlite3_stmt* handle) const noexcept { sqlite3_finalize(handle); }
  };
  sqlite_connection* connection_;
  std::unique_ptr<sqlite3_stmt, finalizer> handle_;
};

/// Resets a statement at the end of the scope, so that it holds no lock.
class sqlite_reset {
 public:
  explicit sqlite_reset(sqlite_statement& statement) noexcept : statement_(statement) {}
  ~sqlite_reset() { statement_.reset(); }
  sqlite_reset(const sqlite_reset&) = delete;
  sqlite_reset& operator=(const sqlite_reset&) = delete;

 private:
  sqlite_statement& statement_;
};

}  // namespace troupe::internal
