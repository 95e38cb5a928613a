#pragma once

#include <string_view>

#include "stores/redis/redis_reply.hpp"

/// Answers of a Redis server, as tests write them.
namespace troupe::internal {

[[nodiscard]] inline redis_reply text(std::string_view value) { return {redis_reply::kind::text, value, 0, {}}; }
[[nodiscard]] inline redis_reply number(long long value) { return {redis_reply::kind::number, {}, value, {}}; }

}  // namespace troupe::internal
