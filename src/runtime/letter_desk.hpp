#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/letter_request.hpp"
#include "runtime/parts.hpp"
#include "troupe/core/durable.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

/// Reads what the store holds of an actor; blocks. Throws `errc::unavailable` or `errc::bad_state` when it cannot be
/// read, and `errc::would_block` on a thread of the runtime.
[[nodiscard]] spi::actor_image read_actor(parts& of, const actor_id& actor);

/// Up to `limit` dead letters behind the one with the id `after`, oldest first.
[[nodiscard]] std::vector<dead_letter> page_of_letters(const spi::actor_image& keeper, std::uint64_t after,
                                                       std::size_t limit);

/// Has the keeper of a dead letter redrive or drop it; blocks. Throws `errc::invalid_argument` when it is not there,
/// and what redriving it failed with.
void handle_letter(parts& of, const spi::actor_image& keeper, std::uint64_t id, letter_request::action what);

}  // namespace troupe::internal
