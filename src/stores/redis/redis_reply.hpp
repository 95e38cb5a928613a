#pragma once

#include <string_view>
#include <vector>

namespace troupe::internal {

/// One answer of the server. The texts are views into memory that is gone when the callback that got them returns.
struct redis_reply {
  enum class kind { nothing, text, status, number, list, error };

  kind what = kind::nothing;
  std::string_view text{};  ///< of a text, a status or an error
  long long number = 0;
  std::vector<redis_reply> items{};  ///< of a list

  [[nodiscard]] bool is_error() const noexcept { return what == kind::error; }
};

}  // namespace troupe::internal
