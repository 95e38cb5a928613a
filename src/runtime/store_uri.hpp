#pragma once

#include <map>
#include <string>
#include <string_view>

namespace troupe::internal {

/// A store URI, cut into its parts: `scheme:path?name=value&name=value`.
struct store_uri {
  std::string scheme;
  std::string path;  ///< percent-decoded
  std::map<std::string, std::string> options;
};

/// Throws `error{errc::invalid_argument}` naming the part that is wrong.
[[nodiscard]] store_uri parse_store_uri(std::string_view uri);

}  // namespace troupe::internal
