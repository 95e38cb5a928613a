#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "troupe/spi/turn_record.hpp"

/// How stores keep the content of large cells.
namespace troupe::internal {

/// Whether a store with this limit (`store_limits::large_cell_bytes`) keeps the cell apart.
[[nodiscard]] inline bool is_large(const spi::cell_image& cell, std::size_t large_cell_bytes) noexcept {
  return cell.kept || cell.json.size() >= large_cell_bytes;
}

/// How the bytes of a cell are written; the numbers are part of every store's format.
enum class cell_coding : std::uint8_t {
  plain = 0,  ///< the JSON as it is
  zstd = 1,   ///< one zstd frame that says how long the JSON is
};

struct cell_content {
  cell_coding coding = cell_coding::plain;
  std::string bytes;  ///< empty when plain: the JSON itself
};

/// Compresses JSON of `compress_bytes_min` bytes and more, where that makes it smaller; 0: never.
[[nodiscard]] cell_content code_cell(std::string_view json, std::size_t compress_bytes_min);

/// Returns the JSON; nothing when the bytes are not what the coding says, or would be larger than `json_bytes_max`.
/// The JSON is not checked.
[[nodiscard]] std::optional<std::string> decode_cell(std::uint64_t coding, std::string_view bytes,
                                                     std::size_t json_bytes_max);

/// Upper bound for what `decode_cell` is asked for: larger than any record that a store accepts.
inline constexpr std::size_t decoded_cell_bytes_max = std::size_t{1} << 30U;

}  // namespace troupe::internal
