#include "commit/store_reads.hpp"

#include <string>
#include <utility>

#include "core/activation.hpp"

namespace troupe::internal {
namespace {

void ask(spi::state_store& store, const spi::log_query& query, std::function<void(spi::log_result)> done) {
  store.async_read_log(query, std::move(done));
}

void ask(spi::state_store& store, const spi::item_query& query, std::function<void(spi::item_result)> done) {
  store.async_read_items(query, std::move(done));
}

}  // namespace

/// One query at the store. The callback that the store holds keeps it, however late the answer comes.
template <class Ticket>
struct store_reads::flight {
  using result_type = decltype(Ticket::result);

  Ticket* ticket;           // guarded by mutex_; null once it went back
  steady_time first_try{};  // constant once launched
  alarm_ptr limit;          // guarded by mutex_
  unsigned attempt = 0;     // guarded by mutex_
};

store_reads::store_reads(std::shared_ptr<spi::state_store> store, std::shared_ptr<const spi::clock> clock,
                         timer_service& timers, retry_policy policy)
    : store_(std::move(store)), clock_(std::move(clock)), timers_(timers), policy_(policy) {}

template <class Ticket>
void store_reads::start(Ticket& ticket) noexcept {
  auto reading = std::make_shared<flight<Ticket>>();
  reading->ticket = &ticket;
  reading->first_try = clock_->steady_now();
  {
    const std::scoped_lock lock(mutex_);
    if (stopped_) return;
    reading->limit = make_alarm([self = shared_from_this(), reading] { self->expire(reading); });
    timers_.start(reading->first_try + policy_.give_up_after, reading->limit);
  }
  launch(reading);
}

template void store_reads::start(log_ticket&) noexcept;
template void store_reads::start(item_ticket&) noexcept;

void store_reads::stop() noexcept {
  const std::scoped_lock lock(mutex_);
  stopped_ = true;
}

template <class Flight>
void store_reads::launch(const std::shared_ptr<Flight>& reading) {
  decltype(reading->ticket->query) query;
  {
    const std::scoped_lock lock(mutex_);
    if (stopped_ || reading->ticket == nullptr) return;
    query = reading->ticket->query;
  }
  ask(*store_, query, [self = shared_from_this(), reading](typename Flight::result_type result) {
    self->land(reading, std::move(result));
  });
}

template <class Flight, class Result>
void store_reads::land(const std::shared_ptr<Flight>& reading, Result result) {
  const std::scoped_lock lock(mutex_);
  if (stopped_ || reading->ticket == nullptr) return;
  if (may_retry(result.status)) {
    const steady_time again = clock_->steady_now() + policy_.pause_before(++reading->attempt);
    if (again < reading->first_try + policy_.give_up_after) {
      timers_.start(again, make_alarm([self = shared_from_this(), reading] { self->launch(reading); }));
      return;
    }
  }
  timers_.cancel(reading->limit);
  answer(*reading, std::move(result));
}

template <class Flight>
void store_reads::expire(const std::shared_ptr<Flight>& reading) {
  const std::scoped_lock lock(mutex_);
  if (stopped_ || reading->ticket == nullptr) return;
  typename Flight::result_type silent;
  silent.message = "the store did not answer within " + std::to_string(policy_.give_up_after.count()) + " ms";
  answer(*reading, std::move(silent));
}

template <class Flight, class Result>
void store_reads::answer(Flight& reading, Result result) {
  auto* const ticket = std::exchange(reading.ticket, nullptr);
  ticket->result = std::move(result);
  ticket->owner->push(*ticket);
}

}  // namespace troupe::internal
