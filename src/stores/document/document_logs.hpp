#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "stores/document/document.hpp"

/// Where the entries of logs are: the latest in the document of their actor, all before in chunks of their own.
///
/// A commit first writes chunks of what the document held before it, then the document without those entries. What a
/// chunk has depends on committed entries alone, so whoever writes it writes the same, and one whose document was not
/// written does no harm.
namespace troupe::internal {

// A chunk ends with the entry that makes it as large as this. Part of the format: two programs must cut alike.
inline constexpr std::size_t chunk_entries = 32;
inline constexpr std::size_t chunk_bytes = 8192;

/// Entries that leave a document for a chunk.
struct log_chunk {
  std::string name{};  ///< of the chunk, unique in the database
  std::string log{};
  std::vector<spi::log_entry_image> entries{};

  friend bool operator==(const log_chunk&, const log_chunk&) = default;
};

/// A chunk that a document refers to.
struct chunk_place {
  std::string name;
  std::uint64_t first;  ///< sequence of its first entry
  std::size_t entries;

  friend bool operator==(const chunk_place&, const chunk_place&) = default;
};

/// Returns the full chunks that can be cut off the logs of a document.
[[nodiscard]] std::vector<log_chunk> chunks_of(const document& held);

/// Takes the entries of chunks, which are written, out of the document and refers to the chunks instead; then forgets
/// chunks and entries of which nothing is part of a log any more.
void seal(document& content, const std::vector<log_chunk>& chunks);

/// Returns the names of chunks that `before`, or the sealing, knew and `after` does not.
[[nodiscard]] std::vector<std::string> chunks_dropped(const document& before, const std::vector<log_chunk>& sealed,
                                                      const document& after);

/// Returns the chunks that a query needs, in the order of their entries.
[[nodiscard]] std::vector<chunk_place> chunks_for(const document& held, const spi::log_query& query);

/// Returns lengths as text, repeated ones once: `32x7,5,32`; and reads it (nothing: it is none).
[[nodiscard]] std::string pack_lengths(const std::vector<std::uint32_t>& lengths);
[[nodiscard]] std::optional<std::vector<std::uint32_t>> unpack_lengths(std::string_view text);

}  // namespace troupe::internal
