// commit_endlessly PATH: commits turns of 64 actors to the SQLite store at PATH, four batches under way at a time, and
// writes "<actor> <version>\n" to standard output for each turn that was reported as committed. Ends by being killed.

#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include <unistd.h>

#include "contract/store_client.hpp"
#include "troupe/stores/sqlite.hpp"

namespace {

using troupe::spi::commit_result;
using troupe::spi::commit_status;
using troupe::spi::turn_record;

constexpr int batches = 4;
constexpr int actors_per_batch = 16;

void make_next(turn_record& record) {
  record.expected = record.next;
  ++record.next.version;
  const std::string version = std::to_string(record.next.version);
  record.cells = {{"copy", 1, version}, {"pad", 1, '"' + std::string(record.next.version % 700, 'x') + '"'}};
  record.requests_added = {{version, version, {}}};
  record.requests_dropped.clear();
  if (record.next.version > 3) record.requests_dropped.push_back(std::to_string(record.next.version - 3));
}

/// Tells what is committed. One write per batch, so that a kill never cuts a line of an earlier one.
void tell(const std::vector<turn_record>& batch, const std::vector<commit_result>& results) {
  std::string lines;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (results[i].status != commit_status::committed) std::abort();
    lines += batch[i].actor.key + " " + std::to_string(batch[i].next.version) + "\n";
  }
  if (write(STDOUT_FILENO, lines.data(), lines.size()) != static_cast<ssize_t>(lines.size())) std::abort();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto store = troupe::stores::sqlite_store({.path = argv[1], .wal_bytes_max = std::size_t{1} << 20U});
  const troupe::contract::store_client client(store);
  std::vector<std::vector<turn_record>> work(batches);
  for (int i = 0; i < batches * actors_per_batch; ++i) {
    turn_record record;
    record.actor = {"seller", std::to_string(i)};
    record.next = client.load(record.actor).image.stamp;
    make_next(record);
    record.next.writer = 11;
    work[static_cast<std::size_t>(i % batches)].push_back(record);
  }
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::pair<std::size_t, std::vector<commit_result>>> finished;
  const auto start = [&](std::size_t batch) {
    store->async_commit(work[batch], [&, batch](std::vector<commit_result> results) {
      const std::lock_guard lock(mutex);
      finished.emplace_back(batch, std::move(results));
      changed.notify_one();
    });
  };
  for (std::size_t batch = 0; batch < work.size(); ++batch) start(batch);
  while (true) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return !finished.empty(); });
    const auto [batch, results] = std::move(finished.front());
    finished.pop_front();
    lock.unlock();
    tell(work[batch], results);
    for (turn_record& record : work[batch]) make_next(record);
    start(batch);
  }
}
