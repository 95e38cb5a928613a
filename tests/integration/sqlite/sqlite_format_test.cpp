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
  ASSERT_EQ(client.status_of(record), spi::commit_status::committed);
  close();
  raw_database raw(path());
  const auto queries = statements_of(sql_in_document(1));
  ASSERT_EQ(queries.size(), 4U);
  const std::vector<std::string> answers{"acme", "seller", "seller", "1"};
  for (std::size_t i = 0; i < queries.size(); ++i) EXPECT_EQ(raw.query(queries[i]), answers[i]) << queries[i];
}

/// A file of format 1, made from the document alone, is what the store reads.
TEST_F(SqliteFormat, IsReadAsTheDocumentSays) {
  {
    raw_database raw(path());
    raw.run(sql_in_document(0));
    raw.run("PRAGMA application_id = 1953656933; PRAGMA user_version = 1; INSERT INTO meta VALUES('format', '1')");
    raw.run(
        "INSERT INTO actor VALUES(7, 'seller', x'61ff', 3, -2, 5, '{\"cart\":[1],\"name\":\"Acme\"}', '{\"cart\":4}',"
        " '[{\"name_hex\":\"ff\",\"due\":2000,\"period\":0,\"data\":null},"
        "{\"name\":\"bill\",\"due\":1000,\"period\":60000,\"data\":{\"to\":\"x\"}}]', 1000)");
    raw.run("INSERT INTO request VALUES(7, x'00', 'null', 20, 3, 0), (7, x'62', '{\"ok\":true}', 10, 2, 0)");
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
  const auto loaded = client.load(wanted.actor);
  ASSERT_EQ(loaded.status, spi::read_status::ok) << loaded.message;
  EXPECT_EQ(contract::difference(loaded.image, wanted), "");
  EXPECT_EQ(client.status_of(contract::erasure({"seller", "gone"}, {1, 11}, {2, 11})), spi::commit_status::committed);
}

}  // namespace
}  // namespace troupe::sqlite_test
