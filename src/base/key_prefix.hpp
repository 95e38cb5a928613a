#pragma once

#include <cstddef>
#include <string>

namespace troupe::internal {

/// Returns the first key behind all keys that begin with `prefix`, where keys are ordered bytewise. No key is as long
/// as the one for an empty prefix, given that keys have at most `key_bytes_max` bytes.
[[nodiscard]] std::string end_of_prefix(std::string prefix, std::size_t key_bytes_max);

}  // namespace troupe::internal
