#include <sstream>
#include <vector>

#include "sqlite_fixture.hpp"

namespace troupe::sqlite_test {
namespace {

/// Returns the n-th block of SQL in docs/formats/sqlite.md.
std::string sql_in_document(std::size_t n) {
  const std::string document = bytes_of(std::filesystem::path(TROUPE_SOURCE_FOLDER) / "docs/formats/sqlite.md");
  const std::string fence = "```sql\n";
  std::size_t begin = document.find(fence);
  for (std::size_t i = 0; i < n && begin != std::string::npos; ++i) begin = document.find(fence, begin + 1);
  if (begin == std::string::npos) return {};
  begin += fence.size();
  return document.substr(begin, document.find("```", begin) - begin);
}

/// Returns the statements with each stretch of white space as one space.
std::vector<std::string> statements_of(const std::string& sql) {
  std::vector<std::string> statements;
  std::istringstream in(sql);
  for (std::string statement; std::getline(in, statement, ';');) {
    std::istringstream words(statement);
    std::string squeezed;
    for (std::string word; words >> word;) squeezed += (squeezed.empty() ? "" : " ") + word;
    if (!squeezed.empty()) statements.push_back(std::move(squeezed));
  }
  return statements;
}

class SqliteFormat : public sqlite_fixture {};

TEST_F(SqliteFormat, IsTheOneOfTheDocument) {
  open();
  close();
  raw_database raw(path());
  const std::string schema = raw.query(
      "SELECT group_concat(sql, ';') || ';' FROM (SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid)");
  EXPECT_EQ(statements_of(schema), statements_of(sql_in_document(0)));
}

TEST_F(SqliteFormat, AnswersTheQueriesOfTheDocument) {
  const auto client = open();
  auto record = contract::birth({"seller", "acme"});
  record.cells = {contract::cell("inventory", R"({"stock":7})")};
  record.reminders = {{contract::reminder("bill", 1700000000123)}};
  spi::message_changes& messages = record.messages.emplace();
  record.wake = {contract::at_ms(1700000000123)};
  messages.letters_added = {
      {.id = 1, .from = {"buyer", "bolt"}, .to = record.actor, .method = "pay", .arguments = "[]", .error = "no"}};
  ASSERT_EQ(client.status_of(record), spi::commit_status::committed);
  close();
  raw_database raw(path());
  const auto queries = statements_of(sql_in_document(1));
  ASSERT_EQ(queries.size(), 5U);
  const std::vector<std::string> answers{"acme", "seller", "seller", "seller", "1"};
  for (std::size_t i = 0; i < queries.size(); ++i) EXPECT_EQ(raw.query(queries[i]), answers[i]) << queries[i];
}

/// A cell of a turn is where it was when nobody writes it, and where today's limit says once somebody does.
TEST_F(SqliteFormat, MovesCellsWhenTheyAreWrittenUnderAnotherLimit) {
  const actor_id seller{"seller", "a"};
  const auto profile = contract::cell("profile", "\"" + std::string(2000, 'p') + "\"", 3);
  auto birth = contract::birth(seller);
  birth.cells = {contract::cell("count", "1"), profile};
  ASSERT_EQ(open().status_of(birth), spi::commit_status::committed);
  auto lowered = options();
  lowered.large_cell_bytes = 1000;
  const auto client = open(lowered);
  EXPECT_EQ(client.load(seller).image.cells, birth.cells) << "no cell stands apart, though one is large by now";
  auto careless = contract::turn(seller, {1, 11}, {2, 11});
  careless.cells = {contract::cell("count", "2"), {.name = "profile", .json = {}, .kept = true}};
  const auto refused = client.commit(careless);
  EXPECT_EQ(refused.status, spi::commit_status::rejected) << "it would have lost the cell";
  EXPECT_NE(refused.message.find("profile"), std::string::npos) << refused.message;
  EXPECT_EQ(client.load(seller).image.cells, birth.cells);
  careless.cells[1] = profile;
  ASSERT_EQ(client.status_of(careless), spi::commit_status::committed);
  EXPECT_TRUE(client.load(seller).image.cells.at(1).kept);
  EXPECT_EQ(raw_database(path()).query("SELECT apart || count(*) FROM actor, cell"), "[\"profile\"]1");
  const auto again = open();
  auto keeps = contract::turn(seller, {2, 11}, {3, 11});
  keeps.cells = {contract::cell("count", "3"), {.name = "profile", .json = {}, .kept = true}};
  ASSERT_EQ(again.status_of(keeps), spi::commit_status::committed);
  const auto kept = again.load(seller).image.cells.at(1);
  EXPECT_TRUE(kept.kept && kept.json == profile.json && kept.schema == 3U) << "small by today's limit";
  auto rewritten = contract::turn(seller, {3, 11}, {4, 11});
  rewritten.cells = {contract::cell("count", "4"), profile};
  rewritten.cells_dropped = {"profile"};
  ASSERT_EQ(again.status_of(rewritten), spi::commit_status::committed);
  EXPECT_EQ(again.load(seller).image.cells, rewritten.cells);
  EXPECT_EQ(raw_database(path()).query("SELECT count(*) FROM cell"), "0");
}

/// Whoever edits the state with SQL knows nothing of limits.
TEST_F(SqliteFormat, LeavesACellThatWasMadeLargeByHandInItsPlace) {
  const actor_id seller{"seller", "a"};
  ASSERT_EQ(open().status_of(contract::birth(seller)), spi::commit_status::committed);
  close();
  raw_database(path()).run("UPDATE actor SET state = json_set(state, '$.note', '" + std::string(6000, 'n') + "')");
  const auto client = open();
  const auto image = client.load(seller).image;
  ASSERT_EQ(image.cells.size(), 2U);
  EXPECT_EQ(image.cells[0].json.size(), 6002U);
  EXPECT_FALSE(image.cells[0].kept);
}

/// A file of this format, made from the document alone, is what the store reads.
TEST_F(SqliteFormat, IsReadAsTheDocumentSays) {
  {
    raw_database raw(path());
    raw.run(sql_in_document(0));
    raw.run("PRAGMA application_id = 1953656933; PRAGMA user_version = 3; INSERT INTO meta VALUES('format', '3')");
    raw.run(
        "INSERT INTO actor VALUES(7, 'seller', x'61ff', 3, -2, 5, '{\"cart\":[1],\"name\":\"Acme\"}', '{\"cart\":4}',"
        " '[{\"name_hex\":\"ff\",\"due\":2000,\"period\":0,\"data\":null},"
        "{\"name\":\"bill\",\"due\":1000,\"period\":60000,\"data\":{\"to\":\"x\"}}]', 1000, -3,"
        " '[\"book\",\"tail\"]', '{\"sales\":[2,4]}', 80)");
    raw.run(
        "INSERT INTO cell VALUES(1, 7, 'tail', 2, 0, '[2]'), (2, 7, 'gone', 1, 0, '0'), (3, 7, 'book', 1, 1, "
        "x'28b52ffd203e4d0000182278220100900016')");
    raw.run("INSERT INTO entry VALUES(7, 'sales', 1, 10, '1'), (7, 'sales', 2, 20, '2'), (7, 'sales', 3, 30, '3')");
    raw.run("INSERT INTO item VALUES(1, 7, x'62ff', '{}', -2, 80), (2, 7, x'61', '1', 2, NULL)");
    raw.run("INSERT INTO lease VALUES(x'65617374', 4)");
    raw.run("INSERT INTO request VALUES(7, x'00', 'null', 20, 3, 0), (7, x'62', '{\"ok\":true}', 10, 2, 0)");
    raw.run("INSERT INTO message VALUES(7, 3, 'buyer', x'62', 'take', '[1]', 30, 2, 40)");
    raw.run("INSERT INTO mark VALUES(7, 'buyer', x'62', -4, 9, 50)");
    raw.run("INSERT INTO letter VALUES(7, 1, 'buyer', x'62', 'seller', x'61ff', 'pay', '[]', 'no', 16, 60, 70)");
    raw.run("INSERT INTO erasure(writer, version, actor_hash) VALUES(11, 2, 3752624968629084717)");
  }
  const auto client = open();
  spi::actor_image wanted;
  wanted.actor = {"seller", "a\xff"};
  wanted.epoch = 5;
  wanted.stamp = {3, ~std::uint64_t{1}};
  wanted.cells = {contract::cell("book", "\"" + std::string(60, 'x') + "\""), contract::cell("cart", "[1]", 4),
                  contract::cell("name", "\"Acme\""), contract::cell("tail", "[2]", 2)};
  wanted.reminders = {contract::reminder("bill", 1000, 60000, R"({"to":"x"})"), contract::reminder("\xff", 2000)};
  wanted.requests = {contract::request("b", 10, R"({"ok":true})"), contract::request(std::string(1, '\0'), 20)};
  wanted.stream = ~std::uint64_t{2};
  wanted.messages = {{3, {"buyer", "b"}, "take", "[1]", contract::at_ms(30), 2, contract::at_ms(40)}};
  wanted.marks = {{{"buyer", "b"}, ~std::uint64_t{3}, 9, contract::at_ms(50)}};
  wanted.letters = {{1, {"buyer", "b"}, wanted.actor, "pay", "[]", "no", 16, contract::at_ms(60), contract::at_ms(70)}};
  wanted.logs = {{"sales", 2, 4}};
  wanted.items_expire = contract::at_ms(80);
  const auto loaded = client.load(wanted.actor);
  ASSERT_EQ(loaded.status, spi::read_status::ok) << loaded.message;
  EXPECT_EQ(contract::difference(loaded.image, wanted), "");
  for (const auto& cell : loaded.image.cells) EXPECT_EQ(cell.kept, cell.name == "book" || cell.name == "tail");
  EXPECT_EQ(client.read_log({.actor = wanted.actor, .log = "sales"}).entries,
            (std::vector<spi::log_entry_image>{{2, contract::at_ms(20), "2"}, {3, contract::at_ms(30), "3"}}));
  EXPECT_EQ(client.read_items({.actor = wanted.actor}).items,
            (std::vector<spi::item_image>{{"a", "1", 2, {}}, {"b\xff", "{}", ~std::uint64_t{1}, contract::at_ms(80)}}));
  EXPECT_EQ(client.take_lease("east").epoch, 5U);
  EXPECT_EQ(client.status_of(contract::erasure({"seller", "gone"}, {1, 11}, {2, 11})), spi::commit_status::committed);
}

/// What made a file of format 1.
constexpr const char* format_1 = R"sql(
CREATE TABLE meta(name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta(name, value) VALUES('format', '1');
CREATE TABLE actor(id INTEGER PRIMARY KEY, type TEXT NOT NULL, key BLOB NOT NULL,
  version INTEGER NOT NULL CHECK(version > 0), writer INTEGER NOT NULL, epoch INTEGER NOT NULL, state TEXT NOT NULL,
  schema TEXT, reminders TEXT, next_due INTEGER) STRICT;
CREATE UNIQUE INDEX actor_by_key ON actor(type, key);
CREATE INDEX actor_by_due ON actor(next_due, type, key) WHERE next_due IS NOT NULL;
CREATE TABLE request(actor INTEGER NOT NULL, key BLOB NOT NULL, reply TEXT NOT NULL, at INTEGER NOT NULL,
  version INTEGER NOT NULL, nth INTEGER NOT NULL, PRIMARY KEY(actor, key)) STRICT, WITHOUT ROWID;
CREATE TABLE erasure(id INTEGER PRIMARY KEY, writer INTEGER NOT NULL, version INTEGER NOT NULL,
  actor_hash INTEGER NOT NULL) STRICT;
CREATE INDEX erasure_by_stamp ON erasure(writer, version);
CREATE VIEW actors AS SELECT type, CAST(key AS TEXT) AS key FROM actor;
PRAGMA application_id = 1953656933;
PRAGMA user_version = 1;
INSERT INTO actor VALUES(1, 'seller', x'61', 3, 11, 0, '{"cart":[1]}', NULL, '[{"name":"bill","due":1000}]', 1000);
INSERT INTO request VALUES(1, x'62', 'null', 10, 2, 0);
)sql";

/// What format 2 added to it.
constexpr const char* added_by_format_2 = R"sql(
DROP VIEW actors;
ALTER TABLE actor ADD COLUMN stream INTEGER;
CREATE TABLE message(actor INTEGER NOT NULL, sequence INTEGER NOT NULL, to_type TEXT NOT NULL, to_key BLOB NOT NULL,
  method TEXT NOT NULL, arguments TEXT NOT NULL, sent INTEGER NOT NULL, attempts INTEGER NOT NULL,
  not_before INTEGER NOT NULL, PRIMARY KEY(actor, sequence)) STRICT, WITHOUT ROWID;
CREATE TABLE mark(actor INTEGER NOT NULL, from_type TEXT NOT NULL, from_key BLOB NOT NULL, stream INTEGER NOT NULL,
  sequence INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(actor, from_type, from_key)) STRICT, WITHOUT ROWID;
CREATE TABLE letter(actor INTEGER NOT NULL, id INTEGER NOT NULL, from_type TEXT NOT NULL, from_key BLOB NOT NULL,
  to_type TEXT NOT NULL, to_key BLOB NOT NULL, method TEXT NOT NULL, arguments TEXT NOT NULL, error TEXT NOT NULL,
  attempts INTEGER NOT NULL, sent INTEGER NOT NULL, died INTEGER NOT NULL, PRIMARY KEY(actor, id)) STRICT, WITHOUT ROWID;
CREATE VIEW actors AS SELECT type, CAST(key AS TEXT) AS key FROM actor;
CREATE VIEW letters AS SELECT id FROM letter;
UPDATE meta SET value = '2' WHERE name = 'format';
PRAGMA user_version = 2;
)sql";

class OldSqliteFormat : public SqliteFormat, public testing::WithParamInterface<int> {};

INSTANTIATE_TEST_SUITE_P(OfVersion, OldSqliteFormat, testing::Values(1, 2));

TEST_P(OldSqliteFormat, IsBroughtUpToDate) {
  raw_database(path()).run(format_1);
  if (GetParam() == 2) raw_database(path()).run(added_by_format_2);
  const actor_id seller{"seller", "a"};
  const auto expect_whole = [&](const contract::store_client& client) {
    const auto image = client.load(seller).image;
    EXPECT_EQ(image.cells, std::vector{contract::cell("cart", "[1]")});
    EXPECT_EQ(image.reminders, std::vector{contract::reminder("bill", 1000)});
    EXPECT_EQ(image.requests, std::vector{contract::request("b", 10)});
  };
  {
    const auto client = open();
    expect_whole(client);
    auto record = contract::turn(seller, {3, 11}, {4, 11});
    record.cells.clear();
    record.keeps_cells = true;
    record.messages.emplace().stream = 5;
    record.wake = {contract::at_ms(500)};
    record.logs = {{{{"sales", 1, 2}, 1, {{1, contract::at_ms(1), "1"}}}}};
    record.items = {{}, false, {}, {{"a", "1", 4, {}}}};
    record.messages->sent_added = {{.sequence = 1, .to = seller, .method = "take", .arguments = "[]"}};
    ASSERT_EQ(client.status_of(record), spi::commit_status::committed);
    close();
  }
  EXPECT_EQ(raw_database(path()).query("PRAGMA user_version"), "3");
  EXPECT_EQ(raw_database(path()).query("SELECT messages FROM actors"), "1");
  EXPECT_EQ(raw_database(path()).query("SELECT value FROM entries"), "1");
  EXPECT_EQ(raw_database(path()).query("SELECT item FROM items"), "a");
  const auto client = open();
  expect_whole(client);
  EXPECT_EQ(client.load(seller).image.stream, 5U);
}

}  // namespace
}  // namespace troupe::sqlite_test
