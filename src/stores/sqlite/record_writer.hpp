#pragma once

#include <optional>
#include <string>

#include "stores/rules/commit_rules.hpp"
#include "stores/sqlite/message_writer.hpp"
#include "stores/sqlite/part_writer.hpp"
#include "stores/sqlite/sqlite_connection.hpp"
#include "troupe/stores/sqlite.hpp"

namespace troupe::internal {

/// Applies single records inside the transaction that its caller has begun.
/// Thread-safety: the thread of the connection.
class record_writer {
 public:
  record_writer(sqlite_connection& connection, const stores::sqlite_options& options);

  /// Returns committed, conflict or rejected. Errors: `sqlite_failure`, after which the caller must roll back.
  [[nodiscard]] spi::commit_result write(const spi::turn_record& record);

 private:
  /// What the store holds, and the row that holds it.
  struct held_row : held_actor {
    std::int64_t id = 0;
    std::optional<wall_time> due;
    std::uint64_t stream = 0;
    std::string apart{};  ///< names of its large cells, packed
  };

  [[nodiscard]] held_row find(const spi::turn_record& record);
  [[nodiscard]] static const spi::cell_image* wrongly_kept_cell(const held_row& row, const spi::turn_record& record);
  [[nodiscard]] bool remembers_erasure(const spi::turn_record& record);
  [[nodiscard]] std::int64_t insert(const spi::turn_record& record);
  void update(std::int64_t id, const spi::turn_record& record);
  void update_kept_cells(std::int64_t id, const spi::turn_record& record);
  void write_parts(std::int64_t id, const held_row& before, const spi::turn_record& record);
  void write_wake(std::int64_t id, const held_row& before, const spi::turn_record& record);
  void erase(const held_row& row, const spi::turn_record& record);
  void write_requests(std::int64_t id, const spi::turn_record& record);
  void bind_cells(sqlite_statement& statement, int parameter, const spi::turn_record& record);
  void bind_reminders(sqlite_statement& statement, int parameter, const spi::turn_record& record);
  static void bind_due(sqlite_statement& statement, int parameter, const std::optional<wall_time>& due);

  sqlite_connection& connection_;
  const std::size_t large_cell_bytes_;
  sqlite_statement find_;
  sqlite_statement insert_;
  sqlite_statement update_;
  sqlite_statement update_with_reminders_;
  sqlite_statement update_stamp_;
  sqlite_statement update_reminders_;
  sqlite_statement update_due_;
  sqlite_statement update_apart_;
  sqlite_statement update_logs_;
  sqlite_statement update_items_;
  sqlite_statement delete_actor_;
  sqlite_statement delete_requests_;
  sqlite_statement add_request_;
  sqlite_statement drop_request_;
  sqlite_statement find_erasure_;
  sqlite_statement add_erasure_;
  sqlite_statement forget_erasures_;
  message_writer messages_;
  part_writer parts_;

  // Text of the record being written; kept for its capacity.
  std::string state_;
  std::string schemas_;
  std::string reminders_;
  std::string parts_text_;
};

}  // namespace troupe::internal
