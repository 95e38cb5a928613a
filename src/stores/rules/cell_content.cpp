#include "stores/rules/cell_content.hpp"

#include <zstd.h>

namespace troupe::internal {
namespace {

/// Level 1 compresses JSON about as well as 3 does, at twice the speed.
constexpr int level = 1;

}  // namespace

cell_content code_cell(std::string_view json, std::size_t compress_bytes_min) {
  cell_content content;
  if (compress_bytes_min == 0 || json.size() < compress_bytes_min) return content;
  std::string packed(ZSTD_compressBound(json.size()), '\0');
  const std::size_t size = ZSTD_compress(packed.data(), packed.size(), json.data(), json.size(), level);
  if (ZSTD_isError(size) != 0 || size >= json.size()) return content;
  packed.resize(size);
  content.coding = cell_coding::zstd;
  content.bytes = std::move(packed);
  return content;
}

std::optional<std::string> decode_cell(std::uint64_t coding, std::string_view bytes, std::size_t json_bytes_max) {
  if (coding == static_cast<std::uint64_t>(cell_coding::plain)) return std::string(bytes);
  if (coding != static_cast<std::uint64_t>(cell_coding::zstd)) return std::nullopt;
  const unsigned long long size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > json_bytes_max) return std::nullopt;
  std::string json(static_cast<std::size_t>(size), '\0');
  const std::size_t written = ZSTD_decompress(json.data(), json.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(written) != 0 || written != json.size()) return std::nullopt;
  return json;
}

}  // namespace troupe::internal
