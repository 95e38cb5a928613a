#pragma once

#include "stores/redis/redis_layout.hpp"
#include "troupe/stores/redis.hpp"

namespace troupe::internal {

/// Throws `error{errc::invalid_argument}` naming the option that is out of range.
void check_redis_options(const stores::redis_options& options);

/// Makes the first connection and sees whether a store of this format can be on the server; returns whether that is one
/// of a cluster. Effects: writes the number of the format where there is none. Blocks the calling thread.
/// Errors: as `stores::redis_store`.
[[nodiscard]] bool open_redis(const stores::redis_options& options, const redis_layout& layout);

}  // namespace troupe::internal
