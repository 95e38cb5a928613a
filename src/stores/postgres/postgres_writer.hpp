#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "stores/postgres/batch_writer.hpp"
#include "stores/postgres/commit_queue.hpp"
#include "stores/postgres/leftover_purger.hpp"
#include "stores/postgres/link_keeper.hpp"

namespace troupe::internal {

/// The threads that commit, each with a connection of its own.
class postgres_writer {
 public:
  /// Connects and starts the threads. `place`, `held` and `purger`, which is told what commits leave, outlive this
  /// object. Errors: `pg_failure`.
  postgres_writer(const pg_place& place, held_lease& held, leftover_purger& purger, std::size_t connections,
                  const std::shared_ptr<const spi::clock>& clock, const std::shared_ptr<spi::entropy>& entropy);
  ~postgres_writer() { close(); }

  /// Thread-safety: any thread. Completion: on a writer's thread, or inline where there is nothing to do.
  void commit(std::span<const spi::turn_record> records, const spi::store_limits& limits,
              commit_queue::commit_done done);

  /// Commits what is queued, ends the threads and closes the connections. Idempotent.
  void close();

 private:
  /// One thread's own.
  struct committer {
    committer(const pg_place& place, held_lease& held, std::shared_ptr<const spi::clock> clock,
              std::shared_ptr<spi::entropy> entropy)
        : links(place, std::move(clock), std::move(entropy)), records(place, held) {}
    link_keeper links;
    batch_writer records;
    std::atomic<bool> is_connected = true;
    std::thread thread;
  };

  void run(committer& mine);
  [[nodiscard]] bool is_another_connected(const committer& mine) const;
  void fail(commit_queue::batch batch, const std::string& problem);

  const pg_place& place_;
  leftover_purger& purger_;
  commit_queue queue_;
  std::mutex close_mutex_;
  std::vector<std::unique_ptr<committer>> committers_;  ///< last, so that the threads start when all else is there
};

}  // namespace troupe::internal
