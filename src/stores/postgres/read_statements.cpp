#include "stores/postgres/read_statements.hpp"

#include <string>

#include "stores/postgres/write_statements.hpp"

namespace troupe::internal {
namespace {

constexpr const char* actor_columns =
    "id, type, key, version, writer, epoch, stream, parts, state, schema, apart, reminders, logs, items_expire";

/// Selects the columns of `load_column` from the actors in `a`.
std::string actor_rows() {
  return "SELECT a.ord, 0, version, writer, epoch, stream, items_expire, schema, apart, logs, type, key, NULL::bytea,"
         " NULL::bytea, NULL::bytea, state, reminders FROM a";
}

/// Rows of a table beside `actor`, of those actors that may have some there. `columns` lacks the two documents.
std::string side_rows_of(const std::string& table, int part, const std::string& columns, const std::string& documents) {
  return " UNION ALL SELECT a.ord, " + columns + ", " + documents + " FROM a JOIN " + table +
         " AS s ON s.actor = a.id WHERE (a.parts & " + std::to_string(part) + ") <> 0";
}

std::string cell_rows(const std::string& none) {
  return side_rows_of("cell", 16,
                      "5, s.schema, s.coding, NULL, NULL, NULL, s.name, NULL, NULL, NULL, s.content, NULL, NULL, NULL",
                      none + ", " + none);
}

std::string load_text(const std::string& document) {
  const std::string none = "NULL::" + document;
  return std::string("WITH a AS MATERIALIZED (SELECT t.ord, r.* FROM unnest($1::text[], $2::bytea[]) WITH ORDINALITY") +
         " AS t(of_type, of_key, ord) CROSS JOIN LATERAL (SELECT " + actor_columns +
         " FROM actor WHERE actor.type = t.of_type AND actor.key = t.of_key OFFSET 0) AS r) " + actor_rows() +
         side_rows_of("request", 1,
                      "1, s.at, s.version, s.nth, NULL, NULL, NULL, NULL, NULL, NULL, s.key, NULL, NULL, NULL",
                      "s.reply, " + none) +
         side_rows_of("message", 2,
                      "2, s.sequence, s.sent, s.attempts, s.not_before, NULL, s.to_type, NULL, NULL, NULL, s.to_key,"
                      " s.method, NULL, NULL",
                      "s.arguments, " + none) +
         side_rows_of("mark", 4,
                      "3, s.stream, s.sequence, s.at, NULL, NULL, s.from_type, NULL, NULL, NULL, s.from_key, NULL,"
                      " NULL, NULL",
                      none + ", " + none) +
         side_rows_of("letter", 8,
                      "4, s.id, s.attempts, s.sent, s.died, NULL, s.from_type, s.to_type, NULL, NULL, s.from_key,"
                      " s.to_key, s.method, s.error",
                      "s.arguments, " + none) +
         cell_rows(none);
}

std::string list_text(const std::string& condition, const std::string& limit, const std::string& document) {
  return std::string("WITH a AS MATERIALIZED (SELECT row_number() OVER () AS ord, page.* FROM (SELECT ") +
         actor_columns + " FROM actor WHERE " + condition + " ORDER BY type, key LIMIT " + limit + ") AS page) " +
         actor_rows() + cell_rows("NULL::" + document);
}

constexpr const char* the_actor =
    "WITH a AS MATERIALIZED (SELECT id, logs, coalesce(items, id) AS items FROM actor WHERE type = $1::text"
    " AND key = $2::bytea) ";

/// The bytes are summed up here, so that what does not fit into the page is not sent. What a trim has left behind is
/// below whatever there is.
std::string entries_text(const std::string& direction, const std::string& document) {
  return std::string(the_actor) + "SELECT 0::bigint, 0::bigint, NULL::" + document +
         ", logs, 0::bigint, 0::bigint AS nth FROM a UNION ALL SELECT sequence, at, value, NULL, among, nth"
         " FROM (SELECT sequence, at, value, row_number() OVER page AS nth, count(*) OVER () AS among, "
         "sum(octet_length(value)) OVER page AS bytes"
         " FROM (SELECT e.sequence, e.at, e.value FROM a JOIN entry AS e ON e.actor = a.id WHERE e.log = $3::text"
         " AND e.sequence BETWEEN greatest($4::bigint, (SELECT max(l.next) FROM a JOIN leftover AS l"
         " ON l.actor = a.id AND l.log = $3::text)) AND $5::bigint ORDER BY e.sequence " +
         direction + " LIMIT $6::bigint) AS found WINDOW page AS (ORDER BY sequence " + direction +
         " ROWS UNBOUNDED PRECEDING)) AS summed WHERE nth = 1 OR bytes <= $7::bigint ORDER BY nth";
}

std::string items_by_prefix_text() {
  return std::string(the_actor) +
         "SELECT key, value, version, expires, among FROM (SELECT key, value, version, expires,"
         " row_number() OVER page AS nth, count(*) OVER () AS among,"
         " sum(octet_length(key) + octet_length(value)) OVER page AS bytes FROM (SELECT i.key, i.value, i.version,"
         " i.expires FROM a JOIN item AS i ON i.owner = a.items WHERE i.key >= $3::bytea AND i.key < $4::bytea"
         " ORDER BY i.key LIMIT $5::bigint + 1) AS found WINDOW page AS (ORDER BY key ROWS UNBOUNDED PRECEDING))"
         " AS summed WHERE nth <= $5::bigint AND (nth = 1 OR bytes <= $6::bigint) ORDER BY nth";
}

}  // namespace

read_statements::read_statements(bool is_text) {
  const std::string document = is_text ? "text" : "bytea";
  load = {"load", load_text(document)};
  list_type = {"list_type",
               list_text("type = $1::text AND key >= $2::bytea AND key < $3::bytea", "$4::bigint", document)};
  list_all = {"list_all", list_text("(type, key) >= ($1::text, $2::bytea)"
                                    " AND substring(key FROM 1 FOR $4::bigint::integer) = $3::bytea",
                                    "$5::bigint", document)};
  due = {"due",
         "SELECT type, key, next_due FROM actor WHERE next_due <= $1::bigint"
         " AND (next_due, type, key) > ($2::bigint, $3::text, $4::bytea) ORDER BY next_due, type, key"
         " LIMIT $5::bigint"};
  entries_up = {"entries_up", entries_text("ASC", document)};
  entries_down = {"entries_down", entries_text("DESC", document)};
  items_by_key = {"items_by_key", std::string(the_actor) +
                                      "SELECT i.key, i.value, i.version, i.expires, 0::bigint FROM a JOIN item AS i"
                                      " ON i.owner = a.items WHERE i.key = ANY($3::bytea[]) ORDER BY i.key"};
  items_by_prefix = {"items_by_prefix", items_by_prefix_text()};
  lease_lock = {"lease_lock", "SELECT " + lease_lock_text(false)};
  lease_raise = {"lease_raise",
                 "INSERT INTO lease AS l(host, epoch) VALUES($1::bytea, 1)"
                 " ON CONFLICT (host) DO UPDATE SET epoch = l.epoch + 1 RETURNING epoch"};
}

}  // namespace troupe::internal
