#include "commit/store_gateway.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "core/activation.hpp"

namespace troupe::internal {
namespace {

/// What is told of an item that the store was silent about.
void set_silent(spi::commit_result& result, const std::string& message) {
  result = {spi::commit_status::unknown, message};
}
void set_silent(spi::load_result& result, const std::string& message) {
  result = {spi::read_status::unavailable, message, {}};
}

}  // namespace

/// One batch at the store. The callback that the store holds keeps it, however late the answer comes.
template <class Item>
struct store_gateway::batch_flight {
  explicit batch_flight(std::vector<Item> batch) : items(std::move(batch)) {}

  std::vector<Item> items;  // guarded by mutex_ once launched; one that was given up has no ticket
  alarm_ptr limit;          // guarded by mutex_
  bool over = false;        // guarded by mutex_: answered, or given up as a whole
};

struct store_gateway::commit_flight : batch_flight<commit_item> {
  using batch_flight::batch_flight;
  std::vector<spi::turn_record> records;
};

struct store_gateway::load_flight : batch_flight<load_item> {
  using batch_flight::batch_flight;
  std::vector<actor_id> actors;
};

store_gateway::store_gateway(std::shared_ptr<spi::state_store> store, std::shared_ptr<const spi::clock> clock,
                             timer_service& timers, retry_policy policy)
    : store_(std::move(store)),
      reads_(std::make_shared<store_reads>(store_, clock, timers, policy)),
      clock_(std::move(clock)),
      timers_(timers),
      policy_(policy),
      limits_(store_->limits()),
      commits_(limits_.batch_records_max),
      loads_(limits_.batch_records_max) {}

void store_gateway::commit(commit_ticket& ticket) noexcept {
  {
    const std::scoped_lock lock(mutex_);
    if (stopped_) return;
    commits_.push({&ticket, std::move(*std::exchange(ticket.record, nullptr)), clock_->steady_now(), 0, false});
  }
  pump();
}

void store_gateway::load(load_ticket& ticket) noexcept {
  {
    const std::scoped_lock lock(mutex_);
    if (stopped_) return;
    loads_.push({&ticket, clock_->steady_now(), 0});
  }
  pump();
}

void store_gateway::stop() noexcept {
  reads_->stop();
  std::unique_lock lock(mutex_);
  stopped_ = true;
  landed_.wait(lock, [this] { return landings_ == 0; });
}

void store_gateway::end_landing() noexcept {
  const std::scoped_lock lock(mutex_);
  if (--landings_ == 0 && stopped_) landed_.notify_all();
}

void store_gateway::pump() {
  std::unique_lock lock(mutex_);
  if (pumping_) return;  // an answer that comes inline must not nest: the loop below sees what it left
  pumping_ = true;
  while (!stopped_) {
    const steady_time now = clock_->steady_now();
    auto commits = commits_.take(now);
    auto loads = loads_.take(now);
    if (commits.empty() && loads.empty()) break;
    lock.unlock();
    if (!commits.empty()) launch(std::move(commits));
    if (!loads.empty()) launch(std::move(loads));
    lock.lock();
  }
  pumping_ = false;
}

template <class Item>
steady_time store_gateway::limit_of(const std::vector<Item>& items) const {
  steady_time oldest = steady_time::max();
  for (const Item& item : items) {
    if (item.ticket != nullptr) oldest = std::min(oldest, item.first_try);
  }
  return oldest + policy_.give_up_after;
}

bool store_gateway::is_over(const auto& item, steady_time now) const noexcept {
  return item.first_try + policy_.give_up_after <= now;
}

void store_gateway::give_up_waiting() {
  const std::string message =
      "the store did not get to it within " + std::to_string(policy_.give_up_after.count()) + " ms";
  std::vector<commit_item> commits;
  std::vector<load_item> loads;
  {
    const std::scoped_lock lock(mutex_);
    if (stopped_) return;
    const auto stale = [this, now = clock_->steady_now()](const auto& item) { return is_over(item, now); };
    commits = commits_.take_stale(stale);
    loads = loads_.take_stale(stale);
    for (commit_item& item : commits) {
      item.ticket->result = {spi::commit_status::unavailable, message};
      if (item.doubtful) item.ticket->result = after_doubt(std::move(item.ticket->result));
    }
    for (load_item& item : loads) item.ticket->result = {spi::read_status::unavailable, message, {}};
  }
  for (commit_item& item : commits) item.ticket->owner->push(*item.ticket);
  for (load_item& item : loads) item.ticket->owner->push(*item.ticket);
}

template <class Flight>
void store_gateway::arm(const std::shared_ptr<Flight>& flight) {
  flight->limit = make_alarm([self = shared_from_this(), flight] { self->expire(flight); });
  timers_.start(limit_of(flight->items), flight->limit);
}

void store_gateway::launch(std::vector<commit_item> items) {
  auto flight = std::make_shared<commit_flight>(std::move(items));
  flight->records.reserve(flight->items.size());
  for (commit_item& item : flight->items) flight->records.push_back(std::move(item.record));
  {
    const std::scoped_lock lock(mutex_);
    if (stopped_) return;
    arm(flight);
  }
  store_->async_commit(flight->records, [self = shared_from_this(), flight](std::vector<spi::commit_result> results) {
    self->land(*flight, std::move(results));
  });
}

void store_gateway::launch(std::vector<load_item> items) {
  auto flight = std::make_shared<load_flight>(std::move(items));
  flight->actors.reserve(flight->items.size());
  for (const load_item& item : flight->items) flight->actors.push_back(item.ticket->actor);
  {
    const std::scoped_lock lock(mutex_);
    if (stopped_) return;
    arm(flight);
  }
  store_->async_load(flight->actors, [self = shared_from_this(), flight](std::vector<spi::load_result> results) {
    self->land(*flight, std::move(results));
  });
}

template <class Item, class Status>
bool store_gateway::again(Item& item, Status status, steady_time now) const {
  if (!may_retry(status)) return false;
  ++item.attempt;
  return now + policy_.pause_before(item.attempt) < item.first_try + policy_.give_up_after;
}

template <class Item>
void store_gateway::try_again(batch_queue<Item>& queue, std::vector<Item> items, bool all_failed, steady_time now) {
  if (!items.empty()) {
    unsigned attempt = 0;
    for (const Item& item : items) attempt = std::max(attempt, item.attempt);
    // When some went through the store is well, and the others may follow at once.
    const auto pause = now + (all_failed ? policy_.pause_before(attempt) : policy_.first_pause);
    queue.pause(pause);
    pump_at(pause);
    // Others may take its place at the store, and then it must not wait until they are through.
    pump_at(limit_of(items));
  }
  queue.landed(std::move(items));
}

void store_gateway::land(commit_flight& flight, std::vector<spi::commit_result> results) {
  std::vector<commit_item> retried;
  std::vector<commit_ticket*> answered;
  {
    const std::scoped_lock lock(mutex_);
    if (stopped_ || std::exchange(flight.over, true)) return;
    ++landings_;
    timers_.cancel(flight.limit);
    const steady_time now = clock_->steady_now();
    for (std::size_t i = 0; i < flight.items.size(); ++i) {
      commit_item& item = flight.items[i];
      if (item.ticket == nullptr) continue;
      const spi::commit_status status = results[i].status;
      if (item.doubtful) results[i] = after_doubt(std::move(results[i]));
      item.doubtful = item.doubtful || status == spi::commit_status::unknown;
      if (again(item, status, now)) {
        item.record = std::move(flight.records[i]);
        retried.push_back(std::move(item));
      } else {
        item.ticket->result = std::move(results[i]);
        answered.push_back(item.ticket);
      }
    }
    try_again(commits_, std::move(retried), answered.empty(), now);
  }
  for (commit_ticket* ticket : answered) ticket->owner->push(*ticket);
  pump();
  end_landing();
}

void store_gateway::land(load_flight& flight, std::vector<spi::load_result> results) {
  std::vector<load_item> retried;
  std::vector<load_ticket*> answered;
  {
    const std::scoped_lock lock(mutex_);
    if (stopped_ || std::exchange(flight.over, true)) return;
    ++landings_;
    timers_.cancel(flight.limit);
    const steady_time now = clock_->steady_now();
    for (std::size_t i = 0; i < flight.items.size(); ++i) {
      load_item& item = flight.items[i];
      if (item.ticket == nullptr) continue;
      if (again(item, results[i].status, now)) {
        retried.push_back(item);
      } else {
        item.ticket->result = std::move(results[i]);
        answered.push_back(item.ticket);
      }
    }
    try_again(loads_, std::move(retried), answered.empty(), now);
  }
  for (load_ticket* ticket : answered) ticket->owner->push(*ticket);
  pump();
  end_landing();
}

void store_gateway::pump_at(steady_time when) {
  timers_.start(when, make_alarm([self = shared_from_this()] {
                  self->give_up_waiting();
                  self->pump();
                }));
}

template <class Flight>
void store_gateway::expire(const std::shared_ptr<Flight>& flight) {
  const std::string message =
      "the store did not answer within " + std::to_string(policy_.give_up_after.count()) + " ms";
  std::vector<decltype(flight->items.front().ticket)> answered;
  {
    const std::scoped_lock lock(mutex_);
    if (stopped_ || flight->over) return;
    const steady_time now = clock_->steady_now();
    bool some_left = false;
    for (auto& item : flight->items) {
      if (item.ticket == nullptr) continue;
      if (!is_over(item, now)) {
        some_left = true;
        continue;
      }
      set_silent(item.ticket->result, message);
      answered.push_back(std::exchange(item.ticket, nullptr));
    }
    if (some_left) {
      arm(flight);
    } else {
      flight->over = true;
      queue_of(*flight).landed({});
    }
  }
  for (auto* ticket : answered) ticket->owner->push(*ticket);
  give_up_waiting();
  pump();
}

}  // namespace troupe::internal
