#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/server_process.hpp"
#include "support/temporary_folder.hpp"

namespace troupe::testing_support {

/// A Redis server of the test's own, on a free port of the loopback interface and a Unix socket, with a data folder of
/// its own. It ends with this object. Thread-safety: one thread.
class redis_server {
 public:
  /// Starts it; `settings` are further ones of its command line, as in `{"--appendonly", "yes"}`, and `launcher` is
  /// what stands in front of the command. Throws `std::runtime_error` when it does not start.
  explicit redis_server(std::vector<std::string> settings = {}, std::vector<std::string> launcher = {});

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] std::string socket_path() const { return (folder_.path() / "redis.sock").string(); }
  [[nodiscard]] std::filesystem::path folder() const { return folder_.path(); }
  [[nodiscard]] server_process& process() noexcept { return process_; }

  /// Kills it (`SIGKILL`), or ends it if it still runs, and starts it again on the same port and data.
  void kill() { process_.kill(); }
  void restart();

  /// Starts it again without waiting until it answers.
  void begin_restart();

  /// Adds settings for the next start; the last of a name counts.
  void set(const std::vector<std::string>& settings) {
    settings_.insert(settings_.end(), settings.begin(), settings.end());
  }

  /// Runs one command and returns its answer as text: a list with a space between its items, an error with "-" in
  /// front. `password` and `database` are for servers that ask for them.
  std::string run(const std::vector<std::string>& words, const std::string& password = {}, unsigned database = 0) const;

 private:
  void start(bool waits);

  temporary_folder folder_;
  std::uint16_t port_;
  std::vector<std::string> settings_;
  std::vector<std::string> launcher_;
  server_process process_;
};

}  // namespace troupe::testing_support
