#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "stores/postgres/held_lease.hpp"
#include "stores/postgres/link_keeper.hpp"
#include "stores/postgres/read_statements.hpp"
#include "stores/postgres/row_images.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

/// The thread that reads, on a connection of its own: an activation that waits for its load does not wait for the
/// commits of others. It takes leases too.
class postgres_reader {
 public:
  /// Connects and starts the thread. `place` and `held` outlive this object. Errors: `pg_failure`.
  postgres_reader(const pg_place& place, held_lease& held, const std::shared_ptr<const spi::clock>& clock,
                  const std::shared_ptr<spi::entropy>& entropy);
  ~postgres_reader() { close(); }

  // Thread-safety: any thread. Completion: on the reader's thread, or inline after `close`.
  void load(std::span<const actor_id> actors, std::function<void(std::vector<spi::load_result>)> done);
  void list(spi::list_query query, std::function<void(spi::list_result)> done);
  void scan_due(spi::due_query query, std::function<void(spi::due_result)> done);
  void read_log(spi::log_query query, std::function<void(spi::log_result)> done);
  void read_items(spi::item_query query, std::function<void(spi::item_result)> done);

  /// Not a read, but the connection that reads is the one that does not wait for commits of its own.
  void take_lease(std::string host, std::function<void(spi::lease_result)> done);

  /// Answers what is queued, ends the thread and closes the connection. Idempotent.
  void close();

 private:
  /// One read: `work` answers it and may throw `pg_failure` before that, `fail` answers that it failed.
  struct job {
    std::function<void(pg_link&)> work;
    std::function<void(spi::read_status, const std::string&)> fail;
  };

  /// Posts a read of one statement, whose rows `answer` makes a result of.
  template <typename Result, typename Answer>
  void post(pg_call call, std::function<void(Result)> done, Answer answer);
  void post(job read);
  void run();
  void run(const job& read);
  void fail_all(const job& first);
  [[nodiscard]] bool take(job& next);
  [[nodiscard]] std::vector<spi::load_result> load_now(pg_link& link, std::span<const actor_id> actors);
  [[nodiscard]] pg_call list_call(const spi::list_query& query) const;

  const pg_place& place_;
  held_lease& held_lease_;
  const read_statements statements_;
  row_images images_;  // only on the reader's thread
  link_keeper links_;  // only on the reader's thread

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::deque<job> queue_;
  bool closing_ = false;

  std::mutex close_mutex_;
  std::thread thread_;
};

}  // namespace troupe::internal
