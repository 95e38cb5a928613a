#pragma once

#include <optional>
#include <string>

#include "stores/rules/commit_rules.hpp"
#include "stores/sqlite/message_writer.hpp"
#include "stores/sqlite/sqlite_connection.hpp"

namespace troupe::internal {

/// Applies single records inside the transaction that its caller has begun.
/// Thread-safety: the thread of the connection.
class record_writer {
 public:
  explicit record_writer(sqlite_connection& connection);

  /// Returns committed or conflict. Errors: `sqlite_failure`, after which the caller must roll back.
  [[nodiscard]] spi::commit_result write(const spi::turn_record& record);

 private:
  /// What the store holds, and the row that holds it.
  struct held_row : held_actor {
    std::int64_t id = 0;
    std::optional<wall_time> due;
    std::uint64_t stream = 0;
  };

  [[nodiscard]] held_row find(const spi::turn_record& record);
  [[nodiscard]] bool remembers_erasure(const spi::turn_record& record);
  [[nodiscard]] std::int64_t insert(const spi::turn_record& record);
  void update(std::int64_t id, const spi::turn_record& record);
  void update_kept_cells(std::int64_t id, const spi::turn_record& record);
  void write_messages(std::int64_t id, const held_row& before, const spi::turn_record& record);
  void erase(const held_row& row, const spi::turn_record& record);
  void write_requests(std::int64_t id, const spi::turn_record& record);
  void bind_cells(sqlite_statement& statement, int parameter, const spi::turn_record& record);
  void bind_reminders(sqlite_statement& statement, int parameter, const spi::turn_record& record);
  static void bind_due(sqlite_statement& statement, int parameter, const std::optional<wall_time>& due);

  sqlite_connection& connection_;
  sqlite_statement find_;
  sqlite_statement insert_;
  sqlite_statement update_;
  sqlite_statement update_with_reminders_;
  sqlite_statement update_stamp_;
  sqlite_statement update_reminders_;
  sqlite_statement update_due_;
  sqlite_statement delete_actor_;
  sqlite_statement delete_requests_;
  sqlite_statement add_request_;
  sqlite_statement drop_request_;
  sqlite_statement find_erasure_;
  sqlite_statement add_erasure_;
  sqlite_statement forget_erasures_;
  message_writer messages_;

  // Text of the record being written; kept for its capacity.
  std::string state_;
  std::string schemas_;
  std::string reminders_;
};

}  // namespace troupe::internal
