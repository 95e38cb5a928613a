#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "troupe/base/actor_id.hpp"
#include "troupe/spi/clock.hpp"

namespace troupe::internal {

/// Actors by when they are to be woken. Pure; not thread-safe.
class due_list {
 public:
  /// Says when an actor is to be woken; nullopt: it is not.
  void set(const actor_id& actor, std::optional<wall_time> due);

  /// Adds an actor that a scan found, unless something newer is known.
  void add(const actor_id& actor, wall_time due);

  /// Takes up to `limit` actors that are due at `now`, the longest overdue first.
  [[nodiscard]] std::vector<actor_id> take_due(wall_time now, std::size_t limit);

  /// Removes the last ones beyond `limit`. Returns when the first of those was due; nullopt: there were no more.
  std::optional<wall_time> cut(std::size_t limit);

  [[nodiscard]] std::optional<wall_time> next() const;
  [[nodiscard]] std::size_t size() const noexcept { return due_.size(); }

 private:
  struct actor_hash {
    std::size_t operator()(const actor_id& actor) const noexcept;
  };
  using due_map = std::unordered_map<actor_id, wall_time, actor_hash>;
  using place = std::pair<wall_time, const actor_id*>;
  struct earlier {
    bool operator()(const place& a, const place& b) const {
      return a.first != b.first ? a.first < b.first : *a.second < *b.second;
    }
  };

  due_map due_;
  std::set<place, earlier> by_time_;  // of the keys of `due_`
};

}  // namespace troupe::internal
