#include "reminders/due_list.hpp"

#include <functional>
#include <string_view>

namespace troupe::internal {

std::size_t due_list::actor_hash::operator()(const actor_id& actor) const noexcept {
  const std::hash<std::string_view> hash;
  return hash(actor.type) * 31 + hash(actor.key);
}

void due_list::set(const actor_id& actor, std::optional<wall_time> due) {
  if (const auto known = due_.find(actor); known != due_.end()) {
    if (due == known->second) return;
    by_time_.erase({known->second, &known->first});
    if (!due) {
      due_.erase(known);
    } else {
      known->second = *due;
      by_time_.emplace(*due, &known->first);
    }
  } else if (due) {
    by_time_.emplace(*due, &due_.emplace(actor, *due).first->first);
  }
}

void due_list::add(const actor_id& actor, wall_time due) {
  const auto [known, is_new] = due_.emplace(actor, due);
  if (is_new) by_time_.emplace(due, &known->first);
}

std::vector<actor_id> due_list::take_due(wall_time now, std::size_t limit) {
  std::vector<actor_id> taken;
  while (!by_time_.empty() && by_time_.begin()->first <= now && taken.size() < limit) {
    const auto first = due_.find(*by_time_.begin()->second);
    by_time_.erase(by_time_.begin());
    taken.push_back(std::move(due_.extract(first).key()));
  }
  return taken;
}

std::optional<wall_time> due_list::cut(std::size_t limit) {
  std::optional<wall_time> removed;
  while (due_.size() > limit) {
    const auto last = std::prev(by_time_.end());
    removed = last->first;
    const auto known = due_.find(*last->second);
    by_time_.erase(last);
    due_.erase(known);
  }
  return removed;
}

std::optional<wall_time> due_list::next() const {
  if (by_time_.empty()) return std::nullopt;
  return by_time_.begin()->first;
}

}  // namespace troupe::internal
