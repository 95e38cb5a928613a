#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

/// All that is kept of one actor, for stores that hold whole actors.
struct kept_actor {
  spi::actor_image image;
  std::optional<wall_time> due;
  std::map<std::string, std::map<std::uint64_t, spi::log_entry_image>> logs;  ///< by name, then sequence
  std::map<std::string, spi::item_image> items;                               ///< by key
};

/// Returns why a record that keeps a cell cannot be applied: the cell does not stand apart in what is held.
[[nodiscard]] std::optional<std::string> wrongly_kept(const spi::actor_image& held, const spi::turn_record& record);

/// Writes a record that erases nothing and whose stamp matches, but for `due`, as a store with that limit does
/// (`store_limits::large_cell_bytes`).
void apply(kept_actor& kept, const spi::turn_record& record, std::size_t large_cell_bytes);

[[nodiscard]] spi::log_result read_log(const kept_actor& kept, const spi::log_query& query);
[[nodiscard]] spi::item_result read_items(const kept_actor& kept, const spi::item_query& query);

}  // namespace troupe::internal
