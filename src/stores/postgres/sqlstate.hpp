#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

/// What the errors of PostgreSQL mean for a store.
namespace troupe::internal {

/// What may be done after a failure.
enum class pg_failure_kind {
  again,        ///< the transaction lost against another one: the same at once
  of_record,    ///< it comes from what a record holds; its neighbours would pass
  unavailable,  ///< nothing was applied; it may work later
  lost,         ///< the connection is of no use any more
  damaged,      ///< the database cannot read its own pages
};

/// Returns what a SQLSTATE means; empty (libpq found it) counts as `unavailable`. Effects: none.
[[nodiscard]] pg_failure_kind kind_of_sqlstate(std::string_view sqlstate) noexcept;

/// Returns what a user can do about a SQLSTATE, as "; ..." to be appended to a message; empty: nothing special.
[[nodiscard]] std::string advice_for(std::string_view sqlstate);

/// Returns the SQLSTATE in a message of libpq that was made with all details ("FATAL:  28P01: ..."), or "".
[[nodiscard]] std::string_view sqlstate_in(std::string_view verbose_message) noexcept;

/// Returns the message on one line: without severity, SQLSTATE and places in the server's source.
[[nodiscard]] std::string plain_message(std::string_view message);

/// A failure that the server or libpq reported.
class pg_failure : public std::runtime_error {
 public:
  pg_failure(std::string sqlstate, const std::string& message, bool lost)
      : std::runtime_error(message), sqlstate_(std::move(sqlstate)), lost_(lost) {}

  [[nodiscard]] const std::string& sqlstate() const noexcept { return sqlstate_; }

  [[nodiscard]] pg_failure_kind kind() const noexcept {
    return lost_ ? pg_failure_kind::lost : kind_of_sqlstate(sqlstate_);
  }

 private:
  std::string sqlstate_;
  bool lost_;
};

/// Returns what happened, with its SQLSTATE and what to do, for people.
[[nodiscard]] std::string describe(const pg_failure& failure);

}  // namespace troupe::internal
