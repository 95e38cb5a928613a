#include <chrono>

#include "long_log.hpp"
#include "postgres_fixture.hpp"
#include "support/server_process.hpp"

namespace troupe::postgres_test {
namespace {

using contract::birth;
using contract::turn;
using spi::commit_status;

/// Rows that are too many for one transaction (`pg_layout::part_rows`).
constexpr std::uint64_t many = 25'000;

class PostgresLeftover : public postgres_fixture {
 protected:
  /// Makes an actor with a log of entries 1 to `many`, and as many items.
  void make(const contract::store_client& client) {
    auto record = birth(acme);
    record.logs = {{{{"sales", 1, 1}, 1, {}}}};
    ASSERT_EQ(client.status_of(record), commit_status::committed);
    const std::string numbers = " FROM @.actor, generate_series(1, " + std::to_string(many) + ") AS n";
    sql("INSERT INTO @.entry(actor, log, sequence, at, value) SELECT id, 'sales', n, n, n" + numbers);
    sql("INSERT INTO @.item(owner, key, value, version)"
        " SELECT id, convert_to('k' || lpad(n::text, 6, '0'), 'UTF8'), n, 1" +
        numbers);
    sql("UPDATE @.actor SET logs = '{\"sales\":[1," + std::to_string(many + 1) + "]}'");
  }

  /// Statements that take more rows out of a table than `rows` fail, and others where `also` does.
  void guard(const std::string& table, std::uint64_t rows, const std::string& also = {}) {
    sql("CREATE FUNCTION @.guard_" + table +
        "() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (SELECT count(*)"
        " FROM gone) > " +
        std::to_string(rows) + " THEN RAISE 'too many at once'; END IF; " + also +
        " RETURN NULL; END $$; CREATE TRIGGER guard AFTER DELETE ON @." + table +
        " REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION @.guard_" + table + "()");
  }
  void hold_purges() {
    for (const char* table : {"entry", "item"}) {
      guard(table, many,
            "IF EXISTS(SELECT 1 FROM gone) AND pg_catalog.current_query() LIKE 'WITH part%' THEN"
            " RAISE 'not now'; END IF;");
    }
  }
  void let_purges_go() {
    for (const char* table : {"entry", "item"}) sql("DROP TRIGGER guard ON @." + std::string(table));
  }

  /// Waits until a query answers so; a test failure says when it never does.
  void wait_for_answer(const std::string& query, const std::string& answer) {
    EXPECT_TRUE(testing_support::wait_for([&] { return sql(query) == answer; }, std::chrono::seconds(30)))
        << query << " did not become " << answer << ", it is " << sql(query);
  }
  void wait_for_purge() { wait_for_answer("SELECT count(*) FROM @.leftover", "0"); }

  static std::vector<std::uint64_t> numbers_of(const contract::store_client& client, spi::log_query query = {}) {
    query.actor = acme;
    query.log = "sales";
    const auto read = client.read_log(query);
    EXPECT_EQ(read.status, spi::read_status::ok) << read.message;
    std::vector<std::uint64_t> numbers;
    for (const auto& entry : read.entries) numbers.push_back(entry.sequence);
    return numbers;
  }

  static std::vector<std::string> keys_of(const contract::store_client& client) {
    const auto read = client.read_items({.actor = acme});
    EXPECT_EQ(read.status, spi::read_status::ok) << read.message;
    std::vector<std::string> keys;
    for (const auto& item : read.items) keys.push_back(item.key);
    return keys;
  }
};

using numbers = std::vector<std::uint64_t>;
using keys = std::vector<std::string>;

TEST_F(PostgresLeftover, OfALongTrimLeavesInParts) {
  const auto client = open();
  make(client);
  guard("entry", 10'000);
  const auto result = client.commit(trimmed(2, 1, many, many + 2, 1));
  ASSERT_EQ(result.status, commit_status::committed) << result.message;
  EXPECT_EQ(numbers_of(client), (numbers{many, many + 1}));
  EXPECT_EQ(sql("SELECT count(*) FROM @.entries"), "2");
  wait_for_purge();
  EXPECT_EQ(sql("SELECT count(*) FROM @.entry"), "2");
  EXPECT_EQ(sql("SELECT count(*) FROM @.item"), std::to_string(many));
}

TEST_F(PostgresLeftover, OfALogIsNotReadBeforeItIsGone) {
  const auto client = open();
  make(client);
  hold_purges();
  ASSERT_EQ(client.status_of(trimmed(2, 1, 20'000, many + 1, 0)), commit_status::committed);
  EXPECT_EQ(numbers_of(client, {.limit = 2}), (numbers{20'000, 20'001}));
  EXPECT_EQ(numbers_of(client, {.from = 7, .to = 20'001}), (numbers{20'000, 20'001}));
  EXPECT_EQ(numbers_of(client, {.to = 20'001, .newest_first = true}), (numbers{20'001, 20'000}));
  EXPECT_EQ(numbers_of(client, {.to = 19'999}), numbers{});
  EXPECT_EQ(client.load(acme).image.logs, (std::vector<spi::log_head>{{"sales", 20'000, many + 1}}));
  ASSERT_EQ(client.status_of(trimmed(3, 20'000, many + 1, many + 2, 1)), commit_status::committed);
  EXPECT_EQ(numbers_of(client), numbers{many + 1});
  EXPECT_EQ(sql("SELECT count(*) FROM @.entry"), std::to_string(20'000)) << "5,001 left with their turn";
  EXPECT_EQ(sql("SELECT sequence FROM @.entries"), std::to_string(many + 1));
  let_purges_go();
  wait_for_purge();
  EXPECT_EQ(sql("SELECT sequence FROM @.entry"), std::to_string(many + 1));
}

TEST_F(PostgresLeftover, OfAnErasedActorIsNotSeenByTheOneMadeAnew) {
  const auto client = open();
  make(client);
  hold_purges();
  ASSERT_EQ(client.status_of(contract::erasure(acme, {1, 11}, {2, 11})), commit_status::committed);
  EXPECT_EQ(client.load(acme).image.stamp.version, 0U);
  EXPECT_EQ(numbers_of(client), numbers{});
  EXPECT_EQ(keys_of(client), keys{});
  auto reborn = birth(acme);
  reborn.next.writer = 12;
  reborn.logs = {{{{"sales", 1, 2}, 1, {{1, {}, "7"}}}}};
  reborn.items.emplace().set = {{.key = "k000007", .json = "7", .version = 1}};
  ASSERT_EQ(client.status_of(reborn), commit_status::committed);
  EXPECT_EQ(numbers_of(client), numbers{1});
  EXPECT_EQ(keys_of(client), keys{"k000007"});
  EXPECT_EQ(sql("SELECT count(*) FROM @.entries"), "1");
  EXPECT_EQ(sql("SELECT items FROM @.actors"), "1");
  let_purges_go();
  wait_for_purge();
  EXPECT_EQ(sql("SELECT count(*) FROM @.entry"), "1");
  EXPECT_EQ(sql("SELECT count(*) FROM @.item"), "1");
}

TEST_F(PostgresLeftover, OfAnErasureLeavesInParts) {
  const auto client = open();
  make(client);
  for (const char* table : {"entry", "item"}) guard(table, 10'000);
  const auto result = client.commit(contract::erasure(acme, {1, 11}, {2, 11}));
  ASSERT_EQ(result.status, commit_status::committed) << result.message;
  wait_for_purge();
  for (const char* table : {"entry", "item"}) EXPECT_EQ(sql("SELECT count(*) FROM @." + std::string(table)), "0");
}

TEST_F(PostgresLeftover, OfAllItemsIsNotAmongThoseSetAfterwards) {
  const auto client = open();
  make(client);
  hold_purges();
  auto record = turn(acme, {1, 11}, {2, 11});
  record.items = spi::item_changes{.erase_all = true, .set = {{"k000007", "7", 2, {}}, {"new", "1", 2, {}}}};
  const auto result = client.commit(record);
  ASSERT_EQ(result.status, commit_status::committed) << result.message;
  EXPECT_EQ(keys_of(client), (keys{"k000007", "new"}));
  EXPECT_EQ(client.read_items({.actor = acme, .keys = {"k000007", "k000008"}}).items.size(), 1U);
  auto next = turn(acme, {2, 11}, {3, 11});
  next.items.emplace().erased = {"k000007", "k000009"};
  next.items->set = {{"new", "2", 3, {}}};
  ASSERT_EQ(client.status_of(next), commit_status::committed);
  EXPECT_EQ(keys_of(client), keys{"new"});
  EXPECT_EQ(sql("SELECT item, value FROM @.items"), "new|2");
  EXPECT_EQ(sql("SELECT items FROM @.actors"), "1");
  // An actor that has no more of them than leave at once keeps their number.
  auto last = turn(acme, {3, 11}, {4, 11});
  last.items.emplace().erase_all = true;
  const std::string number = sql("SELECT items FROM @.actor");
  ASSERT_EQ(client.status_of(last), commit_status::committed);
  EXPECT_EQ(sql("SELECT items FROM @.actor"), number);
  auto more = turn(acme, {4, 11}, {5, 11});
  more.items.emplace().set = {{"new", "3", 5, {}}};
  ASSERT_EQ(client.status_of(more), commit_status::committed);
  let_purges_go();
  wait_for_purge();
  EXPECT_EQ(sql("SELECT value FROM @.item"), "3");
  ASSERT_EQ(client.status_of(contract::erasure(acme, {5, 11}, {6, 11})), commit_status::committed);
  EXPECT_EQ(sql("SELECT count(*) FROM @.item"), "0");
}

TEST_F(PostgresLeftover, IsTakenUpAgainWhereItsPurgeEnded) {
  {
    const auto client = open();
    make(client);
    sql("CREATE SEQUENCE @.parts");
    guard("entry", 10'000, "IF nextval('@.parts') > 1 THEN RAISE 'the server is gone'; END IF;");
    ASSERT_EQ(client.status_of(trimmed(2, 1, many + 1, many + 1, 0)), commit_status::committed);
    wait_for_answer("SELECT last_value >= 2 FROM @.parts", "t");
    client.store().close();
  }
  EXPECT_EQ(sql("SELECT first, next FROM @.leftover"), "10001|25001");
  EXPECT_EQ(sql("SELECT count(*) FROM @.entry"), "15000");
  sql("DROP TRIGGER guard ON @.entry");
  const auto client = open();
  wait_for_purge();
  EXPECT_EQ(sql("SELECT count(*) FROM @.entry"), "0");
}

TEST_F(PostgresLeftover, LeavesInSmallerPartsWhereOneIsTooLarge) {
  const auto client = open();
  make(client);
  guard("entry", 3'000);
  ASSERT_EQ(client.status_of(trimmed(2, 1, many + 1, many + 1, 0)), commit_status::committed);
  wait_for_purge();
  EXPECT_EQ(sql("SELECT count(*) FROM @.entry"), "0");
}

}  // namespace
}  // namespace troupe::postgres_test
