#pragma once

#include <array>
#include <string>
#include <string_view>

/// What a connection string says, for people, and what is wrong with it; no text shows what may be a password.
namespace troupe::internal {

/// The store's own options in a URI.
inline constexpr std::array<std::string_view, 8> own_postgres_options{
    "troupe_schema",           "troupe_state",
    "troupe_connections",      "troupe_statement_timeout_ms",
    "troupe_lock_timeout_ms",  "troupe_answer_timeout_ms",
    "troupe_large_cell_bytes", "troupe_compress_bytes_min"};

/// Returns the names of these, as "a, b and c". Effects: none.
[[nodiscard]] std::string names_of_own_options();

/// Returns what makes it unclear where the password of a URI ends, or "": libpq takes some of it for host, port or
/// database then, and shows it in its messages. Also "" for what is no URI. Effects: none.
[[nodiscard]] std::string_view doubt_about_password(std::string_view connection) noexcept;

/// Returns where a connection string leads to, for people: "database shop at db1:5432", without user and password.
/// Errors: `troupe::error` (`invalid_argument`) when libpq cannot read it, or there is a doubt; the message shows
/// nothing of it.
[[nodiscard]] std::string place_of(const std::string& connection);

}  // namespace troupe::internal
