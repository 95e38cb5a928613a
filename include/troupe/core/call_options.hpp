#pragma once

#include <string>

namespace troupe {

/// Longest idempotency key, in bytes.
inline constexpr std::size_t idempotency_key_bytes_max = 128;

/// How one call is made.
struct call_options {
  /// Makes the call exactly-once in effect: the turn and its reply are committed together under this key, and a later
  /// call of the same actor with the same key gets that reply without running again, also after a crash. The actor
  /// remembers the keys of its type's `request_window`. 0 to 128 bytes, any; empty: no key.
  /// Requires: the method's result can be encoded as JSON.
  std::string idempotency_key{};
};

}  // namespace troupe
