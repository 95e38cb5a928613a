#pragma once

#include <troupe/spi/state_store.hpp>

#include "actors/account.hpp"
#include "actors/trade.hpp"

namespace marketplace {

/// Whether a stored actor is a buyer or a seller.
[[nodiscard]] bool is_trader(const troupe::actor_id& actor);

/// Returns the account of a stored buyer or seller; one that has not bought or sold anything yet has an empty one.
/// Errors: `std::runtime_error` naming the actor when it cannot be read, or is of a newer program.
[[nodiscard]] account account_of(const troupe::spi::actor_image& image);

/// Returns which trades a stored actor has.
[[nodiscard]] troupe::spi::log_head history_of(const troupe::spi::actor_image& image);

/// Returns a trade as it was stored. Errors: `std::runtime_error` naming actor and entry when it cannot be read.
[[nodiscard]] trade trade_of(const troupe::actor_id& actor, const troupe::spi::log_entry_image& entry);

}  // namespace marketplace
