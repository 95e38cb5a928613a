#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "stores/sqlite/sqlite_connection.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

/// Writes what an actor keeps apart from its row: large cells, the entries of its logs, and its items.
/// Thread-safety: the thread of the connection. Errors: `sqlite_failure`.
class part_writer {
 public:
  /// Cells of `compress_bytes_min` bytes and more are compressed; 0: none is.
  part_writer(sqlite_connection& connection, std::size_t compress_bytes_min);

  void write_cells(std::int64_t id, const spi::turn_record& record, std::size_t large_cell_bytes);
  void write_logs(std::int64_t id, const std::vector<spi::log_changes>& logs);
  void write_items(std::int64_t id, const spi::item_changes& items);

  /// Removes all that the actor keeps apart.
  void erase(std::int64_t id);

 private:
  const std::size_t compress_bytes_min_;
  sqlite_statement put_cell_;
  sqlite_statement drop_cell_;
  sqlite_statement add_entry_;
  sqlite_statement drop_entries_;
  sqlite_statement put_item_;
  sqlite_statement drop_item_;
  sqlite_statement erase_cells_;
  sqlite_statement erase_entries_;
  sqlite_statement erase_items_;
};

}  // namespace troupe::internal
