#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "stores/sqlite/sqlite_connection.hpp"
#include "troupe/stores/sqlite.hpp"

namespace troupe::internal {

/// Moves pages from the log into the file on a thread of its own, so that the writer need not.
class sqlite_checkpointer {
 public:
  /// Starts the thread. Errors: `sqlite_failure`.
  explicit sqlite_checkpointer(const stores::sqlite_options& options);
  ~sqlite_checkpointer() { close(); }

  /// Tells that the log has grown. Thread-safety: any thread.
  void wake();

  /// Returns whether the last round left so little of the log that `restart_log` is cheap. Thread-safety: any thread.
  [[nodiscard]] bool has_caught_up() const noexcept { return caught_up_; }

  /// Moves the whole log through the caller's own connection, so that its next transaction begins the log anew.
  /// Returns whether it could: a reader may still need the log. Completion: after the round the thread is at.
  [[nodiscard]] bool restart_log(sqlite_connection& writer);

  /// Ends the thread. Idempotent.
  void close();

 private:
  void run();

  std::unique_ptr<sqlite_connection> connection_;

  std::mutex log_mutex_;  ///< held by whoever moves pages
  std::atomic<bool> caught_up_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  bool wanted_ = false;
  bool closing_ = false;

  std::thread thread_;
};

}  // namespace troupe::internal
