#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "troupe/spi/state_store.hpp"

namespace troupe::stores {

/// When a commit counts as durable. The death of the process loses nothing in either mode.
enum class sqlite_synchronous {
  full,    ///< on disk before it is reported: survives a power cut
  normal,  ///< a power cut may lose the commits since the last checkpoint; the file stays consistent
};

/// Options of the SQLite store. Only `path` is required.
struct sqlite_options {
  /// The file, created if it does not exist; its folder must exist. SQLite keeps `-wal` and `-shm` files beside it.
  std::string path{};

  /// Default `full`.
  sqlite_synchronous synchronous = sqlite_synchronous::full;

  /// Largest record, in bytes (`spi::store_limits::record_bytes_max`); default 16 MiB, at most 512 MiB.
  std::size_t record_bytes_max = std::size_t{16} << 20U;

  /// Cells whose JSON has at least this many bytes get a row of their own, which a turn that does not change them does
  /// not write (`spi::store_limits::large_cell_bytes`); default 4,096, 0: all of them. May change from one start to the
  /// next, and from host to host: a cell moves when it is written next.
  std::size_t large_cell_bytes = 4096;

  /// Large cells whose JSON has at least this many bytes are compressed with zstd; 0 (default): none is. What is stored
  /// stays readable whatever this says.
  std::size_t compress_bytes_min = 0;

  /// Size past which the write-ahead log is started over, in bytes; default 64 MiB, at least 1 MiB. A larger log is
  /// faster under constant load and slower to recover after a crash. A long read may let it grow further for a while.
  std::size_t wal_bytes_max = std::size_t{64} << 20U;

  /// Page cache of each of the two connections, in bytes, filled as needed; default 64 MiB, at least 1 MiB.
  std::size_t cache_bytes = std::size_t{64} << 20U;

  /// How long to wait while another process writes to the file, before a commit is `unavailable`; default 5 s, 0: not.
  std::chrono::milliseconds busy_timeout{5000};

  /// Size past which the file does not grow (commits that need more are `unavailable`), in bytes; 0: no limit.
  std::uint64_t file_bytes_max = 0;
};

/// Opens or creates a store in one SQLite file, whose layout `docs/formats/sqlite.md` describes.
///
/// Errors: `invalid_argument` (an option out of range; the path is a folder, cannot be read, written or created),
/// `bad_state` (not an SQLite file, not a troupe store, of a newer format, damaged), `unavailable` (locked by another
/// process, disk full). A file that is refused is left as it was.
/// Completion: on the store's own threads: one writes, one reads, one moves the log into the file.
/// Thread-safety: any thread, but `close` must not be called from a completion. Several processes may share a file.
[[nodiscard]] std::shared_ptr<spi::state_store> sqlite_store(sqlite_options options);

}  // namespace troupe::stores
