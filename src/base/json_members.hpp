#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::internal {

/// Deepest nesting of a JSON value that is accepted. SQLite's JSON functions read up to 2,000 levels.
inline constexpr std::size_t json_depth_max = 1000;

/// One member of a JSON object, both parts as they stand in the text.
struct json_member {
  std::string_view name;   ///< between the quotes, escapes not resolved
  std::string_view value;  ///< without the white space around it

  friend bool operator==(const json_member&, const json_member&) = default;
};

/// Why a text is not the JSON that was asked for.
struct json_fault {
  std::size_t at;         ///< byte offset
  std::string_view what;  ///< what was expected there

  friend bool operator==(const json_fault&, const json_fault&) = default;
};

/// Returns `what` and the byte offset, for people.
[[nodiscard]] std::string to_string(const json_fault& fault);

/// Cuts a JSON object into its top-level members, in the order of the text, without building a tree.
///
/// The whole text is checked against the grammar of RFC 8259, except that the bytes of strings are not checked to be
/// UTF-8 and that member names may repeat. Effects: `members` is replaced; its views point into `text`.
/// Returns: the first fault, or nothing. Complexity: linear in the text, no allocation but that of `members`.
[[nodiscard]] std::optional<json_fault> cut_json_object(std::string_view text, std::vector<json_member>& members);

/// Cuts a JSON array into its elements; otherwise as `cut_json_object`.
[[nodiscard]] std::optional<json_fault> cut_json_array(std::string_view text, std::vector<std::string_view>& elements);

/// Checks that `text` is one JSON value, by the rules of `cut_json_object`.
[[nodiscard]] std::optional<json_fault> check_json_value(std::string_view text);

}  // namespace troupe::internal
