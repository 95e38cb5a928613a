#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "troupe/base/actor_id.hpp"
#include "troupe/spi/clock.hpp"

/// How actors are named in documents and ordered by their indexes.
namespace troupe::internal {

/// Returns `type!key` for people and programs alike: bytes of the key outside `[A-Za-z0-9_.-]` as `~XX`.
[[nodiscard]] std::string document_name(const actor_id& actor);

/// Returns the actor whose `document_name` this is.
[[nodiscard]] std::optional<actor_id> actor_of_name(std::string_view name);

/// Returns the shard of an actor; the same in every build, as it is stored.
[[nodiscard]] std::size_t shard_of(const actor_id& actor, std::size_t shards) noexcept;

/// Returns a due time as 8 bytes whose bytewise order is the order of time.
[[nodiscard]] std::string sortable(wall_time due);
[[nodiscard]] std::optional<wall_time> time_of_sortable(std::string_view bytes);

/// Whether bytes are UTF-8 (no surrogates, no overlong forms).
[[nodiscard]] bool is_utf8(std::string_view bytes) noexcept;

}  // namespace troupe::internal
