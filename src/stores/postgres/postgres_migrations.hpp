#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "troupe/stores/postgres.hpp"

/// The tables of a store, as steps from one format to the next.
namespace troupe::internal {

/// One step. Its SQL runs with the store's schema as the only one it sees.
struct pg_migration {
  std::uint32_t format;  ///< what the store has after it
  std::string sql;
};

/// Returns all steps, from an empty schema on, for a store that keeps JSON as `state` (`text` or `bytea`).
/// The last one makes the format that this code writes, and the newest it reads. docs/formats/postgres.md
[[nodiscard]] std::vector<pg_migration> postgres_migrations(stores::postgres_state state);

/// Returns the steps that bring a store of format `have` (0: an empty schema) up to the last one.
[[nodiscard]] std::span<const pg_migration> migrations_behind(std::span<const pg_migration> all, std::uint32_t have);

}  // namespace troupe::internal
