#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

#include "support/server_process.hpp"
#include "support/temporary_folder.hpp"

namespace troupe::testing_support {

/// Whether a server writes its log to the disk at each commit. Only tests that do not kill it can do without.
enum class postgres_fsync { off, on };

/// A PostgreSQL server of the test's own, with a data folder that goes with it. It runs as the system user `postgres`
/// where the test runs as root, which the server refuses to be; another user than "postgres" needs the password
/// "right". Thread-safety: one thread.
class postgres_server {
 public:
  /// Makes the data folder and starts the server. `settings` are lines of postgresql.conf, and `launcher` is what
  /// stands in front of the server's command. Throws `std::runtime_error` when the programs are not there, or it does
  /// not start.
  explicit postgres_server(postgres_fsync fsync, std::vector<std::string> settings = {},
                           std::vector<std::string> launcher = {});

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  /// Returns a connection string for the superuser, without a query.
  [[nodiscard]] std::string uri(const std::string& database = "postgres") const;

  /// Returns one for another user.
  [[nodiscard]] std::string uri_of(const std::string& user, const std::string& password,
                                   const std::string& database = "postgres") const;

  /// Runs SQL as the superuser with psql; returns what it prints, unaligned, without headers and the last line's end.
  /// Throws `std::runtime_error` when it fails.
  std::string sql(const std::string& text, const std::string& database = "postgres");

  /// Starts it again after `kill` or `stop`, on the same port and data.
  void start();

  /// Ends all its processes at once (SIGKILL).
  void kill();

  /// Ends it in order, breaking its connections off (SIGINT).
  void stop() { process_.stop(2); }

  /// Whether it runs: one that met a full disk may have ended.
  [[nodiscard]] bool is_running() { return process_.is_running(); }

  /// Stops its processes where they are, and lets them go on (SIGSTOP, SIGCONT).
  void freeze();
  void thaw();

  /// Returns the path of one of PostgreSQL's programs.
  [[nodiscard]] static std::filesystem::path program(const std::string& name);

 private:
  /// The server's processes, the first of all in front; each is in a process group of its own.
  [[nodiscard]] std::vector<pid_t> processes() const;
  void signal_all(int number) const;

  temporary_folder folder_;
  std::filesystem::path data_;
  std::vector<std::string> launcher_;
  std::uint16_t port_ = 0;
  server_process process_;
};

}  // namespace troupe::testing_support
