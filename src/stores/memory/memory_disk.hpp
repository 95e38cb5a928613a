#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <tuple>

#include "stores/rules/commit_rules.hpp"
#include "stores/rules/kept_actor.hpp"
#include "troupe/spi/state_store.hpp"
#include "troupe/stores/memory.hpp"

namespace troupe::stores {

/// The lease under which a store commits.
struct held_lease {
  std::string host;
  std::uint64_t epoch = 0;  ///< 0: under none
};

/// Actors in sorted maps, one lock around everything.
class memory_disk {
 public:
  [[nodiscard]] spi::load_result load(const actor_id& actor) const;
  [[nodiscard]] spi::commit_result commit(const spi::turn_record& record, const spi::store_limits& limits,
                                          const held_lease& lease);
  [[nodiscard]] spi::list_result list(const spi::list_query& query) const;
  [[nodiscard]] spi::due_result scan_due(const spi::due_query& query) const;
  [[nodiscard]] spi::log_result read_log(const spi::log_query& query) const;
  [[nodiscard]] spi::item_result read_items(const spi::item_query& query) const;

  /// Returns the new epoch.
  [[nodiscard]] std::uint64_t take_lease(const std::string& host);

 private:
  using due_key = std::tuple<wall_time, actor_id>;

  /// Returns why the record cannot be applied; nullopt: it was.
  [[nodiscard]] std::optional<std::string> apply(const spi::turn_record& record, const spi::store_limits& limits);
  void erase(const spi::turn_record& record);
  [[nodiscard]] internal::held_actor held(const spi::turn_record& record) const;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::map<actor_id, internal::kept_actor> actors_;
  std::set<due_key> due_;                   ///< one entry per actor that is to be woken
  std::deque<internal::erasure> erasures_;  ///< the latest, oldest first
  std::map<std::string, std::uint64_t> leases_;
};

}  // namespace troupe::stores
