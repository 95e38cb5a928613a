#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "runtime/parts.hpp"
#include "troupe/core/storage.hpp"

/// An actor's storage from outside. All of these run as a turn of the actor and block until it is committed; they throw
/// `errc::would_block` on a thread of the runtime, and what a call of the actor would throw.
namespace troupe::internal {

[[nodiscard]] std::optional<stored_item<nlohmann::json>> read_item(parts& of, const actor_id& actor,
                                                                   const std::string& key);
[[nodiscard]] item_page<nlohmann::json> list_items(parts& of, const actor_id& actor, const item_range& range);

/// Returns whether the changes were made: all, or none because an item has another version than was expected.
[[nodiscard]] bool change_items(parts& of, const actor_id& actor, const std::vector<item_change>& changes);

}  // namespace troupe::internal
