#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "stores/postgres/pg_link.hpp"
#include "stores/postgres/postgres_migrations.hpp"
#include "stores/postgres/record_arrays.hpp"
#include "troupe/stores/postgres.hpp"

namespace troupe::internal {

/// Oldest server that has what the statements use.
inline constexpr int postgres_server_min = 120'000;

/// Where a store is and what it has, once it was opened.
struct pg_place {
  std::string connection;
  std::string schema;
  std::string name;  ///< for messages: database, host and schema
  pg_layout layout{};
  bool has_leftovers = false;  ///< somebody left rows to be purged
  std::chrono::milliseconds statement_timeout{};
  std::chrono::milliseconds lock_timeout{};
  std::chrono::milliseconds answer_timeout{};
};

/// Looks at the schema, and creates it or brings it up to the last of the steps that `migrations` returns, under an
/// advisory lock, in one transaction. Returns what it has.
/// Errors: `troupe::error`, as `stores::postgres_store` documents them, and `pg_failure`.
[[nodiscard]] pg_place open_postgres_schema(const stores::postgres_options& options,
                                            std::vector<pg_migration> (*migrations)(stores::postgres_state));

/// Connects, and sets the session up for the statements of this store. Errors: `pg_failure`.
[[nodiscard]] std::unique_ptr<pg_link> open_postgres_link(const pg_place& place,
                                                          std::shared_ptr<const spi::clock> clock);

}  // namespace troupe::internal
