#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/quarantine_rules.hpp"
#include "troupe/core/quarantine.hpp"

namespace troupe::internal {

class activation;
class actor_system;

/// The actors whose activation failed lately. Apart from their places in the directory, which are gone when nobody
/// refers to them; bounded by `quarantine_actors_max`. While it is empty it costs an activation one relaxed load.
/// Thread-safety: any thread.
class quarantine {
 public:
  explicit quarantine(actor_system& system) noexcept : system_(system) {}

  /// Why the actor may not be activated now; null when it may.
  [[nodiscard]] std::exception_ptr refusal(const activation& target);

  void note_failure(const activation& target, const std::exception_ptr& why);
  void note_success(const activation& target);

  /// Forgets the failures of an actor. Returns whether it was quarantined.
  bool release(const actor_id& actor);

  /// Those that are quarantined, by type, then key.
  [[nodiscard]] std::vector<quarantined_actor> list() const;

 private:
  struct entry {
    failure_streak streak;
    quarantined_actor seen;
  };
  using entries = std::list<entry>;  // the one that failed last is in front

  [[nodiscard]] std::optional<entry> forget(const actor_id& actor);

  actor_system& system_;
  std::atomic<std::size_t> size_{0};
  mutable std::mutex mutex_;
  entries entries_;                                           // guarded by mutex_
  std::unordered_map<actor_id, entries::iterator> by_actor_;  // guarded by mutex_
};

/// Wall time as `2026-03-01T09:30:00Z`.
[[nodiscard]] std::string to_text(wall_time when);

}  // namespace troupe::internal
