#include "stores/postgres/write_statements.hpp"

#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::internal {
namespace {

std::string arrays(std::initializer_list<pg_column> columns) {
  return unnest_text(std::span(columns.begin(), columns.size()));
}

// Epochs are compared as numbers without a sign, which the highest bit turned over makes of those with one.
constexpr std::string_view epoch_is_not_lower =
    "(a.epoch # (-9223372036854775808)::bigint) <= (t.epoch # (-9223372036854775808)::bigint)";

constexpr std::string_view is_expected =
    "a.type = t.type AND a.key = t.key AND a.version = t.expected_version AND a.writer = t.expected_writer AND ";

pg_statement insert_of(std::string_view document) {
  return {
      "insert",
      "INSERT INTO actor(type, key, version, writer, epoch, state, schema, apart, reminders, next_due, stream, parts,"
      " logs, items_expire) SELECT type, key, version, writer, epoch, state, schema, apart, reminders, next_due,"
      " stream, parts, logs, items_expire FROM " +
          arrays({{"type", "text"},
                  {"key", "bytea"},
                  {"version", "bigint"},
                  {"writer", "bigint"},
                  {"epoch", "bigint"},
                  {"state", document},
                  {"schema", "text"},
                  {"apart", "text"},
                  {"reminders", document},
                  {"next_due", "bigint"},
                  {"stream", "bigint"},
                  {"parts", "bigint"},
                  {"logs", "text"},
                  {"items_expire", "bigint"}}) +
          " ON CONFLICT (type, key) DO NOTHING RETURNING id, type, key"};
}

}  // namespace

std::string lease_lock_text(bool shared) {
  // Beside the row's own lock, which it does not replace: a row that is always held by one of two transactions that
  // share it could never be taken, while these locks are given in the order in which they are asked for.
  return std::string(shared ? "pg_advisory_xact_lock_shared" : "pg_advisory_xact_lock") +
         "(hashtextextended('troupe lease ' || current_schema() || ' ' || encode($1::bytea, 'hex'), 0))";
}

write_statements::write_statements(stores::postgres_state state)
    : document_(state == stores::postgres_state::bytea ? "bytea" : "text") {
  lock = {"lock", "SELECT count(*) FROM " + arrays({{"type", "text"}, {"key", "bytea"}}) +
                      " CROSS JOIN LATERAL (SELECT 1 FROM actor AS a WHERE a.type = t.type AND a.key = t.key"
                      " FOR UPDATE) AS locked"};
  insert = insert_of(document_);
  remove = {"remove", "DELETE FROM actor AS a USING " +
                          arrays({{"type", "text"},
                                  {"key", "bytea"},
                                  {"expected_version", "bigint"},
                                  {"expected_writer", "bigint"},
                                  {"epoch", "bigint"}}) +
                          " WHERE " + std::string(is_expected) + std::string(epoch_is_not_lower) +
                          " RETURNING t.ord, a.id, coalesce(a.items, a.id), a.logs"};
  held = {
      "held",
      "SELECT t.ord, a.version, a.writer, a.epoch,"
      " EXISTS(SELECT 1 FROM erasure AS e WHERE e.writer = t.writer AND e.version = t.version"
      " AND e.actor_hash = t.hash) FROM " +
          arrays(
              {{"type", "text"}, {"key", "bytea"}, {"writer", "bigint"}, {"version", "bigint"}, {"hash", "bigint"}}) +
          " LEFT JOIN actor AS a ON a.type = t.type AND a.key = t.key"};
  remember = {"remember", "INSERT INTO erasure(writer, version, actor_hash) SELECT writer, version, hash FROM " +
                              arrays({{"writer", "bigint"}, {"version", "bigint"}, {"hash", "bigint"}})};
  forget = {"forget",
            "DELETE FROM erasure WHERE id IN (SELECT id FROM erasure"
            " WHERE id <= (SELECT id FROM erasure ORDER BY id DESC OFFSET $1::bigint LIMIT 1)"
            " FOR UPDATE SKIP LOCKED)"};
  requests = request_statements(document_);
  messages = message_statements(document_);
  marks = mark_statements();
  letters = letter_statements(document_);
  cells = cell_statements();
  entries = entry_statements(document_);
  items = item_statements(document_);
  leftover = leftovers();
  lease_lock = {"lease_lock", std::string("SELECT ") + lease_lock_text(true)};
  lease_read = {"lease_read", "SELECT epoch FROM lease WHERE host = $1::bytea FOR SHARE"};
}

const pg_statement& write_statements::update(update_columns columns) {
  pg_statement& statement = updates_[columns];
  if (!statement.name.empty()) return statement;
  std::vector<pg_column> arrays{{"type", "text"},
                                {"key", "bytea"},
                                {"expected_version", "bigint"},
                                {"expected_writer", "bigint"},
                                {"version", "bigint"},
                                {"writer", "bigint"},
                                {"epoch", "bigint"},
                                {"state", document_}};
  const bool keeps = has(columns, update_column::kept_cells);
  std::string set = "version = t.version, writer = t.writer, epoch = t.epoch, state = ";
  set += keeps ? "coalesce(t.state, a.state)" : "t.state";
  // Columns that go with the cells: empty where no record of the batch says otherwise.
  const auto with_cells = [&](update_column column, std::string_view name) {
    const bool is_given = has(columns, column);
    if (is_given) arrays.push_back({name, "text"});
    const std::string value = is_given ? "t." + std::string(name) : "''";
    set += ", " + std::string(name) + " = ";
    set += keeps ? "CASE WHEN t.state IS NULL THEN a." + std::string(name) + " ELSE " + value + " END" : value;
  };
  with_cells(update_column::schemas, "schema");
  with_cells(update_column::apart, "apart");
  const auto unless_null = [&](update_column column, std::string_view name, std::string_view type) {
    if (!has(columns, column)) return;
    arrays.push_back({name, type});
    set += ", " + std::string(name) + " = coalesce(t." + std::string(name) + ", a." + std::string(name) + ")";
  };
  const auto where_flagged = [&](update_column column, std::string_view flag, std::string_view name) {
    if (!has(columns, column)) return;
    arrays.push_back({flag, "boolean"});
    arrays.push_back({name, "bigint"});
    set += ", " + std::string(name) + " = CASE WHEN t." + std::string(flag) + " THEN t." + std::string(name) +
           " ELSE a." + std::string(name) + " END";
  };
  unless_null(update_column::reminders, "reminders", document_);
  where_flagged(update_column::due, "sets_due", "next_due");
  unless_null(update_column::stream, "stream", "bigint");
  if (has(columns, update_column::parts)) {
    arrays.push_back({"parts", "bigint"});
    set += ", parts = a.parts | t.parts::smallint";
  }
  unless_null(update_column::logs, "logs", "text");
  where_flagged(update_column::items, "sets_items", "items_expire");
  statement = {"update_" + std::to_string(columns), "UPDATE actor AS a SET " + set + " FROM " + unnest_text(arrays) +
                                                        " WHERE " + std::string(is_expected) +
                                                        std::string(epoch_is_not_lower) + " RETURNING t.ord, a.id"};
  return statement;
}

}  // namespace troupe::internal
