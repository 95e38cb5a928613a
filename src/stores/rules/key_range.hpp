#pragma once

#include <string>

#include "troupe/spi/actor_items.hpp"

/// Which keys a query asks for, where keys are ordered bytewise.
namespace troupe::internal {

/// Keys from `lower` to before `end`.
struct key_range {
  std::string lower;
  std::string end;
};

/// Returns what a query by prefix still asks for.
[[nodiscard]] key_range range_of(const spi::item_query& query);

}  // namespace troupe::internal
