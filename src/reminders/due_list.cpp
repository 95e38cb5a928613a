#include "reminders/due_list.hpp"

namespace troupe::internal {

void due_list::set(const actor_id& actor, std::optional<wall_time> due) {
  if (const auto known = due_.find(actor); known != due_.end()) {
    by_time_.erase({known->second, actor});
    due_.erase(known);
  }
  if (!due) return;
  due_.emplace(actor, *due);
  by_time_.emplace(*due, actor);
}

void due_list::add(const actor_id& actor, wall_time due) {
  if (!due_.contains(actor)) set(actor, due);
}

std::vector<actor_id> due_list::take_due(wall_time now, std::size_t limit) {
  std::vector<actor_id> taken;
  while (!by_time_.empty() && by_time_.begin()->first <= now && taken.size() < limit) {
    taken.push_back(by_time_.begin()->second);
    due_.erase(taken.back());
    by_time_.erase(by_time_.begin());
  }
  return taken;
}

std::optional<wall_time> due_list::next() const {
  if (by_time_.empty()) return std::nullopt;
  return by_time_.begin()->first;
}

}  // namespace troupe::internal
