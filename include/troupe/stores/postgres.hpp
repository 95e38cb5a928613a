#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "troupe/spi/state_store.hpp"

namespace troupe::stores {

/// How a PostgreSQL store keeps JSON. It is decided when the store is created, and stays.
enum class postgres_state {
  as_stored,  ///< what the store has; `text` for a new one
  text,       ///< readable in SQL, and checked to be UTF-8; the database must have the encoding UTF8
  bytea,      ///< bytes that the server does not look at: somewhat faster; the views still show them as JSON
};

/// Options of the PostgreSQL store. Only `connection` is required.
struct postgres_options {
  /// libpq's connection string: a URI or `name=value` pairs. Whatever libpq knows goes there: several hosts, TLS
  /// (`sslmode`, `sslrootcert`), `target_session_attrs`, `connect_timeout` (here 5 s if not given).
  std::string connection{};

  /// The PostgreSQL schema that holds the tables, created if it does not exist; default "troupe", 1 to 63 bytes.
  std::string schema = "troupe";

  /// Default `as_stored`. A store that keeps JSON otherwise is refused.
  postgres_state state = postgres_state::as_stored;

  /// Connections that commit, each with a thread of its own; 1 to 16, default 2: while one waits for the server, the
  /// other prepares its batch. More gain nothing unless the server has cores to spare. One more connection reads, and
  /// another one is there while rows are removed that long trims and erasures left.
  std::size_t connections = 2;

  /// How long the server works on one statement before it gives up (`unavailable`); default 5 s, at least 10 ms.
  std::chrono::milliseconds statement_timeout{5000};

  /// How long one statement waits for a row that another transaction holds; default 3 s, at least 10 ms.
  std::chrono::milliseconds lock_timeout{3000};

  /// How long an answer may take before the connection is given up: commits under way are then `unknown`. Default 8 s,
  /// above `statement_timeout`, so that a server that is only slow can say so.
  std::chrono::milliseconds answer_timeout{8000};

  /// Largest record, in bytes (`spi::store_limits::record_bytes_max`); default 16 MiB, at most 128 MiB.
  std::size_t record_bytes_max = std::size_t{16} << 20U;

  /// Cells whose JSON has at least this many bytes get a row of their own, which a turn that does not change them does
  /// not write (`spi::store_limits::large_cell_bytes`); default 4,096, 0: all of them. May change from one start to the
  /// next, and from host to host: a cell moves when it is written next.
  std::size_t large_cell_bytes = 4096;

  /// Large cells whose JSON has at least this many bytes are compressed with zstd before they are sent; 0 (default):
  /// none is, and the server compresses in its own way. What is stored stays readable whatever this says.
  std::size_t compress_bytes_min = 0;
};

/// Reads options from a URI: `postgresql://` or `postgres://` in libpq's own form. The store's own options are query
/// parameters that begin with `troupe_`: `troupe_schema`, `troupe_state` (text or bytea), `troupe_connections`,
/// `troupe_statement_timeout_ms`, `troupe_lock_timeout_ms`, `troupe_answer_timeout_ms`, `troupe_large_cell_bytes`,
/// `troupe_compress_bytes_min`; all else is libpq's.
/// Errors: `invalid_argument`; no message contains what could be a password. Effects: none.
[[nodiscard]] postgres_options parse_postgres_uri(std::string_view uri);

/// Opens or creates a store in one schema of a PostgreSQL database (version 12 or later), whose layout
/// `docs/formats/postgres.md` describes. What "committed" means is up to the server's `synchronous_commit`, which the
/// store leaves as it is.
///
/// Errors: `invalid_argument` (an option out of range, an unreadable connection string, a wrong user or password, no
/// such database, a missing right), `bad_state` (not a troupe schema, of a newer format, of the other kind of state,
/// a server that is too old), `unavailable` (the server cannot be reached or is not ready).
/// Later the store connects again by itself, with pauses of 10 ms to 2 s.
/// Completion: on the store's own threads. Thread-safety: any thread, but `close` must not be called from a completion.
/// Several processes may share a schema.
[[nodiscard]] std::shared_ptr<spi::state_store> postgres_store(postgres_options options);

}  // namespace troupe::stores
