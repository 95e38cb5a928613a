#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "stores/sqlite/row_reader.hpp"
#include "stores/sqlite/sqlite_connection.hpp"
#include "troupe/stores/sqlite.hpp"

namespace troupe::internal {

/// The thread that reads the file, beside the one that writes it and never in its way.
class sqlite_reader {
 public:
  /// One read. `rows` is null when the store is closed, and then the caller's thread runs it.
  using job = std::function<void(row_reader* rows)>;

  /// Starts the thread. Errors: `sqlite_failure`.
  explicit sqlite_reader(const stores::sqlite_options& options);
  ~sqlite_reader() { close(); }

  /// Runs `read` behind those before it. Thread-safety: any thread. `read` must not throw.
  void post(job read);

  /// Runs what is queued, ends the thread and closes the connection. Idempotent.
  void close();

 private:
  void run();

  // Only on the reader's thread.
  std::unique_ptr<sqlite_connection> connection_;
  std::unique_ptr<row_reader> rows_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::deque<job> queue_;
  bool closing_ = false;

  std::mutex close_mutex_;
  std::thread thread_;
};

}  // namespace troupe::internal
