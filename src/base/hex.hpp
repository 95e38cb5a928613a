#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace troupe::internal {

/// Returns bytes in lower-case hexadecimal.
[[nodiscard]] std::string to_hex(std::string_view bytes);

/// Returns the bytes; nothing when `text` is not lower-case hexadecimal of an even length.
[[nodiscard]] std::optional<std::string> from_hex(std::string_view text);

}  // namespace troupe::internal
