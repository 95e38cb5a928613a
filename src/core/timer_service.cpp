#include "core/timer_service.hpp"

namespace troupe::internal {

timer_service::id timer_service::start(steady_time when, std::shared_ptr<alarm> what) {
  id made;
  bool earliest = false;
  {
    const std::scoped_lock lock(mutex_);
    made = {when, ++started_};
    const auto at = pending_.emplace(made, std::move(what)).first;
    earliest = at == pending_.begin();
  }
  if (earliest) wake_at_(when);
  return made;
}

bool timer_service::cancel(const id& which) noexcept {
  std::shared_ptr<alarm> gone;  // destroyed behind the lock
  const std::scoped_lock lock(mutex_);
  const auto found = pending_.find(which);
  if (found == pending_.end()) return false;
  gone = std::move(found->second);
  pending_.erase(found);
  return true;
}

void timer_service::ring_due(steady_time now) {
  for (;;) {
    std::shared_ptr<alarm> due;
    steady_time when;
    {
      const std::scoped_lock lock(mutex_);
      if (pending_.empty()) return;
      const auto first = pending_.begin();
      when = first->first.first;
      if (when <= now) {
        due = std::move(first->second);
        pending_.erase(first);
      }
    }
    if (!due) {
      wake_at_(when);
      return;
    }
    due->ring();
  }
}

std::optional<steady_time> timer_service::next_due() const {
  const std::scoped_lock lock(mutex_);
  if (pending_.empty()) return std::nullopt;
  return pending_.begin()->first.first;
}

void timer_service::clear() noexcept {
  std::map<id, std::shared_ptr<alarm>> gone;
  const std::scoped_lock lock(mutex_);
  gone.swap(pending_);
}

}  // namespace troupe::internal
