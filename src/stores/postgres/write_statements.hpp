#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "stores/postgres/pg_link.hpp"
#include "troupe/stores/postgres.hpp"

/// The SQL that commits records: each statement does its part for all records of a batch, whose columns come as arrays.
namespace troupe::internal {

/// Which optional columns an update sets; a batch that needs none of them is the common one.
enum class update_column : unsigned {
  kept_cells = 1,  ///< a null state leaves the cells as they are
  schemas = 2,     ///< some cell has another schema version than 1
  apart = 4,       ///< some cell is large
  reminders = 8,   ///< null: unchanged
  due = 16,        ///< with a flag that says whether it is set
  stream = 32,     ///< null: unchanged
  parts = 64,      ///< bits to be added
  logs = 128,      ///< null: unchanged
  items = 256,     ///< when they expire, with a flag that says whether it is set
};

/// The columns of an update, as bits of `update_column`.
using update_columns = unsigned;

[[nodiscard]] constexpr bool has(update_columns columns, update_column column) noexcept {
  return (columns & static_cast<unsigned>(column)) != 0;
}

/// A table beside `actor`: one statement takes rows out, one puts rows in or replaces them.
struct side_statements {
  pg_statement drop;
  pg_statement put;
  pg_statement erase;  ///< all rows of the actors
};

/// Rows that are too many for one transaction: a commit leaves them, and a purge removes them.
struct leftover_statements {
  pg_statement leave_entries;  ///< actor, log, first, next
  pg_statement leave_items;    ///< numbers of items, of which it keeps those that have any
  pg_statement empty_items;    ///< actors, how many rows at most
  pg_statement renew_items;    ///< actors: those that still have items get a new number for them
  pg_statement find;           ///< id; returns the columns of `leftover_column` of the next one that nobody has locked
  pg_statement any;            ///< returns a row where something is left, whoever has locked it
  pg_statement purge_entries;  ///< actor, log, first, next, how many; returns how many there were, and the last one
  pg_statement purge_items;    ///< number of items, key behind which, how many; returns the same
  pg_statement shorten_entries;  ///< id, first
  pg_statement shorten_items;    ///< id, key
  pg_statement drop;             ///< id
};

/// What `leftover_statements::find` returns. Without a log: items.
enum leftover_column : int { leftover_id, leftover_actor, leftover_log, leftover_first, leftover_next, leftover_key };

/// The statements of one connection. Thread-safety: one thread at a time.
class write_statements {
 public:
  explicit write_statements(stores::postgres_state state);

  /// Parameters: type, key, expected version and writer, version, writer, epoch, state, then the columns asked for in
  /// the order of `update_column` (`due` and `items` take two). Returns ordinal and id of each row that it changed.
  [[nodiscard]] const pg_statement& update(update_columns columns);

  pg_statement begin{{}, "BEGIN"};
  pg_statement commit{{}, "COMMIT"};
  pg_statement lock;      ///< type, key: locks the rows that exist, in the order of the arrays
  pg_statement insert;    ///< every column of `actor` but id; returns id, type and key of the rows that were not there
  pg_statement remove;    ///< type, key, expected version and writer, epoch; returns ordinal, id, items and logs
  pg_statement held;      ///< type, key, writer, version, hash; see `held_column`
  pg_statement remember;  ///< writer, version, hash of erasures
  pg_statement forget;    ///< removes all but the latest erasures; parameter: how many stay
  side_statements requests;
  side_statements messages;
  side_statements marks;
  side_statements letters;
  side_statements cells;
  side_statements entries;  ///< what is dropped: those of a log from a number to before another one
  side_statements items;    ///< what is erased: up to a number of rows; their parameter is `actor.items`
  leftover_statements leftover;

  pg_statement lease_lock;  ///< host: waits for who is taking its lease, and keeps others from it
  pg_statement lease_read;  ///< host; returns the epoch

 private:
  const std::string document_;  ///< the type of JSON columns
  std::map<update_columns, pg_statement> updates_;
};

/// Returns the call that locks a lease, named by the first parameter, to the end of the transaction.
[[nodiscard]] std::string lease_lock_text(bool shared);

/// Returns the statements for the tables beside `actor`, whose JSON columns have the type `document`.
[[nodiscard]] side_statements request_statements(std::string_view document);
[[nodiscard]] side_statements message_statements(std::string_view document);
[[nodiscard]] side_statements mark_statements();
[[nodiscard]] side_statements letter_statements(std::string_view document);
[[nodiscard]] side_statements cell_statements();
[[nodiscard]] side_statements entry_statements(std::string_view document);
[[nodiscard]] side_statements item_statements(std::string_view document);
[[nodiscard]] leftover_statements leftovers();

/// One array parameter: the name of its column, and the type of its elements.
struct pg_column {
  std::string_view name;
  std::string_view type;
};

/// Returns `unnest($1::type[], ...) WITH ORDINALITY AS t(name, ..., ord)`.
[[nodiscard]] std::string unnest_text(std::span<const pg_column> columns);

/// What `write_statements::held` returns of each record whose actor exists or whose erasure is remembered.
enum held_column : int { held_ordinal, held_version, held_writer, held_epoch, held_erased };

}  // namespace troupe::internal
