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
  messages.due = contract::at_ms(1700000000123);
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

/// A file of this format, made from the document alone, is what the store reads.
TEST_F(SqliteFormat, IsReadAsTheDocumentSays) {
  {
    raw_database raw(path());
    raw.run(sql_in_document(0));
    raw.run("PRAGMA application_id = 1953656933; PRAGMA user_version = 2; INSERT INTO meta VALUES('format', '2')");
    raw.run(
        "INSERT INTO actor VALUES(7, 'seller', x'61ff', 3, -2, 5, '{\"cart\":[1],\"name\":\"Acme\"}', '{\"cart\":4}',"
        " '[{\"name_hex\":\"ff\",\"due\":2000,\"period\":0,\"data\":null},"
        "{\"name\":\"bill\",\"due\":1000,\"period\":60000,\"data\":{\"to\":\"x\"}}]', 1000, -3)");
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
  wanted.cells = {contract::cell("cart", "[1]", 4), contract::cell("name", "\"Acme\"")};
  wanted.reminders = {contract::reminder("bill", 1000, 60000, R"({"to":"x"})"), contract::reminder("\xff", 2000)};
  wanted.requests = {contract::request("b", 10, R"({"ok":true})"), contract::request(std::string(1, '\0'), 20)};
  wanted.stream = ~std::uint64_t{2};
  wanted.messages = {{3, {"buyer", "b"}, "take", "[1]", contract::at_ms(30), 2, contract::at_ms(40)}};
  wanted.marks = {{{"buyer", "b"}, ~std::uint64_t{3}, 9, contract::at_ms(50)}};
  wanted.letters = {{1, {"buyer", "b"}, wanted.actor, "pay", "[]", "no", 16, contract::at_ms(60), contract::at_ms(70)}};
  const auto loaded = client.load(wanted.actor);
  ASSERT_EQ(loaded.status, spi::read_status::ok) << loaded.message;
  EXPECT_EQ(contract::difference(loaded.image, wanted), "");
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

TEST_F(SqliteFormat, OfVersionOneIsBroughtUpToDate) {
  raw_database(path()).run(format_1);
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
    record.messages->due = contract::at_ms(500);
    record.messages->sent_added = {{.sequence = 1, .to = seller, .method = "take", .arguments = "[]"}};
    ASSERT_EQ(client.status_of(record), spi::commit_status::committed);
    close();
  }
  EXPECT_EQ(raw_database(path()).query("PRAGMA user_version"), "2");
  EXPECT_EQ(raw_database(path()).query("SELECT messages FROM actors"), "1");
  const auto client = open();
  expect_whole(client);
  EXPECT_EQ(client.load(seller).image.stream, 5U);
}

}  // namespace
}  // namespace troupe::sqlite_test
