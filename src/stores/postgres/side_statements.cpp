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

constexpr pg_column actor{"actor", "bigint"};

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
  return statements_of(
      "request", drop_text("request", {actor, {"key", "bytea"}}),
      put_text(
          "request",
          {actor, {"key", "bytea"}, {"reply", document}, {"at", "bigint"}, {"version", "bigint"}, {"nth", "bigint"}},
          2));
}

side_statements message_statements(std::string_view document) {
  return statements_of("message", drop_text("message", {actor, {"sequence", "bigint"}}),
                       put_text("message",
                                {actor,
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
  return statements_of("mark", drop_text("mark", {actor, {"from_type", "text"}, {"from_key", "bytea"}}),
                       put_text("mark",
                                {actor,
                                 {"from_type", "text"},
                                 {"from_key", "bytea"},
                                 {"stream", "bigint"},
                                 {"sequence", "bigint"},
                                 {"at", "bigint"}},
                                3));
}

side_statements letter_statements(std::string_view document) {
  return statements_of("letter", drop_text("letter", {actor, {"id", "bigint"}}),
                       put_text("letter",
                                {actor,
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
      "cell", drop_text("cell", {actor, {"name", "text"}}),
      put_text("cell", {actor, {"name", "text"}, {"schema", "bigint"}, {"coding", "bigint"}, {"content", "bytea"}}, 2));
}

side_statements entry_statements(std::string_view document) {
  return statements_of(
      "entry",
      "DELETE FROM entry AS s USING " + rows_of({actor, {"log", "text"}, {"first", "bigint"}}) +
          " WHERE s.actor = t.actor AND s.log = t.log AND s.sequence < t.first",
      put_text("entry", {actor, {"log", "text"}, {"sequence", "bigint"}, {"at", "bigint"}, {"value", document}}, 3));
}

side_statements item_statements(std::string_view document) {
  return statements_of(
      "item", drop_text("item", {actor, {"key", "bytea"}}),
      put_text("item", {actor, {"key", "bytea"}, {"value", document}, {"version", "bigint"}, {"expires", "bigint"}},
               2));
}

}  // namespace troupe::internal
