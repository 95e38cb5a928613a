#pragma once

#include <string>
#include <string_view>

#include <troupe/troupe.hpp>

#include "commands/caller_pool.hpp"

namespace marketplace {

/// Takes a claim of the runtime's store for a purpose. Requires: the pool has no work.
/// Errors: `std::invalid_argument` when it is taken for another.
void claim_store(caller_pool& callers, troupe::runtime& runtime, std::string_view key, const std::string& purpose);

}  // namespace marketplace
