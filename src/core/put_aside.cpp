#include "core/put_aside.hpp"

#include <algorithm>

namespace troupe::internal {

void put_aside::put(const spi::reminder_image& reminder, steady_time now, std::chrono::milliseconds first,
                    std::chrono::milliseconds longest) {
  entry& known = entries_[reminder.name];
  const bool again = known.due == reminder.due && known.pause.count() != 0;
  known.due = reminder.due;
  known.pause = again ? std::min(known.pause * 2, longest) : first;
  known.until = now + known.pause;
}

const put_aside::entry* put_aside::find(const spi::reminder_image& reminder) const {
  const auto found = entries_.find(reminder.name);
  return found != entries_.end() && found->second.due == reminder.due ? &found->second : nullptr;
}

bool put_aside::holds(const spi::reminder_image& reminder, steady_time now) const {
  const entry* found = find(reminder);
  return found != nullptr && found->until > now;
}

wall_time put_aside::due(const spi::reminder_image& reminder, steady_time now, wall_time wall_now) const {
  const entry* found = find(reminder);
  if (found == nullptr || found->until <= now) return reminder.due;
  // Rounded up: not before it is over.
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(found->until - now);
  return std::max(reminder.due, wall_now + left);
}

}  // namespace troupe::internal
