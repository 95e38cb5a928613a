#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

#include "stores/postgres/link_keeper.hpp"
#include "stores/postgres/write_statements.hpp"

namespace troupe::internal {

/// Removes the rows that commits left because they were too many for one transaction: in parts, each a transaction of
/// its own, on a thread of its own, whose connection is there only while there is something to remove.
///
/// What is left to do is in the table `leftover`, and changes with each part: whoever comes later goes on from there.
/// Several stores share the work; none of them ends it while there is something left, whoever is at it. What cannot be
/// removed does not keep what comes behind it: it is tried again after that.
class leftover_purger {
 public:
  /// Starts the thread. `place` outlives this object.
  leftover_purger(const pg_place& place, const std::shared_ptr<const spi::clock>& clock,
                  const std::shared_ptr<spi::entropy>& entropy);
  ~leftover_purger() { close(); }

  /// Tells that there is something to remove. Thread-safety: any thread.
  void wake();

  /// Ends the thread, after the part it is at. Idempotent.
  void close();

 private:
  void run();
  void purge();
  /// Removes up to `rows` rows of the first leftover behind `passed_`; returns whether there was one. Errors:
  /// `pg_failure`.
  [[nodiscard]] bool purge_part(pg_link& link, std::size_t rows);
  [[nodiscard]] bool is_anything_left(pg_link& link);
  /// Notes that a part of so many rows failed, and passes its leftover by where that was often enough.
  void note_failure(std::size_t rows);
  [[nodiscard]] bool is_closing();
  void wait(std::chrono::milliseconds pause);

  // Constant after construction.
  const std::size_t part_rows_;
  const leftover_statements statements_ = leftovers();
  const pg_statement begin_{{}, "BEGIN"};
  const pg_statement commit_{{}, "COMMIT"};
  const std::shared_ptr<spi::entropy> entropy_;

  // The thread's own.
  link_keeper links_;
  std::int64_t passed_ = 0;   ///< leftovers up to this one are not looked at for now
  std::int64_t current_ = 0;  ///< the one that the part under way is of; 0: none yet
  std::int64_t failing_ = 0;  ///< the one of which a single row could not be removed
  int failures_ = 0;          ///< how often not

  std::mutex close_mutex_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  bool wanted_;
  bool closing_ = false;

  std::thread thread_;
};

}  // namespace troupe::internal
