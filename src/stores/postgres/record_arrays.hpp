#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "stores/postgres/array_image.hpp"
#include "stores/postgres/write_statements.hpp"
#include "troupe/spi/state_store.hpp"

/// Records as the arrays that the statements take. Effects of all functions: none.
namespace troupe::internal {

/// Bits of the column `parts`: which tables beside `actor` may hold rows of the actor that a load reads. Once set they
/// stay. Log entries and items are read when asked for.
enum pg_part : std::int64_t { part_requests = 1, part_messages = 2, part_marks = 4, part_letters = 8, part_cells = 16 };

/// How a store writes records.
struct pg_layout {
  stores::postgres_state state = stores::postgres_state::text;
  std::size_t large_cell_bytes = 4096;
  std::size_t compress_bytes_min = 0;
  std::size_t part_rows = 10'000;  ///< entries, and items, that leave in one transaction
};

/// Records of different actors, sorted by actor.
using record_span = std::span<const spi::turn_record* const>;

/// Returns the optional columns that an update of these records needs.
[[nodiscard]] update_columns columns_of(record_span records, const pg_layout& layout) noexcept;

/// Which parts a record adds to.
[[nodiscard]] std::int64_t parts_of(const spi::turn_record& record, const pg_layout& layout) noexcept;

/// Returns the parameters of `write_statements::update(columns)`.
[[nodiscard]] std::vector<std::string> update_arrays(record_span records, update_columns columns,
                                                     const pg_layout& layout);

/// Returns the parameters of the statement of the same name.
[[nodiscard]] std::vector<std::string> insert_arrays(record_span records, const pg_layout& layout);
[[nodiscard]] std::vector<std::string> remove_arrays(record_span records);
[[nodiscard]] std::vector<std::string> held_arrays(record_span records);
[[nodiscard]] std::vector<std::string> remember_arrays(record_span records);

/// Returns the parameters type and key.
[[nodiscard]] std::vector<std::string> name_arrays(record_span records);

/// The type of JSON columns.
[[nodiscard]] pg_type document_type(stores::postgres_state state) noexcept;

}  // namespace troupe::internal
