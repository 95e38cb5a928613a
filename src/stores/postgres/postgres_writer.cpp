#include "stores/postgres/postgres_writer.hpp"

#include <algorithm>
#include <utility>

#include "stores/postgres/text_rules.hpp"
#include "stores/rules/commit_rules.hpp"

namespace troupe::internal {

postgres_writer::postgres_writer(const pg_place& place, held_lease& held, leftover_purger& purger,
                                 std::size_t connections, const std::shared_ptr<const spi::clock>& clock,
                                 const std::shared_ptr<spi::entropy>& entropy)
    : place_(place), purger_(purger) {
  for (std::size_t i = 0; i < connections; ++i) {
    committers_.push_back(std::make_unique<committer>(place, held, clock, entropy));
    committers_.back()->links.connect();
  }
  for (const auto& each : committers_) each->thread = std::thread([this, &mine = *each] { run(mine); });
}

void postgres_writer::commit(std::span<const spi::turn_record> records, const spi::store_limits& limits,
                             commit_queue::commit_done done) {
  std::vector<spi::commit_result> results(records.size());
  std::size_t rejected = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    auto bad = refusal(records[i], limits);
    if (!bad) bad = text_refusal(records[i], place_.layout.state);
    if (!bad) continue;
    results[i] = {spi::commit_status::rejected, *std::move(bad)};
    ++rejected;
  }
  if (rejected == records.size()) {
    done(std::move(results));
    return;
  }
  if (queue_.push(records, results, done)) return;
  for (spi::commit_result& result : results) {
    result = {spi::commit_status::unavailable, "the store in " + place_.name + " is closed"};
  }
  done(std::move(results));
}

void postgres_writer::run(committer& mine) {
  while (true) {
    // Without a connection it would be the first to be free, and to take and fail what another one could commit.
    if (const auto pause = mine.links.pause(); pause.count() > 0 && is_another_connected(mine)) queue_.wait(pause);
    commit_queue::batch batch = queue_.take();
    if (batch.items.empty()) return;
    pg_link* link = mine.links.get();
    mine.is_connected = link != nullptr;
    if (link == nullptr) {
      // All that waits has waited for the same attempt.
      while (!batch.items.empty()) {
        fail(std::move(batch), mine.links.problem());
        batch = queue_.take_waiting();
      }
      continue;
    }
    mine.records.write(*link, batch.pointers());
    if (mine.records.take_has_left()) purger_.wake();
    queue_.finish(std::move(batch));
  }
}

bool postgres_writer::is_another_connected(const committer& mine) const {
  return std::any_of(committers_.begin(), committers_.end(),
                     [&](const auto& each) { return each.get() != &mine && each->is_connected; });
}

void postgres_writer::fail(commit_queue::batch batch, const std::string& problem) {
  for (const pg_item& item : batch.items) *item.result = {spi::commit_status::unavailable, problem};
  queue_.finish(std::move(batch));
}

void postgres_writer::close() {
  const std::lock_guard one_at_a_time(close_mutex_);
  queue_.close();
  for (const auto& each : committers_) {
    if (each->thread.joinable()) each->thread.join();
    each->links.close();
  }
}

}  // namespace troupe::internal
