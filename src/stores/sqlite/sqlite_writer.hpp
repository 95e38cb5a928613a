#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "stores/sqlite/record_writer.hpp"
#include "stores/sqlite/sqlite_checkpointer.hpp"
#include "stores/sqlite/sqlite_connection.hpp"
#include "troupe/stores/sqlite.hpp"

namespace troupe::internal {

/// The one thread that writes to the file. Whatever queued while a transaction ran makes the next one.
class sqlite_writer {
 public:
  /// Most records of one transaction, unless a single commit brings more.
  static constexpr std::size_t transaction_records_max = 512;

  using commit_done = std::function<void(std::vector<spi::commit_result>)>;
  using lease_done = std::function<void(spi::lease_result)>;

  /// Starts the thread.
  sqlite_writer(const stores::sqlite_options& options, std::unique_ptr<sqlite_connection> connection);
  ~sqlite_writer() { close(); }

  /// Thread-safety: any thread. Completion: on the writer's thread, or inline after `close`.
  void commit(std::span<const spi::turn_record> records, const spi::store_limits& limits, commit_done done);

  /// Takes a lease and commits under it from then on. Thread-safety and completion as `commit`.
  void take_lease(std::string host, lease_done done);

  /// Writes what is queued, ends the thread and closes the connection. Idempotent.
  void close();

 private:
  struct pending_commit {
    std::span<const spi::turn_record> records;
    commit_done done;
    std::vector<spi::commit_result> results;  ///< rejected: decided before it was queued
  };

  struct pending_lease {
    std::string host;
    lease_done done;
  };

  /// One record of a transaction and where its result goes.
  struct pending_record {
    const spi::turn_record* record;
    spi::commit_result* result;
  };

  enum class transaction_end { done, again };

  void run();
  [[nodiscard]] std::vector<pending_commit> take_jobs(std::deque<pending_lease>& leases);
  void write(std::vector<pending_commit>& jobs);
  [[nodiscard]] transaction_end write_transaction(std::vector<pending_record>& items);
  [[nodiscard]] bool lease_is_lost(const std::vector<pending_record>& items);
  void take_leases(std::deque<pending_lease> leases);
  [[nodiscard]] spi::lease_result take_lease(const std::string& host);
  [[nodiscard]] transaction_end write_items(std::vector<pending_record>& items);
  void finish_transaction(const std::vector<pending_record>& items);
  void report(const std::vector<pending_record>& items, spi::commit_status status, const std::string& message);
  void care_for_log();

  const stores::sqlite_options options_;

  // Only on the writer's thread.
  std::unique_ptr<sqlite_connection> connection_;
  std::unique_ptr<record_writer> records_;
  std::unique_ptr<sqlite_statement> begin_;
  std::unique_ptr<sqlite_statement> commit_;
  std::unique_ptr<sqlite_statement> find_lease_;
  std::string lease_;                     ///< empty: none is held
  std::uint64_t lease_epoch_ = 0;         ///< in which it was taken
  const std::uint64_t checkpoint_bytes_;  ///< log growth after which the checkpointer is woken
  std::uint64_t log_pages_ = 0;           ///< set by SQLite at each commit
  std::uint64_t log_bytes_ = 0;           ///< at the commit before
  std::uint64_t log_bytes_at_checkpoint_;
  std::uint64_t log_bytes_at_restart_;
  std::uint64_t page_bytes_;
  sqlite_checkpointer checkpointer_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::deque<pending_commit> queue_;
  std::deque<pending_lease> leases_;
  bool closing_ = false;

  std::mutex close_mutex_;
  std::thread thread_;  ///< last, so that it starts when all else is there
};

}  // namespace troupe::internal
