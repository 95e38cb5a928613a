#include "stores/postgres/commit_queue.hpp"

#include <algorithm>
#include <utility>

namespace troupe::internal {

/// The records of one call, and what is left of them.
struct commit_job {
  commit_queue::commit_done done;
  std::vector<spi::commit_result> results;
  std::size_t left = 0;
};

namespace {

/// How far the queue is searched for actors of which no record is under way.
constexpr std::size_t search_max = 4 * commit_queue::batch_records_max;

}  // namespace

std::vector<pg_item*> commit_queue::batch::pointers() {
  std::vector<pg_item*> pointers;
  pointers.reserve(items.size());
  for (pg_item& item : items) pointers.push_back(&item);
  return pointers;
}

bool commit_queue::push(std::span<const spi::turn_record> records, std::vector<spi::commit_result>& results,
                        commit_done& done) {
  const auto job = std::make_shared<commit_job>();
  std::vector<queued> items;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (results[i].status == spi::commit_status::rejected) continue;
    items.push_back({&records[i], nullptr, spi::bytes_of(records[i]), job});
  }
  const std::lock_guard lock(mutex_);
  if (closed_) return false;
  job->done = std::move(done);
  job->results = std::move(results);
  job->left = items.size();
  for (queued& item : items) {
    item.result = &job->results[static_cast<std::size_t>(item.record - records.data())];
    queue_.push_back(std::move(item));
  }
  changed_.notify_one();
  return true;
}

commit_queue::batch commit_queue::take() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (batches_under_way_ == 0 || queue_.size() >= batch_records_max || closed_) {
      batch taken = cut();
      if (!taken.items.empty()) {
        ++batches_under_way_;
        return taken;
      }
      if (closed_ && queue_.empty()) return {};
    }
    changed_.wait(lock);
  }
}

commit_queue::batch commit_queue::take_waiting() {
  const std::lock_guard lock(mutex_);
  batch taken = cut();
  if (!taken.items.empty()) ++batches_under_way_;
  return taken;
}

commit_queue::batch commit_queue::cut() {
  std::vector<queued> taken;
  std::vector<queued> passed_over;
  actor_set skipped;  // what comes later of these must not overtake
  std::size_t bytes = 0;
  std::size_t searched = 0;
  while (!queue_.empty() && taken.size() < batch_records_max && searched++ < search_max) {
    queued& item = queue_.front();
    const actor_id* actor = &item.record->actor;
    if (!taken.empty() && bytes + item.bytes > batch_bytes_max) break;
    if (skipped.contains(actor) || !under_way_.insert(actor).second) {
      skipped.insert(actor);
      passed_over.push_back(std::move(item));
    } else {
      bytes += item.bytes;
      taken.push_back(std::move(item));
    }
    queue_.pop_front();
  }
  queue_.insert(queue_.begin(), std::make_move_iterator(passed_over.begin()),
                std::make_move_iterator(passed_over.end()));
  std::sort(taken.begin(), taken.end(),
            [](const queued& a, const queued& b) { return a.record->actor < b.record->actor; });
  batch result;
  result.items.reserve(taken.size());
  result.jobs.reserve(taken.size());
  for (queued& item : taken) {
    result.items.push_back({item.record, item.result, false});
    result.jobs.push_back(std::move(item.job));
  }
  return result;
}

void commit_queue::wait(std::chrono::milliseconds pause) {
  std::unique_lock lock(mutex_);
  closing_.wait_for(lock, pause, [this] { return closed_; });
}

void commit_queue::finish(batch finished) {
  std::vector<std::shared_ptr<commit_job>> over;
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < finished.items.size(); ++i) {
      under_way_.erase(&finished.items[i].record->actor);
      if (--finished.jobs[i]->left == 0) over.push_back(std::move(finished.jobs[i]));
    }
    --batches_under_way_;
  }
  changed_.notify_all();
  for (const auto& job : over) job->done(std::move(job->results));
}

void commit_queue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
  closing_.notify_all();
}

}  // namespace troupe::internal
