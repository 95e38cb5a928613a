#include "core/delayed_tells.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "core/actor_system.hpp"
#include "core/later.hpp"
#include "troupe/core/call_options.hpp"

namespace troupe::internal {
namespace {

static_assert(delay_max == span_max);

constexpr std::size_t handed_over_at_once = 64;
constexpr std::size_t kept_room = 64;

/// Of 64 bytes: the message, and what is kept because it waits.
std::int64_t units_of(const detail::request& r) noexcept { return std::int64_t{r.units} + 2; }

}  // namespace

void delayed_tells::start(outgoing what, activation::sender by) noexcept {
  detail::request& r = *what.request;
  if (system_->load().refuses(by.kind)) {
    system_->counters().refused_messages.fetch_add(1, std::memory_order_relaxed);
    system_->on_dropped_tell(*what.target, r.name());
    r.abandon();
    return;
  }
  const detail::one_way_times times = r.times();
  r.sent = later(system_->now(), times.delay);
  if (times.timeout.count() != 0 && times.timeout != no_timeout) r.deadline = later(r.sent, times.timeout);
  {
    const std::scoped_lock lock(mutex_);
    if (!closed_) {
      system_->load().add(1, units_of(r));
      waiting_.push_back({.due = r.sent, .serial = ++started_, .what = std::move(what), .from = by.hash});
      std::push_heap(waiting_.begin(), waiting_.end(), is_later());
      arrange();
      return;
    }
  }
  drop(r);
}

void delayed_tells::arrange() {
  if (ringing_ || waiting_.empty()) return;
  const steady_time due = waiting_.front().due;
  if (alarm_ && alarm_->when() <= due) return;
  system_->timers().cancel(alarm_);
  alarm_ = make_alarm([this, number = ++alarms_] { ring(number); });
  system_->timers().start(due, alarm_);
}

void delayed_tells::ring(std::uint64_t number) noexcept {
  {
    const std::scoped_lock lock(mutex_);
    if (number != alarms_ || closed_) return;  // another one was set meanwhile
    alarm_.reset();
    ringing_ = true;      // so that nobody hands over at the same time what is due later
    system_->on_awake();  // a shutdown waits for what was taken out
  }
  std::vector<entry> due;
  while (take_due(due)) hand_over(due);
  system_->on_dormant();
}

bool delayed_tells::take_due(std::vector<entry>& into) {
  into.clear();
  const std::scoped_lock lock(mutex_);
  const steady_time now = system_->now();
  while (!waiting_.empty() && waiting_.front().due <= now && into.size() < handed_over_at_once) {
    std::pop_heap(waiting_.begin(), waiting_.end(), is_later());
    into.push_back(std::move(waiting_.back()));
    waiting_.pop_back();
  }
  if (!into.empty()) return true;
  if (waiting_.capacity() > kept_room && waiting_.size() < waiting_.capacity() / 4) waiting_.shrink_to_fit();
  ringing_ = false;
  arrange();
  return false;
}

void delayed_tells::hand_over(std::vector<entry>& due) noexcept {
  load_tally tally(system_->load());
  for (entry& each : due) {
    detail::request& r = *each.what.request;
    system_->load().add(-1, -units_of(r));
    // It was let in when it was sent; only its receiver may be full.
    each.what.target.get()->offer(r, {.hash = each.from, .kind = queue_load::sender::let_in}, &tally);
  }
}

void delayed_tells::drop(detail::request& r) noexcept {
  system_->counters().dropped_delayed_tells.fetch_add(1, std::memory_order_relaxed);
  r.abandon();
}

void delayed_tells::close() noexcept {
  std::vector<entry> gone;
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    gone.swap(waiting_);
    system_->timers().cancel(alarm_);
  }
  for (entry& each : gone) {
    system_->load().add(-1, -units_of(*each.what.request));
    drop(*each.what.request);
  }
}

std::size_t delayed_tells::waiting() const noexcept {
  const std::scoped_lock lock(mutex_);
  return waiting_.size();
}

void delayed_tells::log_dropped() const noexcept {
  const std::uint64_t dropped = system_->counters().dropped_delayed_tells.load(std::memory_order_relaxed);
  if (dropped == 0) return;
  system_->log(log_level::warning,
               "shutdown: " + std::to_string(dropped) + " one-way messages were dropped that were not yet due");
}

}  // namespace troupe::internal
