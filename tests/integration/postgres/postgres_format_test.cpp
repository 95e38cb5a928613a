#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/system_clock.hpp"
#include "postgres_fixture.hpp"
#include "stores/postgres/postgres_migrations.hpp"
#include "stores/postgres/postgres_schema.hpp"

namespace troupe::postgres_test {
namespace {

using contract::at_ms;
using spi::commit_status;

/// Returns the n-th block of SQL in a document.
std::string sql_in_document(std::size_t n, const std::string& path = "docs/formats/postgres.md") {
  std::ifstream file(std::filesystem::path(TROUPE_SOURCE_FOLDER) / path);
  std::ostringstream text;
  text << file.rdbuf();
  const std::string document = text.str();
  const std::string fence = "```sql\n";
  std::size_t begin = document.find(fence);
  for (std::size_t i = 0; i < n && begin != std::string::npos; ++i) begin = document.find(fence, begin + 1);
  if (begin == std::string::npos) return {};
  begin += fence.size();
  return document.substr(begin, document.find("```", begin) - begin);
}

/// Returns the text with each stretch of white space as one space.
std::string squeezed(const std::string& text) {
  std::istringstream words(text);
  std::string all;
  for (std::string word; words >> word;) all += (all.empty() ? "" : " ") + word;
  return all;
}

/// A record with something in every table.
spi::turn_record full_record() {
  auto record = contract::birth({"seller", "acme"});
  record.epoch = ~std::uint64_t{0};
  record.cells = {contract::cell("book", "\"" + std::string(4096, 'x') + "\"", 2),
                  contract::cell("inventory", R"({"stock":7})", 3)};
  record.reminders = {{contract::reminder("bill", 1700000000123, 60000, R"({"to":"x"})")}};
  record.requests_added = {contract::request("r1", 1700000000000, "1")};
  spi::message_changes& messages = record.messages.emplace();
  messages.stream = 5;
  messages.sent_added = {
      {.sequence = 1, .to = {"buyer", "bolt"}, .method = "take", .arguments = "[1]", .sent = at_ms(1)}};
  messages.marks_set = {{{"buyer", "bolt"}, 9, 3, at_ms(2)}};
  messages.letters_added = {
      {.id = 1, .from = {"buyer", "bolt"}, .to = record.actor, .method = "pay", .arguments = "[]", .error = "no"}};
  record.logs = {{{{"sales", 1, 3}, 1, {{1, at_ms(10), R"({"n":1})"}, {2, at_ms(20), "2"}}}}};
  record.items =
      spi::item_changes{.expire_next = at_ms(1700000009000), .set = {{"offer/1", "7", 1, at_ms(1700000009000)}}};
  return record;
}

class PostgresFormat : public postgres_fixture {
 protected:
  /// Fills a store with one record, and lends a lease.
  contract::store_client fill() {
    const auto client = open();
    EXPECT_EQ(client.status_of(full_record()), commit_status::committed);
    EXPECT_EQ(client.take_lease("east-1").epoch, 1U);
    return client;
  }
};

TEST_F(PostgresFormat, IsTheOneOfTheDocument) {
  const auto steps = internal::postgres_migrations(stores::postgres_state::text);
  for (std::size_t i = 0; i < steps.size(); ++i) EXPECT_EQ(squeezed(steps[i].sql), squeezed(sql_in_document(i)));
}

TEST_F(PostgresFormat, PutsARecordIntoTheseRows) {
  const auto client = fill();
  const auto rows = [&](const std::string& table, const std::string& columns) {
    return sql("SELECT " + columns + " FROM @." + table);
  };
  EXPECT_EQ(rows("actor", "type, key, version, writer, epoch, next_due, stream, parts"),
            "seller|\\x61636d65|1|11|-1|1700000000123|5|31");
  EXPECT_EQ(rows("actor", "state, schema, apart"), R"({"inventory":{"stock":7}}|{"inventory":3}|["book"])");
  EXPECT_EQ(rows("actor", "reminders, logs, items_expire"),
            R"([{"name":"bill","due":1700000000123,"period":60000,"data":{"to":"x"}}]|{"sales":[1,3]}|1700000009000)");
  EXPECT_EQ(rows("request", "key, reply, at, version, nth"), "\\x7231|1|1700000000000|1|0");
  EXPECT_EQ(rows("message", "sequence, to_type, to_key, method, arguments, sent, attempts, not_before"),
            "1|buyer|\\x626f6c74|\\x74616b65|[1]|1|0|0");
  EXPECT_EQ(rows("mark", "from_type, from_key, stream, sequence, at"), "buyer|\\x626f6c74|9|3|2");
  EXPECT_EQ(rows("letter", "id, from_type, from_key, to_type, to_key, method, arguments, error, attempts, sent, died"),
            "1|buyer|\\x626f6c74|seller|\\x61636d65|\\x706179|[]|\\x6e6f|0|0|0");
  EXPECT_EQ(rows("cell", "name, schema, coding, length(content)"), "book|2|0|4098");
  EXPECT_EQ(rows("entry", "log, sequence, at, value"), "sales|1|10|{\"n\":1}\nsales|2|20|2");
  EXPECT_EQ(rows("item", "key, value, version, expires"), "\\x6f666665722f31|7|1|1700000009000");
  EXPECT_EQ(rows("lease", "host, epoch"), "\\x656173742d31|1");
  EXPECT_EQ(rows("meta", "string_agg(name || '=' || value, ' ' ORDER BY name)"), "format=2 state=text");
  ASSERT_EQ(client.status_of([] {
    auto gone = contract::erasure({"seller", "acme"}, {1, 11}, {2, 11});
    gone.epoch = ~std::uint64_t{0};
    return gone;
  }()),
            commit_status::committed);
  for (const char* table : {"actor", "request", "message", "mark", "letter", "cell", "entry", "item", "leftover"}) {
    EXPECT_EQ(rows(table, "count(*)"), "0") << table;
  }
  EXPECT_EQ(rows("erasure", "writer, version, actor_hash"), "11|2|6237380434382925524");
}

TEST_F(PostgresFormat, AnswersTheQueriesOfTheDocument) {
  fill();
  const std::string all = sql_in_document(2);
  const std::vector<std::string> answers{
      "acme|7", "acme|2023-11-14 22:13:20.123+00", "sales|2|2", "pay|no", "offer/1|7", "text"};
  std::istringstream in(all);
  std::size_t i = 0;
  for (std::string query; std::getline(in, query, ';');) {
    if (squeezed(query).empty()) continue;
    ASSERT_LT(i, answers.size());
    EXPECT_EQ(sql("SET timezone = 'UTC'; SET search_path = @; " + query), answers[i]) << query;
    ++i;
  }
  EXPECT_EQ(i, answers.size());
}

TEST_F(PostgresFormat, IsSetUpAndLookedAtAsTheGuideSays) {
  const std::string guide = "docs/guide/13-postgresql.md";
  // One by one: a database is not created in a transaction with anything else.
  std::istringstream in(sql_in_document(0, guide));
  for (std::string statement; std::getline(in, statement);) server_.sql(statement);
  stores::postgres_options options;
  options.connection = server_.uri_of("market", "change-me", "market");
  const auto client = open(options);
  EXPECT_EQ(client.status_of(full_record()), commit_status::committed);
  const std::string printed = server_.sql(sql_in_document(1, guide), "market");
  for (const char* words : {"seller|1", "acme|7", "seller|acme|2023-11-14", "seller|acme|pay|no", "|2", "idle"}) {
    EXPECT_TRUE(has(printed, words)) << words << " is not in:\n" << printed;
  }
}

TEST_F(PostgresFormat, ShowsEveryActorWhateverOneHolds) {
  for (const auto state : {stores::postgres_state::text, stores::postgres_state::bytea}) {
    auto options = this->options();
    options.schema += state == stores::postgres_state::text ? "_text" : "_bytea";
    options.state = state;
    const auto client = open(options);
    auto nul = contract::birth({"seller", std::string("n\0l", 3)});
    nul.cells = {contract::cell("c", R"("\u0000")")};
    auto plain = contract::birth({"seller", "plain"});
    plain.cells = {contract::cell("c", R"({"a": [1, 2]})")};
    auto half = contract::birth({"seller", "\xff"});
    half.cells = {contract::cell("c", R"("\ud800")")};
    for (const auto& result : client.commit(std::array{nul, plain, half})) {
      ASSERT_EQ(result.status, commit_status::committed) << result.message;
    }
    const std::string schema = options.schema;
    EXPECT_EQ(server_.sql("SELECT count(*) FROM " + schema + ".actors"), "3");
    EXPECT_EQ(server_.sql("SELECT state->'c'->'a'->>1 FROM " + schema + ".actors WHERE key = 'plain'"), "2");
    EXPECT_EQ(server_.sql("SELECT jsonb_typeof(state) FROM " + schema + ".actors WHERE key <> 'plain'"),
              "string\nstring");
    for (const auto& record : {nul, plain, half}) EXPECT_EQ(client.load(record.actor).image.cells, record.cells);
  }
}

TEST_F(PostgresFormat, KeepsCellsApartAndCompressesThemAsTheOptionsSay) {
  auto options = this->options();
  options.large_cell_bytes = 5;
  options.compress_bytes_min = 100;
  const auto client = open(options);
  auto turn = contract::birth({"seller", "a"});
  turn.cells = {contract::cell("edge", "12345"), contract::cell("long", "\"" + std::string(500, 'x') + "\""),
                contract::cell("tiny", "1234")};
  ASSERT_EQ(client.status_of(turn), commit_status::committed);
  EXPECT_EQ(sql("SELECT name, coding, length(content) < 100 FROM @.cell ORDER BY name"), "edge|0|t\nlong|1|t");
  EXPECT_EQ(sql("SELECT apart, state FROM @.actor"), "[\"edge\",\"long\"]|{\"tiny\":1234}");
  auto next = contract::turn(turn.actor, {1, 11}, {2, 11});
  next.cells = {{.name = "edge", .json = {}, .kept = true},
                {.name = "long", .json = {}, .kept = true},
                contract::cell("tiny", "5")};
  ASSERT_EQ(client.status_of(next), commit_status::committed);
  const auto cells = client.load(turn.actor).image.cells;
  ASSERT_EQ(cells.size(), 3U);
  EXPECT_EQ(cells[0].json, turn.cells[0].json);
  EXPECT_EQ(cells[1].json, turn.cells[1].json);
}

/// A cell is where it was when nobody writes it, and where today's limit says once somebody does.
TEST_F(PostgresFormat, MovesCellsWhenTheyAreWrittenUnderAnotherLimit) {
  const actor_id seller{"seller", "a"};
  const auto profile = contract::cell("profile", "\"" + std::string(2000, 'p') + "\"", 3);
  auto turn = contract::birth(seller);
  turn.cells = {contract::cell("count", "1"), profile};
  const auto usual = open();
  ASSERT_EQ(usual.status_of(turn), commit_status::committed);
  auto options = this->options();
  options.large_cell_bytes = 1000;
  options.compress_bytes_min = 1500;
  const auto lowered = open(options);
  EXPECT_EQ(lowered.load(seller).image.cells, turn.cells) << "no cell stands apart, though one is large by now";
  EXPECT_EQ(lowered.list({}).actors.at(0).cells, turn.cells);
  turn = contract::turn(seller, {1, 11}, {2, 11});
  turn.cells = {contract::cell("count", "2"), profile};
  ASSERT_EQ(lowered.status_of(turn), commit_status::committed);
  EXPECT_TRUE(usual.load(seller).image.cells.at(1).kept);
  EXPECT_EQ(sql("SELECT name, coding, length(content) < 1000 FROM @.cell"), "profile|1|t") << "apart, and compressed";
  EXPECT_EQ(sql("SELECT apart, state FROM @.actor"), "[\"profile\"]|{\"count\":2}");
  turn = contract::turn(seller, {2, 11}, {3, 11});
  turn.cells = {contract::cell("count", "3"), {.name = "profile", .json = {}, .kept = true}};
  ASSERT_EQ(usual.status_of(turn), commit_status::committed);
  const auto kept = lowered.load(seller).image.cells.at(1);
  EXPECT_TRUE(kept.kept && kept.json == profile.json && kept.schema == 3U);
  turn = contract::turn(seller, {3, 11}, {4, 11});
  turn.cells = {contract::cell("count", "4"), profile};
  turn.cells_dropped = {"profile"};
  ASSERT_EQ(usual.status_of(turn), commit_status::committed);
  EXPECT_EQ(lowered.load(seller).image.cells, turn.cells);
  EXPECT_EQ(sql("SELECT count(*) FROM @.cell"), "0");
}

TEST_F(PostgresFormat, OfAnOlderStoreIsBroughtUpToDate) {
  static_cast<void>(internal::open_postgres_schema(options(), [](stores::postgres_state state) {
    return std::vector<internal::pg_migration>{internal::postgres_migrations(state).at(0)};
  }));
  EXPECT_EQ(sql("SELECT value FROM @.meta WHERE name = 'format'"), "1");
  sql("INSERT INTO @.actor(type, key, version, writer, epoch, parts, state, schema, apart, reminders, logs)"
      " VALUES('seller', 'acme', 1, 11, 0, 0, '{}', '', '', '', '{\"sales\":[1,2]}')");
  sql("INSERT INTO @.entry SELECT id, 'sales', 1, 0, '7' FROM @.actor");
  sql("INSERT INTO @.item SELECT id, 'a', '7', 1, NULL FROM @.actor");
  const auto client = open();
  const actor_id acme{"seller", "acme"};
  EXPECT_EQ(client.read_log({.actor = acme, .log = "sales"}).entries.size(), 1U);
  EXPECT_EQ(client.read_items({.actor = acme}).items.size(), 1U);
  EXPECT_EQ(sql("SELECT items FROM @.actors"), "1");
  ASSERT_EQ(client.status_of(contract::erasure(acme, {1, 11}, {2, 11})), commit_status::committed);
  EXPECT_EQ(sql("SELECT (SELECT count(*) FROM @.entry) + (SELECT count(*) FROM @.item)"), "0");
}

/// A program that knows format 1 alone would take erased items for live ones, and lose what it adds to them.
TEST_F(PostgresFormat, OfItemsIsClosedToProgramsOfFormatOneOnceItIsNewer) {
  const auto place = internal::open_postgres_schema(options(), [](stores::postgres_state state) {
    return std::vector<internal::pg_migration>{internal::postgres_migrations(state).at(0)};
  });
  sql("INSERT INTO @.actor(type, key, version, writer, epoch, parts, state, schema, apart, reminders, logs)"
      " VALUES('seller', 'acme', 1, 11, 0, 0, '{}', '', '', '', '')");
  const std::array<internal::pg_statement, 4> old{{
      {"put",
       "INSERT INTO item(actor, key, value, version, expires) SELECT id, 'a', '7', 1, NULL FROM actor"
       " ON CONFLICT (actor, key) DO UPDATE SET value = excluded.value, version = item.version + 1"},
      {"by_key",
       "WITH a AS MATERIALIZED (SELECT id FROM actor) SELECT i.key, i.value, i.version, i.expires, 0::bigint"
       " FROM a JOIN item AS i ON i.actor = a.id WHERE i.key = ANY('{a}'::bytea[]) ORDER BY i.key"},
      {"drop",
       "DELETE FROM item AS s USING unnest('{1}'::bigint[], '{none}'::bytea[]) WITH ORDINALITY AS t(actor, key, ord)"
       " WHERE s.actor = t.actor AND s.key = t.key"},
      {"erase", "DELETE FROM item WHERE actor = ANY('{-1}'::bigint[])"},
  }};
  const auto link = internal::open_postgres_link(place, internal::make_system_clock());
  const auto run = [&](const internal::pg_statement& statement) {
    static_cast<void>(link->run(std::array{internal::pg_call{&statement, {}}}));
  };
  for (const auto& statement : old) EXPECT_NO_THROW(run(statement)) << statement.text;
  static_cast<void>(open());
  for (const auto& statement : old) {
    try {
      run(statement);
      ADD_FAILURE() << statement.text;
    } catch (const internal::pg_failure& failure) {
      EXPECT_EQ(failure.sqlstate(), "42703") << failure.what();
      EXPECT_EQ(failure.kind(), internal::pg_failure_kind::unavailable);
    }
  }
  EXPECT_EQ(sql("SELECT count(*) || ' ' || max(version) FROM @.item"), "1 1");
}

TEST_F(PostgresFormat, SurvivesADumpAndItsRestoration) {
  const auto client = fill();
  const auto image = client.load({"seller", "acme"}).image;
  const auto file = std::filesystem::temp_directory_path() / ("troupe-dump-" + std::to_string(server_.port()));
  testing_support::run_to_end({testing_support::postgres_server::program("pg_dump").string(), "-d", server_.uri(), "-n",
                               schema_, "-Fc", "-f", file.string()},
                              file.string() + ".log");
  sql("CREATE DATABASE restored_@");
  testing_support::run_to_end({testing_support::postgres_server::program("pg_restore").string(), "-d",
                               server_.uri("restored_" + schema_), file.string()},
                              file.string() + ".log");
  auto options = this->options();
  options.connection = server_.uri("restored_" + schema_);
  EXPECT_EQ(contract::difference(open(options).load({"seller", "acme"}).image, image), "");
  EXPECT_EQ(server_.sql("SELECT count(*) FROM " + schema_ + ".actors", "restored_" + schema_), "1");
  std::filesystem::remove(file);
  std::filesystem::remove(file.string() + ".log");
}

}  // namespace
}  // namespace troupe::postgres_test
