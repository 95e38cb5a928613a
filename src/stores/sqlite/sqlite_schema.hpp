#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "stores/sqlite/sqlite_connection.hpp"
#include "troupe/stores/sqlite.hpp"

namespace troupe::internal {

/// "trpe": marks an SQLite file as a troupe store (`PRAGMA application_id`).
inline constexpr std::uint32_t sqlite_application_id = 0x74727065;

/// The format this code writes and the newest it reads (`PRAGMA user_version` and table `meta`). An older file is
/// brought up to it when it is opened.
inline constexpr std::uint32_t sqlite_format_version = 3;

/// Opens the file, creates the tables where it is new, and sets everything up for one writer beside readers.
/// Errors: `troupe::error`, as `stores::sqlite_store` documents them, and `sqlite_failure`.
/// A file that is refused is left as it was.
[[nodiscard]] std::unique_ptr<sqlite_connection> open_sqlite_writer(const stores::sqlite_options& options);

/// Opens one more connection to a store that `open_sqlite_writer` has accepted. Errors: `sqlite_failure`.
[[nodiscard]] std::unique_ptr<sqlite_connection> open_sqlite_reader(const stores::sqlite_options& options);

/// Throws the `troupe::error` that a failure to open a store is to its user.
[[noreturn]] void refuse_sqlite_file(const std::string& path, const sqlite_failure& failure);

}  // namespace troupe::internal
