#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stores/postgres/record_arrays.hpp"
#include "stores/postgres/write_statements.hpp"

namespace troupe::internal {

/// Whether a record changes anything in the tables beside `actor`.
[[nodiscard]] bool has_side_rows(const spi::turn_record& record, const pg_layout& layout) noexcept;

/// Collects what records change in the tables beside `actor`, for the records that were applied.
class side_rows {
 public:
  explicit side_rows(const pg_layout& layout);

  /// `id` is the row of the actor. Of several rows with one key the last counts.
  void add(std::int64_t id, const spi::turn_record& record);

  /// All rows of the actor go. `items` is the number by which its items refer to it; `logs` are nullopt when nobody can
  /// tell which it has.
  void erase(std::int64_t id, std::int64_t items, const std::optional<std::vector<spi::log_head>>& logs);

  /// Appends the calls: of each table what leaves, then what is put in. Empty ones are left out. This object is spent.
  void append_calls(const write_statements& statements, std::vector<pg_call>& calls);

 private:
  struct table {
    std::vector<pg_array> dropped;
    std::vector<pg_array> put;
  };

  void add_requests(std::int64_t id, const spi::turn_record& record);
  void add_messages(std::int64_t id, const spi::message_changes& changes);
  void add_marks(std::int64_t id, const spi::message_changes& changes);
  void add_letters(std::int64_t id, const spi::message_changes& changes);
  void add_cells(std::int64_t id, const spi::turn_record& record);
  void add_entries(std::int64_t id, const std::vector<spi::log_changes>& logs);
  void drop_entries(std::int64_t id, const std::string& log, std::uint64_t first, std::uint64_t next);
  void add_items(std::int64_t id, const spi::item_changes& changes);

  const pg_layout layout_;
  table requests_;
  table messages_;
  table marks_;
  table letters_;
  table cells_;
  table entries_;
  table items_;
  pg_array erased_{pg_type::int8};
  pg_array erased_items_{pg_type::int8};
  pg_array without_logs_{pg_type::int8};  ///< actors all of whose entries leave, wherever they are
  std::vector<pg_array> left_entries_;
  std::uint64_t room_;                     ///< entries that may still leave with these records
  pg_array without_items_{pg_type::int8};  ///< actors all of whose items leave
};

/// Whether any of these calls, with these results, left rows to be purged.
[[nodiscard]] bool leaves_rows(const leftover_statements& leftover, const std::vector<pg_call>& calls,
                               const std::vector<pg_rows>& results);

}  // namespace troupe::internal
