#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace troupe::testing_support {

/// Returns a TCP port of the loopback interface that nobody listened on a moment ago.
[[nodiscard]] std::uint16_t free_port();

/// Whether somebody accepts connections on a port of the loopback interface.
[[nodiscard]] bool accepts_connections(std::uint16_t port);

/// Asks `condition` every 10 ms until it holds; returns false when it does not within `limit`.
[[nodiscard]] bool wait_for(const std::function<bool()>& condition, std::chrono::milliseconds limit);

/// A program that runs beside the test, in a process group of its own. It ends with this object, and with the test
/// however that dies. Thread-safety: one thread.
class server_process {
 public:
  server_process() = default;
  ~server_process() { kill(); }

  server_process(const server_process&) = delete;
  server_process& operator=(const server_process&) = delete;

  /// Starts `command` (a program found along PATH, then its arguments); what it prints is appended to `log`. As root it
  /// runs as the system user `user` where one is named. Throws `std::runtime_error` when it cannot be started.
  void start(const std::vector<std::string>& command, const std::filesystem::path& log, const std::string& user = {});

  /// Waits until `is_ready()`. Throws `std::runtime_error` with the end of the log when the program ends before that
  /// or `limit` is over.
  void wait_until(const std::function<bool()>& is_ready, std::chrono::seconds limit = std::chrono::seconds(60));

  /// Sends a signal to the program alone.
  void signal(int number) const;

  /// Asks it to end (`SIGTERM`, or another signal) and waits until it has; returns its exit status, or 128 + the signal
  /// that ended it.
  int stop(int number = 15);

  /// Ends it and all it has started at once (`SIGKILL`), and waits until it is gone. Nothing happens when none runs.
  void kill();

  [[nodiscard]] bool is_running();
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

 private:
  int reap();

  pid_t pid_ = -1;
  std::filesystem::path log_;
};

/// Runs a command to its end and throws `std::runtime_error` with the log's end when its exit status is not 0.
void run_to_end(const std::vector<std::string>& command, const std::filesystem::path& log,
                const std::string& user = {});

/// Gives a file or folder to a system user; does nothing when not root.
void give_to(const std::filesystem::path& path, const std::string& user);

}  // namespace troupe::testing_support
