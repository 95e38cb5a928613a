#include <initializer_list>

#include "stores/postgres/write_statements.hpp"

namespace troupe::internal {
namespace {

std::string rows_of(std::initializer_list<pg_column> columns) {
  return unnest_text(std::span(columns.begin(), columns.size()));
}

/// Returns `INSERT INTO table(names) SELECT names FROM unnest(...) ON CONFLICT (key) DO UPDATE SET ...` where the first
/// `key_columns` are the key.
std::string put_text(std::string_view table, std::initializer_list<pg_column> columns, std::size_t key_columns) {
  std::string names;
  std::string key;
  std::string set;
  std::size_t position = 0;
  for (const pg_column& column : columns) {
    const std::string name(column.name);
    names.append(names.empty() ? "" : ", ").append(name);
    if (position++ < key_columns) {
      key.append(key.empty() ? "" : ", ").append(name);
    } else {
      set.append(set.empty() ? "" : ", ").append(name).append(" = excluded.").append(name);
    }
  }
  return "INSERT INTO " + std::string(table) + "(" + names + ") SELECT " + names + " FROM " + rows_of(columns) +
         " ON CONFLICT (" + key + ") DO UPDATE SET " + set;
}

/// Returns the deletion of the rows with the keys given.
std::string drop_text(std::string_view table, std::initializer_list<pg_column> key) {
  std::string text = "DELETE FROM " + std::string(table) + " AS s USING " + rows_of(key) + " WHERE ";
  const char* separator = "";
  for (const pg_column& column : key) {
    text.append(separator).append("s.").append(column.name).append(" = t.").append(column.name);
    separator = " AND ";
  }
  return text;
}

side_statements statements_of(const std::string& table, std::string drop, std::string put) {
  return {{"drop_" + table, std::move(drop)},
          {"put_" + table, std::move(put)},
          {"erase_" + table, "DELETE FROM " + table + " WHERE actor = ANY($1::bigint[])"}};
}

constexpr pg_column actor_number{"actor", "bigint"};

/// Removes the rows that `found` describes, and returns how many they were and the last one's `column`. It begins where
/// the part before it ended: rows just removed are slow to pass over.
std::string purge_text(const std::string& table, const std::string& column, const std::string& found) {
  return "WITH part AS MATERIALIZED (SELECT ctid AS place, " + column + " AS last FROM " + table + " WHERE " + found +
         "), gone AS (DELETE FROM " + table + " WHERE ctid = ANY(ARRAY(SELECT place FROM part)))" +
         " SELECT (SELECT count(*) FROM part), (SELECT last FROM part ORDER BY last DESC LIMIT 1)";
}

}  // namespace

std::string unnest_text(std::span<const pg_column> columns) {
  std::string values;
  std::string names;
  int position = 0;
  for (const auto& [name, type] : columns) {
    values.append(position == 0 ? "$" : ", $").append(std::to_string(position + 1)).append("::");
    values.append(type).append("[]");
    names.append(name).append(", ");
    ++position;
  }
  return "unnest(" + values + ") WITH ORDINALITY AS t(" + names + "ord)";
}

side_statements request_statements(std::string_view document) {
  return statements_of("request", drop_text("request", {actor_number, {"key", "bytea"}}),
                       put_text("request",
                                {actor_number,
                                 {"key", "bytea"},
                                 {"reply", document},
                                 {"at", "bigint"},
                                 {"version", "bigint"},
                                 {"nth", "bigint"}},
                                2));
}

side_statements message_statements(std::string_view document) {
  return statements_of("message", drop_text("message", {actor_number, {"sequence", "bigint"}}),
                       put_text("message",
                                {actor_number,
                                 {"sequence", "bigint"},
                                 {"to_type", "text"},
                                 {"to_key", "bytea"},
                                 {"method", "bytea"},
                                 {"arguments", document},
                                 {"sent", "bigint"},
                                 {"attempts", "bigint"},
                                 {"not_before", "bigint"}},
                                2));
}

side_statements mark_statements() {
  return statements_of("mark", drop_text("mark", {actor_number, {"from_type", "text"}, {"from_key", "bytea"}}),
                       put_text("mark",
                                {actor_number,
                                 {"from_type", "text"},
                                 {"from_key", "bytea"},
                                 {"stream", "bigint"},
                                 {"sequence", "bigint"},
                                 {"at", "bigint"}},
                                3));
}

side_statements letter_statements(std::string_view document) {
  return statements_of("letter", drop_text("letter", {actor_number, {"id", "bigint"}}),
                       put_text("letter",
                                {actor_number,
                                 {"id", "bigint"},
                                 {"from_type", "text"},
                                 {"from_key", "bytea"},
                                 {"to_type", "text"},
                                 {"to_key", "bytea"},
                                 {"method", "bytea"},
                                 {"arguments", document},
                                 {"error", "bytea"},
                                 {"attempts", "bigint"},
                                 {"sent", "bigint"},
                                 {"died", "bigint"}},
                                2));
}

side_statements cell_statements() {
  return statements_of(
      "cell", drop_text("cell", {actor_number, {"name", "text"}}),
      put_text("cell",
               {actor_number, {"name", "text"}, {"schema", "bigint"}, {"coding", "bigint"}, {"content", "bytea"}}, 2));
}

side_statements entry_statements(std::string_view document) {
  return statements_of(
      "entry",
      "DELETE FROM entry AS s USING " +
          rows_of({actor_number, {"log", "text"}, {"first", "bigint"}, {"next", "bigint"}}) +
          " WHERE s.actor = t.actor AND s.log = t.log AND s.sequence >= t.first AND s.sequence < t.next",
      put_text("entry", {actor_number, {"log", "text"}, {"sequence", "bigint"}, {"at", "bigint"}, {"value", document}},
               3));
}

side_statements item_statements(std::string_view document) {
  return {
      {"drop_item", "DELETE FROM item AS s USING " + rows_of({actor_number, {"key", "bytea"}}) +
                        " JOIN actor AS a ON a.id = t.actor WHERE s.owner = coalesce(a.items, a.id) AND s.key = t.key"},
      {"put_item",
       "INSERT INTO item(owner, key, value, version, expires) SELECT coalesce(a.items, a.id), t.key, value,"
       " t.version, expires FROM " +
           rows_of(
               {actor_number, {"key", "bytea"}, {"value", document}, {"version", "bigint"}, {"expires", "bigint"}}) +
           " JOIN actor AS a ON a.id = t.actor ON CONFLICT (owner, key) DO UPDATE SET value = excluded.value,"
           " version = excluded.version, expires = excluded.expires"},
      {"erase_item",
       "DELETE FROM item WHERE ctid = ANY(ARRAY(SELECT ctid FROM item WHERE owner = ANY($1::bigint[])"
       " LIMIT $2::bigint))"}};
}

leftover_statements leftovers() {
  return {
      {"leave_entries", "INSERT INTO leftover(actor, log, first, next) SELECT actor, log, first, next FROM " +
                            rows_of({actor_number, {"log", "text"}, {"first", "bigint"}, {"next", "bigint"}})},
      {"leave_items", "INSERT INTO leftover(actor) SELECT t.actor FROM " + rows_of({actor_number}) +
                          " WHERE EXISTS (SELECT 1 FROM item AS i WHERE i.owner = t.actor)"},
      {"empty_items",
       "DELETE FROM item WHERE ctid = ANY(ARRAY(SELECT i.ctid FROM actor AS a JOIN item AS i"
       " ON i.owner = coalesce(a.items, a.id) WHERE a.id = ANY($1::bigint[]) LIMIT $2::bigint))"},
      // The number of the row that says what is left is one that no actor has, nor other items had.
      {"renew_items",
       "WITH old AS (SELECT a.id, coalesce(a.items, a.id) AS items FROM actor AS a WHERE a.id = ANY($1::bigint[])"
       " AND EXISTS (SELECT 1 FROM item AS i WHERE i.owner = coalesce(a.items, a.id))),"
       " made AS (INSERT INTO leftover(actor) SELECT items FROM old RETURNING id, actor)"
       " UPDATE actor AS a SET items = -made.id FROM old JOIN made ON made.actor = old.items WHERE a.id = old.id"},
      {"find_leftover",
       "SELECT id, actor, log, first, next, coalesce(key, '') FROM leftover WHERE id > $1::bigint ORDER BY id LIMIT 1"
       " FOR UPDATE SKIP LOCKED"},
      {"any_leftover", "SELECT 1 FROM leftover LIMIT 1"},
      {"purge_entries", purge_text("entry", "sequence",
                                   "actor = $1::bigint AND log = $2::text AND sequence >= $3::bigint"
                                   " AND sequence < $4::bigint ORDER BY sequence LIMIT $5::bigint")},
      {"purge_items",
       purge_text("item", "key", "owner = $1::bigint AND key > $2::bytea ORDER BY key LIMIT $3::bigint")},
      {"shorten_entries", "UPDATE leftover SET first = $2::bigint WHERE id = $1::bigint"},
      {"shorten_items", "UPDATE leftover SET key = $2::bytea WHERE id = $1::bigint"},
      {"drop_leftover", "DELETE FROM leftover WHERE id = $1::bigint"},
  };
}

}  // namespace troupe::internal
