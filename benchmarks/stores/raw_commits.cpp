#include "raw_commits.hpp"

#include <algorithm>
#include <stdexcept>

namespace bench {
namespace {

constexpr std::uint64_t writer = 77;

troupe::actor_id actor_numbered(std::size_t number) { return {"raw", std::to_string(1'000'000 + number)}; }

}  // namespace

raw_commits::raw_commits(troupe::spi::state_store& store, std::size_t actors, std::size_t state_bytes)
    : store_(store), filler_(state_bytes > 20 ? state_bytes - 20 : 1, 'x'), stamps_(actors), busy_(actors) {
  const std::size_t page = store_.limits().batch_records_max;
  for (std::size_t first = 0; first < actors; first += page) {
    std::vector<troupe::actor_id> names;
    for (std::size_t i = first; i < std::min(first + page, actors); ++i) names.push_back(actor_numbered(i));
    std::unique_lock lock(mutex_);
    bool done = false;
    lock.unlock();
    store_.async_load(names, [&](const std::vector<troupe::spi::load_result>& loaded) {
      const std::scoped_lock held(mutex_);
      for (std::size_t i = 0; i < loaded.size(); ++i) stamps_[first + i] = loaded[i].image.stamp;
      done = true;
      landed_.notify_all();
    });
    lock.lock();
    landed_.wait(lock, [&] { return done; });
  }
  // Those that are not there yet: what is measured changes rows.
  std::size_t next = 0;
  while (next < actors) {
    std::vector<std::size_t> absent;
    for (; next < actors && absent.size() < page; ++next) {
      if (stamps_[next].version == 0) absent.push_back(next);
    }
    if (absent.empty()) break;
    const auto batch = std::make_shared<flight>();
    batch->actors = std::move(absent);
    describe(*batch);
    over_ = true;  // once
    under_way_ = 1;
    launch(batch, batch->actors.size());
    std::unique_lock lock(mutex_);
    landed_.wait(lock, [&] { return under_way_ == 0; });
    if (!failure_.empty()) throw std::runtime_error("a record was not committed: " + failure_);
  }
}

void raw_commits::fill(flight& batch, std::size_t size) {
  batch.actors.clear();
  while (batch.actors.size() < size) {
    const std::size_t actor = random_() % stamps_.size();
    if (busy_[actor]) continue;
    busy_[actor] = true;
    batch.actors.push_back(actor);
  }
  std::sort(batch.actors.begin(), batch.actors.end());
  describe(batch);
}

void raw_commits::describe(flight& batch) const {
  batch.records.resize(batch.actors.size());
  for (std::size_t i = 0; i < batch.actors.size(); ++i) {
    troupe::spi::turn_record& record = batch.records[i];
    const troupe::spi::commit_stamp held = stamps_[batch.actors[i]];
    record.actor = actor_numbered(batch.actors[i]);
    record.expected = held;
    record.next = {held.version + 1, writer};
    record.cells.resize(1);
    record.cells[0].name = "state";
    record.cells[0].json = "{\"n\":" + std::to_string(record.next.version) + ",\"text\":\"" + filler_ + "\"}";
  }
}

void raw_commits::launch(const std::shared_ptr<flight>& batch, std::size_t size) {
  store_.async_commit(batch->records, [this, batch, size](const std::vector<troupe::spi::commit_result>& results) {
    bool again = false;
    {
      const std::scoped_lock lock(mutex_);
      for (std::size_t i = 0; i < results.size(); ++i) {
        if (results[i].status != troupe::spi::commit_status::committed) failure_ = results[i].message;
        stamps_[batch->actors[i]] = batch->records[i].next;
        busy_[batch->actors[i]] = false;
      }
      committed_ += results.size();
      again = !over_ && failure_.empty();
      if (again) {
        fill(*batch, size);
      } else {
        --under_way_;
        landed_.notify_all();
      }
    }
    if (again) launch(batch, size);
  });
}

double raw_commits::run(std::size_t batch, std::size_t in_flight, std::chrono::milliseconds span) {
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::shared_ptr<flight>> flights;
  {
    const std::scoped_lock lock(mutex_);
    over_ = false;
    committed_ = 0;
    under_way_ = in_flight;
    for (std::size_t i = 0; i < in_flight; ++i) {
      flights.push_back(std::make_shared<flight>());
      fill(*flights.back(), batch);
    }
  }
  for (const auto& each : flights) launch(each, batch);
  std::unique_lock lock(mutex_);
  landed_.wait_until(lock, begin + span, [&] { return !failure_.empty(); });
  over_ = true;
  landed_.wait(lock, [&] { return under_way_ == 0; });
  if (!failure_.empty()) throw std::runtime_error("a record was not committed: " + failure_);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  return static_cast<double>(committed_) / seconds.count();
}

}  // namespace bench
