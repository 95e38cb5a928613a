#pragma once

#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "schedule/zone_rule.hpp"

namespace troupe::internal {

/// What a zone's file says.
struct zone_table {
  std::chrono::seconds before{0};      ///< the offset before the first change
  std::vector<offset_change> changes;  ///< in order; neighbours differ in their offset
  std::optional<zone_rule> after;      ///< what holds after the last change, if it changes again
};

/// Reads a file of compiled zone information (TZif version 2 or later, RFC 8536), fat or slim.
/// Returns, where it cannot be read, what is wrong with it.
[[nodiscard]] std::variant<zone_table, std::string_view> parse_zone_file(std::string_view bytes);

}  // namespace troupe::internal
