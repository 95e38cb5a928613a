#include "stores/postgres/postgres_schema.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "stores/postgres/connection_string.hpp"
#include "stores/postgres/pqxx_compat.hpp"
#include "troupe/base/error.hpp"

namespace troupe::internal {
namespace {

using stores::postgres_state;

/// What a schema says of itself.
struct found_schema {
  bool exists = false;
  std::uint32_t format = 0;  ///< 0: it holds no store
  postgres_state state = postgres_state::as_stored;
};

[[noreturn]] void refuse(const pg_place& place, const std::string& why) {
  throw error(errc::bad_state, "PostgreSQL store in " + place.name + ": " + why);
}

/// FNV-1a of the schema's name: names the advisory lock under which it is made.
std::string lock_number(const std::string& schema) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : "troupe:" + schema) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return std::to_string(static_cast<std::int64_t>(hash));
}

std::uint32_t format_in(const pg_place& place, const std::string& text) {
  std::uint32_t format = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), format);
  if (problem != std::errc{} || end != text.data() + text.size() || format == 0) {
    refuse(place, "it is damaged: table meta names the format \"" + text + "\"");
  }
  return format;
}

found_schema look_at(pg_administration& database, const pg_place& place, std::uint32_t newest) {
  found_schema found;
  const std::string name = database.quoted(place.schema);
  found.exists = database.value("SELECT 1 FROM pg_namespace WHERE nspname = " + name).has_value();
  if (!found.exists) return found;
  const auto relations =
      "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE nspname = " + name;
  if (database.value(relations).value_or("0") == "0") return found;
  const std::string meta = database.quoted_name(place.schema) + ".meta";
  if (!database.value("SELECT to_regclass(" + database.quoted(meta) + ")")) {
    refuse(place, "the schema holds tables that are not a troupe store's; name another one with troupe_schema");
  }
  found.format = format_in(place, database.value("SELECT value FROM " + meta + " WHERE name = 'format'").value_or(""));
  if (found.format > newest) {
    refuse(place, "it has format " + std::to_string(found.format) + ", this build of troupe reads up to " +
                      std::to_string(newest) + "; use a newer one");
  }
  const std::string state = database.value("SELECT value FROM " + meta + " WHERE name = 'state'").value_or("");
  if (state != "text" && state != "bytea") refuse(place, "it is damaged: table meta names the state \"" + state + "\"");
  found.state = state == "text" ? postgres_state::text : postgres_state::bytea;
  return found;
}

void migrate(pg_administration& database, const pg_place& place, const found_schema& found,
             std::span<const pg_migration> steps) {
  const std::string schema = database.quoted_name(place.schema);
  if (!found.exists) database.run("CREATE SCHEMA " + schema);
  database.run("SET LOCAL search_path = " + schema + ", pg_temp");
  if (found.format == 0) {
    database.run("CREATE TABLE meta(name text PRIMARY KEY, value text NOT NULL)");
    database.run("INSERT INTO meta(name, value) VALUES('format', '0'), ('state', '" +
                 std::string(place.layout.state == postgres_state::text ? "text" : "bytea") + "')");
  }
  for (const pg_migration& step : steps) {
    database.run(step.sql);
    database.run("UPDATE meta SET value = '" + std::to_string(step.format) + "' WHERE name = 'format'");
  }
}

bool has_leftovers(pg_administration& database, const pg_place& place) {
  const std::string table = database.quoted_name(place.schema) + ".leftover";
  return database.value("SELECT to_regclass(" + database.quoted(table) + ")") &&
         database.value("SELECT 1 FROM " + table + " LIMIT 1");
}

void check_state(const pg_place& place, postgres_state asked, postgres_state found) {
  if (asked == postgres_state::as_stored || asked == found) return;
  refuse(place, std::string("it keeps JSON as ") + (found == postgres_state::text ? "text" : "bytea") +
                    ", which was decided when it was created; leave troupe_state out, or use another schema");
}

void check_server(pg_administration& database, const pg_place& place) {
  const std::string version = database.value("SHOW server_version_num").value_or("0");
  if (std::stol(version) < postgres_server_min) {
    refuse(place, "the server is of version " + database.value("SHOW server_version").value_or("?") +
                      "; 12 or later is needed");
  }
}

void check_encoding(pg_administration& database, const pg_place& place) {
  if (place.layout.state == postgres_state::bytea) return;
  const std::string encoding = database.value("SHOW server_encoding").value_or("");
  if (encoding == "UTF8") return;
  refuse(place, "the database has the encoding " + encoding +
                    ", which cannot hold every JSON text; create one with encoding UTF8, or use troupe_state=bytea");
}

}  // namespace

pg_place open_postgres_schema(const stores::postgres_options& options,
                              std::vector<pg_migration> (*migrations)(postgres_state)) {
  pg_place place;
  place.connection = options.connection;
  place.schema = options.schema;
  place.name = place_of(options.connection) + ", schema " + options.schema;
  place.statement_timeout = options.statement_timeout;
  place.lock_timeout = options.lock_timeout;
  place.answer_timeout = options.answer_timeout;
  place.layout.large_cell_bytes = options.large_cell_bytes;
  place.layout.compress_bytes_min = options.compress_bytes_min;
  const std::uint32_t newest = migrations(postgres_state::text).back().format;
  administer(place.connection, [&](pg_administration& database) {
    check_server(database, place);
    found_schema found = look_at(database, place, newest);
    if (found.format != newest) {
      database.run("SELECT pg_advisory_xact_lock(" + lock_number(place.schema) + ")");
      found = look_at(database, place, newest);  // another process may have been quicker
    }
    check_state(place, options.state, found.state == postgres_state::as_stored ? options.state : found.state);
    place.layout.state = found.state != postgres_state::as_stored ? found.state : options.state;
    if (place.layout.state == postgres_state::as_stored) place.layout.state = postgres_state::text;
    check_encoding(database, place);
    if (found.format == newest) {
      place.has_leftovers = has_leftovers(database, place);
      return;
    }
    const std::vector<pg_migration> all = migrations(place.layout.state);
    migrate(database, place, found, migrations_behind(all, found.format));
  });
  return place;
}

std::unique_ptr<pg_link> open_postgres_link(const pg_place& place, std::shared_ptr<const spi::clock> clock) {
  auto link = std::make_unique<pg_link>(place.connection, place.answer_timeout, std::move(clock));
  const auto quoted = [](const std::string& text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
    return out + "'";
  };
  std::string schema = "\"";
  for (const char c : place.schema) schema += c == '"' ? std::string("\"\"") : std::string(1, c);
  schema += "\", pg_temp";
  // Every statement reaches its rows by an index, in the order of its arrays: a batch then locks them in the order of
  // the actors, whatever the statistics of a table that has just grown say. Settings that a server does not know are
  // left out.
  const std::array<std::pair<const char*, std::string>, 17> settings{{
      {"search_path", schema},
      {"statement_timeout", std::to_string(place.statement_timeout.count())},
      {"lock_timeout", std::to_string(place.lock_timeout.count())},
      {"idle_in_transaction_session_timeout", "30000"},
      {"default_transaction_isolation", "read committed"},
      {"standard_conforming_strings", "on"},
      {"plan_cache_mode", "force_generic_plan"},
      {"enable_seqscan", "off"},
      {"enable_bitmapscan", "off"},
      {"enable_hashjoin", "off"},
      {"enable_mergejoin", "off"},
      {"enable_material", "off"},
      {"enable_memoize", "off"},
      {"enable_sort", "on"},
      {"random_page_cost", "0.1"},
      {"max_parallel_workers_per_gather", "0"},
      {"jit", "off"},
  }};
  std::string sql = "SELECT set_config(v.name, v.setting, false) FROM (VALUES ";
  const char* separator = "";
  for (const auto& [name, value] : settings) {
    sql += separator + std::string("(") + quoted(name) + "," + quoted(value) + ")";
    separator = ",";
  }
  link->run(sql + ") AS v(name, setting) JOIN pg_catalog.pg_settings AS s ON s.name = v.name");
  return link;
}

}  // namespace troupe::internal
