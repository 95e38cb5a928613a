#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "troupe/base/actor_id.hpp"
#include "troupe/spi/clock.hpp"

namespace troupe::internal {

/// The actors whose earliest reminder is due in the near window, by due time. Pure; not thread-safe.
class due_list {
 public:
  /// Says when an actor's earliest reminder is due; nullopt: it has none, or none within the window.
  void set(const actor_id& actor, std::optional<wall_time> due);

  /// Adds an actor that a scan found, unless something newer is known.
  void add(const actor_id& actor, wall_time due);

  /// Takes up to `limit` actors that are due at `now`, the longest overdue first.
  [[nodiscard]] std::vector<actor_id> take_due(wall_time now, std::size_t limit);

  [[nodiscard]] std::optional<wall_time> next() const;
  [[nodiscard]] std::size_t size() const noexcept { return due_.size(); }

 private:
  std::map<actor_id, wall_time> due_;
  std::set<std::pair<wall_time, actor_id>> by_time_;
};

}  // namespace troupe::internal
