#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "stores/rules/row_text.hpp"
#include "stores/sqlite/sqlite_connection.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

/// Reads what an actor keeps apart from its row.
/// Thread-safety: the thread of the connection. Errors: `damaged_column`, `sqlite_failure`.
class part_reader {
 public:
  explicit part_reader(sqlite_connection& connection);

  /// Adds the large cells that the row names, and sorts the cells.
  void read_cells(std::int64_t id, std::string_view names, std::vector<spi::cell_image>& cells);

  [[nodiscard]] std::vector<spi::log_entry_image> read_log(std::int64_t id, const spi::log_query& query,
                                                           const spi::log_head& head);
  [[nodiscard]] spi::item_result read_items(std::int64_t id, const spi::item_query& query);

 private:
  [[nodiscard]] spi::item_image item_of(const sqlite_statement& row) const;

  sqlite_statement cells_;
  sqlite_statement entries_up_;
  sqlite_statement entries_down_;
  sqlite_statement item_;
  sqlite_statement items_;
};

}  // namespace troupe::internal
