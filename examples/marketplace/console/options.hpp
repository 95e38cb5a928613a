#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace marketplace {

/// How the program ends.
enum exit_code : int {
  exit_ok = 0,       ///< done, and everything adds up
  exit_failure = 1,  ///< it could not be done, or something does not add up
  exit_usage = 2,    ///< the command line is wrong; nothing was done
};

/// `marketplace negotiate`
struct negotiate_options {
  std::int64_t buyers = 100;   ///< 1 to 100,000
  std::int64_t sellers = 500;  ///< 1 to 100,000
  std::int64_t rounds = 20;    ///< 1 to 1,000,000
  std::uint64_t seed = 1;
  std::string store = "memory:";
  std::string json_file;  ///< empty: none
};

/// `marketplace replay`
struct replay_options {
  std::string file;  ///< the bundled invoices unless named
  std::string store = "memory:";
  std::string json_file;     ///< empty: none
  std::string rejects_file;  ///< empty: none
};

/// `marketplace audit`
struct audit_options {
  std::string store;
  std::string json_file;  ///< empty: none
};

/// `marketplace history`
struct history_options {
  std::string side;          ///< "buyer" or "seller"
  std::string key;           ///< 1 to 512 bytes
  std::int64_t newest = 20;  ///< 1 to 1,000,000
  std::int64_t from = 0;     ///< number of the entry to begin with, 1 to 10^18; 0: the newest
  std::string store;
  std::string json_file;  ///< empty: none
};

/// Nothing to run: help was asked for, or the command line is wrong.
struct nothing_to_run {
  exit_code code = exit_ok;
  std::string text;  ///< for standard output when `code` is `exit_ok`, else for standard error
};

using command = std::variant<negotiate_options, replay_options, audit_options, history_options, nothing_to_run>;

/// Reads the command line. `bundled_file` is what `replay` reads when no file is named.
/// Errors: none; what is wrong comes back as text that names option, value and rule.
[[nodiscard]] command parse_command_line(int argc, const char* const* argv, const std::string& bundled_file);

}  // namespace marketplace
