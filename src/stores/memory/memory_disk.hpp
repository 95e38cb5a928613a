#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <tuple>

#include "stores/rules/commit_rules.hpp"
#include "troupe/spi/state_store.hpp"
#include "troupe/stores/memory.hpp"

namespace troupe::stores {

/// Actors in sorted maps, one lock around everything.
class memory_disk {
 public:
  [[nodiscard]] spi::load_result load(const actor_id& actor) const;
  [[nodiscard]] spi::commit_result commit(const spi::turn_record& record, const spi::store_limits& limits);
  [[nodiscard]] spi::list_result list(const spi::list_query& query) const;
  [[nodiscard]] spi::due_result scan_due(const spi::due_query& query) const;

 private:
  using due_key = std::tuple<wall_time, actor_id>;
  struct kept_actor {
    spi::actor_image image;
    std::optional<wall_time> due;
  };

  void apply(const spi::turn_record& record);
  void erase(const spi::turn_record& record);
  [[nodiscard]] internal::held_actor held(const spi::turn_record& record) const;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::map<actor_id, kept_actor> actors_;
  std::set<due_key> due_;                   ///< one entry per actor that is to be woken
  std::deque<internal::erasure> erasures_;  ///< the latest, oldest first
};

}  // namespace troupe::stores
