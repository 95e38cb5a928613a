#pragma once

#include <cstdint>
#include <istream>

#include <nlohmann/json.hpp>

namespace marketplace {

/// What a file holds, in short: how many bytes, and their FNV-1a hash. Tells a content that was changed by mistake from
/// the one before; no defence against forgery. Source: Fowler, Noll and Vo, 64 bits.
struct content_mark {
  std::uint64_t bytes = 0;  ///< 0: nothing is known
  std::uint64_t hash = 0;

  friend bool operator==(const content_mark&, const content_mark&) = default;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(content_mark, bytes, hash)

/// The marks of a file.
struct measured_content {
  content_mark beginning;  ///< of its first bytes, as many as were asked for or as there are
  content_mark whole;
};

/// Reads `input` to its end and returns its marks.
[[nodiscard]] measured_content measure(std::istream& input, std::uint64_t beginning_bytes);

}  // namespace marketplace
