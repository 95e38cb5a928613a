#pragma once

#include <string>
#include <string_view>

namespace troupe::internal {

/// What percent-encoded text stands for.
struct percent_decoded {
  std::string text;
  std::string_view fault{};  ///< what is wrong, in words that follow "in ..."; empty: nothing is
};

/// Undoes the percent-encoding of a part of a URI, in which no NUL byte may be.
[[nodiscard]] percent_decoded decode_percent(std::string_view encoded);

}  // namespace troupe::internal
