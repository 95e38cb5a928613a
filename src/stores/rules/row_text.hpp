#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_members.hpp"
#include "troupe/spi/state_store.hpp"

/// The JSON documents in the columns of a row, which the SQL stores share: docs/formats/sqlite.md, postgres.md.
namespace troupe::internal {

/// A column that does not hold what the format says; `what()` names the column and the fault.
class damaged_column : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Appends `{"name": value, ...}` for every cell that is not large. Requires: what `refusal` checks.
void pack_cells(const std::vector<spi::cell_image>& cells, std::size_t large_cell_bytes, std::string& out);

/// Appends `{"name": schema, ...}` for every cell of those whose schema version is not 1; nothing when there is none.
void pack_schemas(const std::vector<spi::cell_image>& cells, std::size_t large_cell_bytes, std::string& out);

/// Appends `["name", ...]` of the large cells; nothing when there is none.
void pack_large_names(const std::vector<spi::cell_image>& cells, std::size_t large_cell_bytes, std::string& out);

/// Appends `{"name": [first, next], ...}`; nothing when there is none.
void pack_logs(const std::vector<spi::log_changes>& logs, std::string& out);

/// Appends the array of reminders; nothing when there is none.
void pack_reminders(const std::vector<spi::reminder_image>& reminders, std::string& out);

/// Returns the names that `pack_large_names` wrote. Errors: `damaged_column`.
[[nodiscard]] std::vector<std::string> unpack_names(std::string_view text);

/// Sorts by name. Errors: `damaged_column` when a name repeats.
void sort_cells(std::vector<spi::cell_image>& cells);

/// Reads the columns back; keeps its scratch space from row to row.
/// Thread-safety: one thread at a time. Errors: `damaged_column`.
class row_unpacker {
 public:
  /// Returns the cells sorted by name. `schemas` may be empty: every cell has version 1.
  [[nodiscard]] std::vector<spi::cell_image> cells(std::string_view state, std::string_view schemas);

  /// Returns the reminders sorted by name. `text` may be empty: there is none.
  [[nodiscard]] std::vector<spi::reminder_image> reminders(std::string_view text);

  /// Returns the logs sorted by name. `text` may be empty: there is none.
  [[nodiscard]] std::vector<spi::log_head> logs(std::string_view text);

 private:
  std::vector<json_member> members_;
  std::vector<std::string_view> elements_;
};

}  // namespace troupe::internal
