#include "stores/redis/redis_committer.hpp"

#include <set>
#include <utility>

namespace troupe::internal {

void redis_committer::commit(std::span<const spi::turn_record> records, std::vector<spi::commit_result> results,
                             commit_done done) {
  auto owner = std::make_shared<job>();
  owner->results = std::move(results);
  owner->done = std::move(done);
  std::set<unsigned> touched;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (owner->results[i].status == spi::commit_status::rejected) continue;
    const unsigned number = is_cluster_ ? redis_shard_of(records[i].actor) : 0;
    lanes_[number].queue.push_back({&records[i], owner, i});
    ++owner->undecided;
    touched.insert(number);
  }
  if (owner->undecided == 0) owner->done(std::move(owner->results));
  for (const unsigned number : touched) pump(number);
}

/// Takes what goes into one script: as much as came, in its order, up to the limits.
std::vector<redis_committer::item> redis_committer::take(lane& from) {
  std::vector<item> items;
  std::size_t bytes = 0;
  std::size_t words = 0;
  while (!from.queue.empty() && items.size() < redis_script_records_max) {
    bytes += spi::bytes_of(*from.queue.front().record);
    words += redis_words_of(*from.queue.front().record);
    if (!items.empty() && (bytes > redis_script_bytes_max || words > redis_record_words_max)) break;
    items.push_back(std::move(from.queue.front()));
    from.queue.pop_front();
  }
  return items;
}

void redis_committer::pump(unsigned number) {
  lane& from = lanes_[number];
  if (from.is_under_way || from.waits_for_lease || from.queue.empty()) return;
  from.is_under_way = true;
  std::vector<item> items = take(from);
  redis_batch batch;
  batch.records.reserve(items.size());
  for (const item& one : items) batch.records.push_back(one.record);
  batch.lease = lease_;
  batch.lease_shard = is_cluster_ ? number : 0;
  batch.compress_bytes_min = compress_bytes_min_;
  const unsigned slot = layout_.slot_of(batch.lease_shard);
  redis_call call{commit_call(layout_, batch), redis_script::commit};
  client_->call(slot, std::move(call),
                [self = shared_from_this(), number, items = std::move(items), batch = std::move(batch)](
                    const redis_reply* reply, const redis_silence* silence) {
                  if (reply != nullptr && self->is_superseded_by_own(batch, *reply)) {
                    self->put_back(number, items);
                    return;
                  }
                  if (reply != nullptr) {
                    self->finish(number, items, commit_results(batch, *reply, self->client_->place()));
                    return;
                  }
                  const auto status = silence->was_sent ? spi::commit_status::unknown : spi::commit_status::unavailable;
                  const std::string message =
                      (silence->was_sent ? "the commit may or may not have been written: " : "nothing was written: ") +
                      silence->why;
                  self->finish(number, items, std::vector<spi::commit_result>(items.size(), {status, message}));
                });
}

void redis_committer::put_back(unsigned number, const std::vector<item>& items) {
  lane& to = lanes_[number];
  to.queue.insert(to.queue.begin(), items.begin(), items.end());
  to.is_under_way = false;
  to.waits_for_lease = takes_under_way_ > 0;
  pump(number);
}

void redis_committer::finish(unsigned number, const std::vector<item>& items, std::vector<spi::commit_result> results) {
  // The next script goes out before anybody hears of this one: what is done then takes its time beside it.
  lanes_[number].is_under_way = false;
  pump(number);
  for (std::size_t i = 0; i < items.size(); ++i) {
    job& owner = *items[i].owner;
    owner.results[items[i].place] = std::move(results[i]);
    if (--owner.undecided == 0) owner.done(std::move(owner.results));
  }
}

}  // namespace troupe::internal
