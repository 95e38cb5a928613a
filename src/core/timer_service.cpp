#include "core/timer_service.hpp"

#include <algorithm>

namespace troupe::internal {

void timer_service::start(steady_time when, const alarm_ptr& what) {
  alarm_ptr mine = what;
  bool earlier = false;
  {
    const std::scoped_lock lock(mutex_);
    wheel_.insert(*mine.detach(), when);
    earlier = when < arranged_;
    if (earlier) arranged_ = when;
  }
  if (earlier) wake_at_(when);
}

bool timer_service::cancel(alarm_ptr& which) noexcept {
  const alarm_ptr gone = std::move(which);
  if (!gone) return false;
  {
    const std::scoped_lock lock(mutex_);
    if (!wheel_.erase(*gone)) return false;
  }
  const alarm_ptr mine(gone.get(), false);
  gone->let_go();
  return true;
}

timer_service::step timer_service::take_due(steady_time now) noexcept {
  const std::scoped_lock lock(mutex_);
  const timing_wheel::taken found = wheel_.take_due(now);
  if (found.entry != nullptr) return {.due = alarm_ptr(static_cast<alarm*>(found.entry), false)};
  if (found.more) return {};
  const steady_time next = wheel_.next();
  arranged_ = std::min(arranged_, next);
  return {.over = true, .next = next};
}

void timer_service::ring_due(steady_time now) {
  {
    const std::scoped_lock lock(mutex_);
    arranged_ = steady_time::max();  // what was arranged is here
  }
  for (;;) {
    const step next = take_due(now);
    if (next.due) next.due->ring();
    if (!next.over) continue;
    if (next.next != steady_time::max()) wake_at_(next.next);
    return;
  }
}

std::optional<steady_time> timer_service::next_due() const {
  const std::scoped_lock lock(mutex_);
  return wheel_.first_due();
}

void timer_service::clear() noexcept {
  for (;;) {
    alarm_ptr gone;  // destroyed behind the lock
    {
      const std::scoped_lock lock(mutex_);
      gone = alarm_ptr(static_cast<alarm*>(wheel_.take_any()), false);
    }
    if (!gone) return;
    gone->let_go();
  }
}

}  // namespace troupe::internal
