#pragma once

#include <utility>
#include <vector>

#include "core/kept_items.hpp"
#include "core/kept_logs.hpp"

namespace troupe::internal {

/// What a turn does to what its actor keeps beside its cells: logs and items.
struct part_effects {
  std::vector<log_effect> logs;
  item_effects items;

  [[nodiscard]] bool changes_items() const noexcept { return !items.changed.empty() || items.expire_next.has_value(); }

  /// Adds what a later part of the same turn did.
  void add(part_effects&& more) {
    add_effects(logs, std::move(more.logs));
    add_effects(items, std::move(more.items));
  }
};

/// What a turn sees of a log.
struct log_view {
  spi::log_head head;
  std::vector<spi::log_entry_image> recent;  ///< entries that the store may not have yet, oldest first
  std::uint64_t stored_end = 1;              ///< the store has those of the log that are numbered below
};

/// Which items a turn asks for: keys from `lower` to before `end`.
struct key_bounds {
  std::string lower;
  std::string end;
  std::size_t wanted = 0;  ///< how many are enough
};

/// The items that a turn found.
struct found_items {
  item_overlay items;                       ///< none is null
  std::optional<std::string> read_up_to{};  ///< there may be more behind this key; nullopt: these are all
};

/// What an activation knows of its actor's logs and items.
struct kept_parts {
  kept_logs logs;
  kept_items items;
};

}  // namespace troupe::internal
