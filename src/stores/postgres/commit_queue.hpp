#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "stores/postgres/batch_writer.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

/// The records that wait to be committed, for the threads that do it.
///
/// Records of one actor are handed out one after the other, in the order in which they came: none while another one of
/// the actor is under way. Nothing waits for company; a second thread begins beside the first only when there is a
/// full batch, because two halves cost more than one whole.
/// Thread-safety: any thread.
class commit_queue {
 public:
  using commit_done = std::function<void(std::vector<spi::commit_result>)>;

  /// Most records of one transaction, and the bytes past which no more are added to it.
  static constexpr std::size_t batch_records_max = 512;
  static constexpr std::size_t batch_bytes_max = std::size_t{8} << 20U;

  /// Queues the records; those that have `rejected` in `results` are left out. Returns false, and does nothing, when
  /// the queue is closed. Requires: one at least is not rejected.
  [[nodiscard]] bool push(std::span<const spi::turn_record> records, std::vector<spi::commit_result>& results,
                          commit_done& done);

  /// A batch of different actors, sorted by actor, which the thread that has it hands back to `finish`.
  struct batch {
    std::vector<pg_item> items;
    std::vector<std::shared_ptr<struct commit_job>> jobs;  ///< of each item

    [[nodiscard]] std::vector<pg_item*> pointers();
  };

  /// Waits for the next batch; empty: the queue is closed and has nothing left.
  [[nodiscard]] batch take();

  /// Returns a batch if there is one, without waiting.
  [[nodiscard]] batch take_waiting();

  /// Waits until `pause` is over, or the queue is closed.
  void wait(std::chrono::milliseconds pause);

  /// Reports the results.
  void finish(batch finished);

  void close();

 private:
  struct queued {
    const spi::turn_record* record;
    spi::commit_result* result;
    std::size_t bytes;
    std::shared_ptr<struct commit_job> job;
  };
  struct hash_of_actor {
    std::size_t operator()(const actor_id* actor) const noexcept { return std::hash<actor_id>{}(*actor); }
  };
  struct same_actor {
    bool operator()(const actor_id* a, const actor_id* b) const noexcept { return *a == *b; }
  };
  using actor_set = std::unordered_set<const actor_id*, hash_of_actor, same_actor>;

  /// Takes what may be taken now. Requires mutex_.
  [[nodiscard]] batch cut();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable closing_;
  // Guarded by mutex_.
  std::deque<queued> queue_;
  actor_set under_way_;
  std::size_t batches_under_way_ = 0;
  bool closed_ = false;
};

}  // namespace troupe::internal
