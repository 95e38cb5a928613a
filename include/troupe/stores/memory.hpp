#pragma once

#include <cstddef>
#include <memory>

#include "troupe/spi/state_store.hpp"

namespace troupe::stores {

/// What memory stores keep: lives as long as anyone holds it, and so survives the store, as a file survives a process.
/// Thread-safety: any thread; stores that share one are fenced by the stamps like hosts that share a database.
class memory_disk;

/// Returns an empty disk.
[[nodiscard]] std::shared_ptr<memory_disk> make_memory_disk();

/// Options of the memory store. Every member has a usable default.
struct memory_options {
  /// Where the actors are kept; null: on a new disk of its own, gone with the store.
  std::shared_ptr<memory_disk> disk{};

  /// Largest record, in bytes (`spi::store_limits::record_bytes_max`); default 16 MiB; 0: nothing fits.
  std::size_t record_bytes_max = std::size_t{16} << 20U;

  /// Cells from this size on count as large (`spi::store_limits::large_cell_bytes`); default 4,096, 0: all of them.
  std::size_t large_cell_bytes = 4096;
};

/// Returns a store that keeps actors in this process: for tests, for development, and as the reference for drivers.
///
/// Completion: inline, before the call returns. Thread-safety: any thread.
[[nodiscard]] std::shared_ptr<spi::state_store> memory_store(memory_options options = {});

}  // namespace troupe::stores
