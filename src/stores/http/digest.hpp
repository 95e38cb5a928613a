#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/hex.hpp"

/// Digests and encodings that signatures and documents are made of.
namespace troupe::internal {

/// Returns the 32 bytes of a SHA-256 digest.
[[nodiscard]] std::string sha256(std::string_view bytes);

/// Returns the 32 bytes of HMAC-SHA-256.
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view bytes);

/// Returns bytes in base64 with padding.
[[nodiscard]] std::string to_base64(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace troupe::internal
