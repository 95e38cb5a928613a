#include "stores/sqlite/row_reader.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>
#include <utility>

#include "base/key_prefix.hpp"
#include "stores/rules/commit_rules.hpp"
#include "stores/rules/row_times.hpp"

namespace troupe::internal {
namespace {

/// Selects what `read_row` reads, and the actor behind it.
std::string select_actor(std::string_view rest) {
  return "SELECT id, version, writer, epoch, state, schema, reminders, type, key, stream, apart, logs, items_expire"
         " FROM actor " +
         std::string(rest);
}

/// Ends the read transaction, and with it the hold on the log, on every way out.
class read_transaction {
 public:
  read_transaction(sqlite_connection& connection, sqlite_statement& begin, sqlite_statement& commit)
      : connection_(connection), commit_(commit) {
    begin.run();
  }
  ~read_transaction() {
    try {
      commit_.run();
    } catch (const sqlite_failure&) {
      connection_.roll_back();
    }
  }
  read_transaction(const read_transaction&) = delete;
  read_transaction& operator=(const read_transaction&) = delete;

 private:
  sqlite_connection& connection_;
  sqlite_statement& commit_;
};

}  // namespace

row_reader::row_reader(sqlite_connection& connection, std::string path)
    : connection_(connection),
      path_(std::move(path)),
      begin_(connection, "BEGIN"),
      commit_(connection, "COMMIT"),
      load_(connection, select_actor("WHERE type = ?1 AND key = ?2")),
      requests_(connection, "SELECT key, reply, at, version, nth FROM request WHERE actor = ?1"),
      messages_(connection),
      parts_(connection),
      list_type_(connection, select_actor("WHERE type = ?1 AND key >= ?2 AND key < ?3 ORDER BY key LIMIT ?4")),
      list_all_(connection, select_actor("WHERE (type, key) >= (?1, ?2) AND substr(key, 1, length(?3)) = ?3"
                                         " ORDER BY type, key LIMIT ?4")),
      due_(connection,
           "SELECT type, key, next_due FROM actor WHERE next_due <= ?1 AND (next_due, type, key) > (?2, ?3, ?4)"
           " ORDER BY next_due, type, key LIMIT ?5") {}

std::vector<spi::load_result> row_reader::load(std::span<const actor_id> actors) {
  const read_transaction transaction(connection_, begin_, commit_);
  // In the order of the index, so that neighbours find its pages in the processor's cache.
  std::vector<std::size_t> order(actors.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return actors[a] < actors[b]; });
  std::vector<spi::load_result> results(actors.size());
  for (const std::size_t i : order) results[i] = load(actors[i]);
  return results;
}

spi::load_result row_reader::load(const actor_id& actor) {
  spi::load_result result = load_of_nothing(actor, spi::read_status::ok);
  const sqlite_reset reset(load_);
  try {
    load_.bind_text(1, actor.type);
    load_.bind_blob(2, actor.key);
    if (!load_.step()) return result;
    read_row(load_, result.image);
    result.image.requests = requests_of(load_.integer(0));
    result.image.stream = load_.bits(9);
    result.image.logs = unpacker_.logs(load_.bytes(11));
    if (!load_.is_null(12)) result.image.items_expire = time_of(load_.integer(12));
    messages_.read(load_.integer(0), result.image);
    return result;
  } catch (const damaged_column& fault) {
    return load_of_nothing(actor, spi::read_status::damaged, damage(actor, fault));
  } catch (const sqlite_failure& failure) {
    if (failure.code() != SQLITE_CORRUPT) throw;
    return load_of_nothing(actor, spi::read_status::damaged, to_string(actor) + ": " + describe(path_, failure));
  }
}

void row_reader::read_row(sqlite_statement& row, spi::actor_image& image) {
  image.stamp = {row.bits(1), row.bits(2)};
  image.epoch = row.bits(3);
  image.cells = unpacker_.cells(row.bytes(4), row.bytes(5));
  image.reminders = unpacker_.reminders(row.bytes(6));
  if (!row.is_null(10)) parts_.read_cells(row.integer(0), row.bytes(10), image.cells);
}

std::vector<spi::request_image> row_reader::requests_of(std::int64_t id) {
  const sqlite_reset reset(requests_);
  requests_.bind(1, id);
  std::vector<spi::request_image> requests;
  if (!requests_.step()) return requests;
  // The table is ordered by key; the sort here is cheaper than SQLite's.
  std::vector<std::tuple<std::int64_t, std::int64_t, std::int64_t, spi::request_image>> rows;
  do {
    const std::int64_t at = requests_.integer(2);
    rows.emplace_back(
        at, requests_.integer(3), requests_.integer(4),
        spi::request_image{std::string(requests_.bytes(0)), std::string(requests_.bytes(1)), time_of(at)});
  } while (requests_.step());
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return std::tie(std::get<0>(a), std::get<1>(a), std::get<2>(a)) <
           std::tie(std::get<0>(b), std::get<1>(b), std::get<2>(b));
  });
  requests.reserve(rows.size());
  for (auto& row : rows) requests.push_back(std::move(std::get<3>(row)));
  return requests;
}

sqlite_statement& row_reader::bind_list(const spi::list_query& query) {
  actor_id lower{query.type, query.type.empty() ? std::string() : query.key_prefix};
  // Nothing is between a key and the same key with a NUL behind it.
  if (query.after && *query.after >= lower) lower = {query.after->type, query.after->key + '\0'};
  sqlite_statement& list = query.type.empty() ? list_all_ : list_type_;
  lower_key_ = lower.key;
  // Behind another type there is nothing left of this one.
  if (!query.type.empty() && lower.type != query.type) lower_key_ = end_of_prefix({}, actor_key_bytes_max);
  upper_key_ = query.type.empty() ? query.key_prefix : end_of_prefix(query.key_prefix, actor_key_bytes_max);
  lower_type_ = query.type.empty() ? lower.type : query.type;
  list.bind_text(1, lower_type_);
  list.bind_blob(2, lower_key_);
  list.bind_blob(3, upper_key_);
  list.bind(4, static_cast<std::int64_t>(query.limit));
  return list;
}

spi::list_result row_reader::list(const spi::list_query& query) {
  spi::list_result result{spi::read_status::ok, {}, {}};
  sqlite_statement& rows = bind_list(query);
  const sqlite_reset reset(rows);
  while (rows.step()) {
    spi::actor_image& image = result.actors.emplace_back();
    image.actor = {std::string(rows.bytes(7)), std::string(rows.bytes(8))};
    try {
      read_row(rows, image);
    } catch (const damaged_column& fault) {
      if (result.status == spi::read_status::ok) result.message = damage(image.actor, fault);
      result.status = spi::read_status::damaged;
      image = load_of_nothing(image.actor, spi::read_status::damaged).image;
    }
  }
  return result;
}

spi::due_result row_reader::scan_due(const spi::due_query& query) {
  spi::due_result result{spi::read_status::ok, {}, {}};
  const sqlite_reset reset(due_);
  due_.bind(1, std::int64_t{query.until.time_since_epoch().count()});
  due_.bind(2, query.after ? std::int64_t{query.after->due.time_since_epoch().count()}
                           : std::numeric_limits<std::int64_t>::min());
  due_.bind_text(3, query.after ? std::string_view(query.after->actor.type) : std::string_view());
  due_.bind_blob(4, query.after ? std::string_view(query.after->actor.key) : std::string_view());
  due_.bind(5, static_cast<std::int64_t>(query.limit));
  while (due_.step()) {
    result.actors.push_back({{std::string(due_.bytes(0)), std::string(due_.bytes(1))}, time_of(due_.integer(2))});
  }
  return result;
}

spi::log_result row_reader::read_log(const spi::log_query& query) {
  const read_transaction transaction(connection_, begin_, commit_);
  const sqlite_reset reset(load_);
  load_.bind_text(1, query.actor.type);
  load_.bind_blob(2, query.actor.key);
  if (!load_.step()) return {spi::read_status::ok, {}, {}};
  try {
    for (const spi::log_head& head : unpacker_.logs(load_.bytes(11))) {
      if (head.name == query.log) return {spi::read_status::ok, {}, parts_.read_log(load_.integer(0), query, head)};
    }
    return {spi::read_status::ok, {}, {}};
  } catch (const damaged_column& fault) {
    return {spi::read_status::damaged, damage(query.actor, fault), {}};
  }
}

spi::item_result row_reader::read_items(const spi::item_query& query) {
  const read_transaction transaction(connection_, begin_, commit_);
  const sqlite_reset reset(load_);
  load_.bind_text(1, query.actor.type);
  load_.bind_blob(2, query.actor.key);
  if (!load_.step()) return {spi::read_status::ok, {}, {}, false};
  try {
    return parts_.read_items(load_.integer(0), query);
  } catch (const damaged_column& fault) {
    return {spi::read_status::damaged, damage(query.actor, fault), {}, false};
  }
}

std::string row_reader::damage(const actor_id& actor, const std::exception& fault) const {
  return "what " + path_ + " holds of " + to_string(actor) + " is damaged: " + fault.what();
}

}  // namespace troupe::internal
