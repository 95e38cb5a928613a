#pragma once

#include "stores/postgres/pg_link.hpp"

/// The SQL that reads actors. Each read is one statement, and so one state of the database: what it returns of an actor
/// belongs together.
namespace troupe::internal {

/// What a row of `load` or of a list is of.
enum load_part : int { load_actor, load_request, load_message, load_mark, load_letter, load_cell };

/// The columns of `load` and of the lists; which of the numbers, texts and bytes a part uses, `row_images.cpp` says.
enum load_column : int {
  load_ordinal,  ///< of the actor among those asked for, or those listed, from 1
  load_kind,
  load_number_1,
  load_number_2,
  load_number_3,
  load_number_4,
  load_number_5,
  load_text_1,
  load_text_2,
  load_text_3,
  load_text_4,
  load_bytes_1,
  load_bytes_2,
  load_bytes_3,
  load_bytes_4,
  load_document_1,
  load_document_2,
};

/// The columns of `entries_up` and `entries_down`: in the first row, if the actor is there, its logs; then the entries
/// that fit into the page, each with how many the range has, up to the limit.
enum entry_column : int { entry_sequence, entry_at, entry_value, entry_logs, entry_found };

/// The columns of `items_by_key` and `items_by_prefix`.
enum item_column : int { item_key, item_value, item_version, item_expires, item_found };

/// Constant. Text and bytea have the same binary form: what differs between stores of either is what SQL is told.
struct read_statements {
  explicit read_statements(bool is_text);

  /// Parameters: types, keys.
  pg_statement load;
  /// Parameters: type, first key, key behind the last, limit.
  pg_statement list_type;
  /// Parameters: first type and key, prefix of keys, its length, limit.
  pg_statement list_all;
  /// Parameters: until, then due time, type and key behind which to continue, limit.
  pg_statement due;
  /// Parameters: type, key, log, lowest and highest sequence, limit, bytes.
  pg_statement entries_up;
  pg_statement entries_down;
  /// Parameters: type, key, keys of items.
  pg_statement items_by_key;
  /// Parameters: type, key, first key, key behind the last, limit, bytes. `item_found` says how many there are, up to
  /// one more than the limit.
  pg_statement items_by_prefix;
  /// Parameter: host. Returns the new epoch.
  pg_statement lease_lock;
  pg_statement lease_raise;
};

}  // namespace troupe::internal
