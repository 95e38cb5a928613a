#include "stores/sqlite/sqlite_schema.hpp"

#include <algorithm>
#include <filesystem>

#include "stores/sqlite/sqlite_file.hpp"
#include "troupe/base/error.hpp"

namespace troupe::internal {
namespace {

// Described in docs/formats/sqlite.md; a change of it is a new format version.
constexpr const char* tables = R"sql(
CREATE TABLE meta(
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta(name, value) VALUES('format', '3');

CREATE TABLE actor(
  id INTEGER PRIMARY KEY,
  type TEXT NOT NULL,
  key BLOB NOT NULL,
  version INTEGER NOT NULL CHECK(version > 0),
  writer INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  state TEXT NOT NULL,
  schema TEXT,
  reminders TEXT,
  next_due INTEGER,
  stream INTEGER,
  apart TEXT,
  logs TEXT,
  items_expire INTEGER
) STRICT;
CREATE UNIQUE INDEX actor_by_key ON actor(type, key);
CREATE INDEX actor_by_due ON actor(next_due, type, key) WHERE next_due IS NOT NULL;

CREATE TABLE request(
  actor INTEGER NOT NULL,
  key BLOB NOT NULL,
  reply TEXT NOT NULL,
  at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  nth INTEGER NOT NULL,
  PRIMARY KEY(actor, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE erasure(
  id INTEGER PRIMARY KEY,
  writer INTEGER NOT NULL,
  version INTEGER NOT NULL,
  actor_hash INTEGER NOT NULL
) STRICT;
CREATE INDEX erasure_by_stamp ON erasure(writer, version);
)sql";

// What format 2 added for durable messages.
constexpr const char* message_tables = R"sql(
CREATE TABLE message(
  actor INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  to_type TEXT NOT NULL,
  to_key BLOB NOT NULL,
  method TEXT NOT NULL,
  arguments TEXT NOT NULL,
  sent INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  PRIMARY KEY(actor, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE mark(
  actor INTEGER NOT NULL,
  from_type TEXT NOT NULL,
  from_key BLOB NOT NULL,
  stream INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY(actor, from_type, from_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE letter(
  actor INTEGER NOT NULL,
  id INTEGER NOT NULL,
  from_type TEXT NOT NULL,
  from_key BLOB NOT NULL,
  to_type TEXT NOT NULL,
  to_key BLOB NOT NULL,
  method TEXT NOT NULL,
  arguments TEXT NOT NULL,
  error TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  died INTEGER NOT NULL,
  PRIMARY KEY(actor, id)
) STRICT, WITHOUT ROWID;
)sql";

// What format 3 added: large cells, logs and items, each in rows of their own, and leases.
constexpr const char* part_tables = R"sql(
CREATE TABLE cell(
  id INTEGER PRIMARY KEY,
  actor INTEGER NOT NULL,
  name TEXT NOT NULL,
  schema INTEGER NOT NULL,
  coding INTEGER NOT NULL,
  content ANY NOT NULL
) STRICT;
CREATE UNIQUE INDEX cell_by_name ON cell(actor, name);

CREATE TABLE entry(
  actor INTEGER NOT NULL,
  log TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  at INTEGER NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY(actor, log, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE item(
  id INTEGER PRIMARY KEY,
  actor INTEGER NOT NULL,
  key BLOB NOT NULL,
  value TEXT NOT NULL,
  version INTEGER NOT NULL,
  expires INTEGER
) STRICT;
CREATE UNIQUE INDEX item_by_key ON item(actor, key);

CREATE TABLE lease(
  host BLOB NOT NULL PRIMARY KEY,
  epoch INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

constexpr const char* views = R"sql(
CREATE VIEW actors AS
SELECT type, CAST(key AS TEXT) AS key, version, epoch, state, schema, reminders,
  strftime('%Y-%m-%dT%H:%M:%fZ', next_due / 1000.0, 'unixepoch') AS next_due,
  (SELECT count(*) FROM request WHERE request.actor = actor.id) AS requests,
  (SELECT count(*) FROM message WHERE message.actor = actor.id) AS messages,
  (SELECT count(*) FROM letter WHERE letter.actor = actor.id) AS letters,
  apart, logs, (SELECT count(*) FROM item WHERE item.actor = actor.id) AS items
FROM actor;

CREATE VIEW letters AS
SELECT actor.type, CAST(actor.key AS TEXT) AS key, letter.id, from_type, CAST(from_key AS TEXT) AS from_key,
  to_type, CAST(to_key AS TEXT) AS to_key, method, arguments, error, attempts,
  strftime('%Y-%m-%dT%H:%M:%fZ', sent / 1000.0, 'unixepoch') AS sent,
  strftime('%Y-%m-%dT%H:%M:%fZ', died / 1000.0, 'unixepoch') AS died
FROM letter JOIN actor ON actor.id = letter.actor;

CREATE VIEW entries AS
SELECT actor.type, CAST(actor.key AS TEXT) AS key, log, sequence,
  strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS at, value
FROM entry JOIN actor ON actor.id = entry.actor;

CREATE VIEW items AS
SELECT actor.type, CAST(actor.key AS TEXT) AS key, CAST(item.key AS TEXT) AS item, value, item.version,
  strftime('%Y-%m-%dT%H:%M:%fZ', expires / 1000.0, 'unixepoch') AS expires
FROM item JOIN actor ON actor.id = item.actor;
)sql";

std::string number(std::uint64_t value) { return std::to_string(value); }

/// A name SQLite takes for nothing but a file.
std::string file_name(const std::string& path) { return std::filesystem::absolute(path).string(); }

/// Creates the tables in one transaction of the rollback journal: the mark of a troupe store is in the file itself from
/// its first moment, not only in a log.
void create_tables(sqlite_connection& connection) {
  connection.run("BEGIN IMMEDIATE");
  try {
    // Another process may have been quicker.
    if (connection.query("SELECT count(*) FROM sqlite_schema") == "0") {
      connection.run(tables);
      connection.run(message_tables);
      connection.run(part_tables);
      connection.run(views);
      connection.run("PRAGMA application_id = " + number(sqlite_application_id));
      connection.run("PRAGMA user_version = " + number(sqlite_format_version));
    }
    connection.run("COMMIT");
  } catch (...) {
    connection.roll_back();
    throw;
  }
}

/// Brings a file of an earlier format up to this one, in one transaction.
void upgrade_tables(sqlite_connection& connection) {
  connection.run("BEGIN IMMEDIATE");
  try {
    const int version = std::stoi(connection.query("PRAGMA user_version"));  // another process may have been quicker
    if (version == 1) {
      connection.run("ALTER TABLE actor ADD COLUMN stream INTEGER");
      connection.run(message_tables);
    }
    if (version < 3) {
      connection.run("DROP VIEW IF EXISTS actors; DROP VIEW IF EXISTS letters");
      for (const char* column : {"apart TEXT", "logs TEXT", "items_expire INTEGER"}) {
        connection.run("ALTER TABLE actor ADD COLUMN " + std::string(column));
      }
      connection.run(part_tables);
      connection.run(views);
      connection.run("UPDATE meta SET value = '3' WHERE name = 'format'; PRAGMA user_version = 3");
    }
    connection.run("COMMIT");
  } catch (...) {
    connection.roll_back();
    throw;
  }
}

/// Checks through SQLite, which sees the log as well, what `check_sqlite_file` has seen in the file.
void check_tables(sqlite_connection& connection, const std::string& path) {
  if (connection.query("PRAGMA application_id") != number(sqlite_application_id)) refuse_foreign_file(path);
  const std::string version = connection.query("PRAGMA user_version");
  if (version.size() > 9 || std::stol(version) > static_cast<long>(sqlite_format_version)) {
    refuse_newer_format(path, version);
  }
  const std::string format = connection.query("SELECT value FROM meta WHERE name = 'format'");
  if (format.size() > 1 || format > number(sqlite_format_version)) refuse_newer_format(path, format);
  if (format != version || version == "0") {
    throw error(errc::bad_state, path + " is damaged: table meta does not name its format");
  }
}

/// The switch needs the file for itself for a moment and does not wait by itself.
void switch_to_wal(sqlite_connection& connection, const stores::sqlite_options& options) {
  constexpr int pause_ms = 10;
  for (auto left = options.busy_timeout.count() / pause_ms;; --left) {
    try {
      if (connection.query("PRAGMA journal_mode = WAL") == "wal") return;
    } catch (const sqlite_failure& failure) {
      if (failure.code() != SQLITE_BUSY || left <= 0) throw;
    }
    if (left <= 0) throw sqlite_failure(SQLITE_BUSY, "cannot switch to a write-ahead log");
    sqlite3_sleep(pause_ms);
  }
}

void configure(sqlite_connection& connection, const stores::sqlite_options& options) {
  const bool full = options.synchronous == stores::sqlite_synchronous::full;
  connection.run(full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
  connection.run("PRAGMA cache_size = -" + number(options.cache_bytes / 1024));
  connection.run("PRAGMA wal_autocheckpoint = 0");
}

void limit_size(sqlite_connection& connection, const stores::sqlite_options& options) {
  if (options.file_bytes_max == 0) return;
  const std::uint64_t page_bytes = std::stoull(connection.query("PRAGMA page_size"));
  const std::uint64_t pages = std::clamp<std::uint64_t>(options.file_bytes_max / page_bytes, 1, 0xfffffffeU);
  static_cast<void>(connection.query("PRAGMA max_page_count = " + number(pages)));
}

}  // namespace

void refuse_sqlite_file(const std::string& path, const sqlite_failure& failure) {
  const std::string what = describe(path, failure);
  switch (failure.code()) {
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      throw error(errc::invalid_argument, "SQLite store: " + what);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
      throw error(errc::unavailable, "SQLite store: " + what);
    case SQLITE_ERROR:
      throw error(errc::bad_state, "SQLite store: " + what + "; a table of the format is missing or was changed");
    default:
      throw error(errc::bad_state, "SQLite store: " + what);
  }
}

std::unique_ptr<sqlite_connection> open_sqlite_writer(const stores::sqlite_options& options) {
  check_sqlite_file(options.path);
  auto connection = std::make_unique<sqlite_connection>(file_name(options.path), sqlite_access::read_write_create,
                                                        options.busy_timeout);
  if (connection->query("PRAGMA page_count") == "0") create_tables(*connection);
  check_tables(*connection, options.path);
  if (connection->query("PRAGMA user_version") != number(sqlite_format_version)) upgrade_tables(*connection);
  switch_to_wal(*connection, options);
  configure(*connection, options);
  limit_size(*connection, options);
  return connection;
}

std::unique_ptr<sqlite_connection> open_sqlite_reader(const stores::sqlite_options& options) {
  auto connection =
      std::make_unique<sqlite_connection>(file_name(options.path), sqlite_access::read_write, options.busy_timeout);
  configure(*connection, options);
  return connection;
}

}  // namespace troupe::internal
