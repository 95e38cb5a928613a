#include "base/system_clock.hpp"
#include "postgres_fixture.hpp"
#include "stores/postgres/pg_link.hpp"

namespace troupe::postgres_test {
namespace {

using contract::at_ms;
using contract::birth;
using contract::turn;
using spi::commit_status;

class PostgresCommit : public postgres_fixture {};

/// A function that a trigger of the user's own calls before each write of an actor.
std::string trigger_that(const std::string& body) {
  return "CREATE FUNCTION @.guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + body +
         " RETURN new; END $$; CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON @.actor FOR EACH ROW"
         " EXECUTE FUNCTION @.guard()";
}

TEST_F(PostgresCommit, RejectsTheBadRecordOfABatchAlone) {
  const auto client = open();
  sql(trigger_that("IF new.key IN ('k13', 'k77') THEN RAISE 'not this one'; END IF;"));
  std::vector<spi::turn_record> batch;
  for (int i = 0; i < 100; ++i) batch.push_back(birth({"seller", "k" + std::to_string(i)}));
  const auto results = client.commit(batch);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const bool is_bad = i == 13 || i == 77;
    EXPECT_EQ(results[i].status, is_bad ? commit_status::rejected : commit_status::committed) << results[i].message;
    if (!is_bad) continue;
    EXPECT_TRUE(has(results[i].message, "seller/k" + std::to_string(i))) << results[i].message;
    EXPECT_TRUE(has(results[i].message, "not this one")) << results[i].message;
  }
  EXPECT_EQ(sql("SELECT count(*) FROM @.actor"), "98");
}

TEST_F(PostgresCommit, TriesAgainWhatLostAgainstAnotherTransaction) {
  const auto client = open();
  sql("CREATE SEQUENCE @.tries");
  sql(trigger_that("IF nextval('@.tries') < 3 THEN RAISE 'lost' USING ERRCODE = '40001'; END IF;"));
  EXPECT_EQ(client.status_of(birth({"seller", "acme"})), commit_status::committed);
  EXPECT_EQ(sql("SELECT last_value FROM @.tries"), "3");
  sql("CREATE OR REPLACE FUNCTION @.guard() RETURNS trigger LANGUAGE plpgsql AS"
      " $$ BEGIN RAISE 'lost' USING ERRCODE = '40P01'; END $$");
  const auto result = client.commit(birth({"seller", "bolt"}));
  EXPECT_EQ(result.status, commit_status::unavailable) << "for ever";
  EXPECT_TRUE(has(result.message, "40P01")) << result.message;
}

/// Batches of more than one record fail here, so that they are halved.
std::string trigger_that_refuses_company_and(const std::string& body) {
  return "CREATE FUNCTION @.guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
         " IF (SELECT count(*) FROM added) > 1 THEN RAISE 'too many'; END IF; " +
         body +
         " RETURN NULL; END $$; CREATE TRIGGER guard AFTER INSERT ON @.actor REFERENCING NEW TABLE AS added"
         " FOR EACH STATEMENT EXECUTE FUNCTION @.guard()";
}

TEST_F(PostgresCommit, TriesAgainBehindHalvings) {
  const auto client = open();
  sql("CREATE SEQUENCE @.tries");
  sql(
      trigger_that_refuses_company_and("IF EXISTS(SELECT 1 FROM added WHERE key = 'k7') AND nextval('@.tries') < 4"
                                       " THEN RAISE 'lost' USING ERRCODE = '40P01'; END IF;"));
  std::vector<spi::turn_record> batch;
  for (int i = 0; i < 8; ++i) batch.push_back(birth({"seller", "k" + std::to_string(i)}));
  for (const auto& result : client.commit(batch)) EXPECT_EQ(result.status, commit_status::committed) << result.message;
  EXPECT_EQ(sql("SELECT last_value FROM @.tries"), "4");
}

TEST_F(PostgresCommit, KnowsThatNothingWentOutOnALinkThatWasLostBefore) {
  const auto client = open();
  sql(
      trigger_that_refuses_company_and("IF EXISTS(SELECT 1 FROM added WHERE key = 'k1') THEN"
                                       " PERFORM pg_terminate_backend(pg_backend_pid()); END IF;"));
  std::vector<spi::turn_record> batch;
  for (int i = 0; i < 4; ++i) batch.push_back(birth({"seller", "k" + std::to_string(i)}));
  const auto results = client.commit(batch);
  EXPECT_EQ(results[0].status, commit_status::committed) << results[0].message;
  EXPECT_EQ(results[1].status, commit_status::unknown) << results[1].message;
  for (const std::size_t i : {2U, 3U}) {
    EXPECT_EQ(results[i].status, commit_status::unavailable) << results[i].message;
  }
  sql("DROP TRIGGER guard ON @.actor");
  for (const auto& result : client.commit(batch)) EXPECT_EQ(result.status, commit_status::committed) << result.message;
}

TEST_F(PostgresCommit, SaysThatTheDiskIsFull) {
  const auto client = open();
  sql(trigger_that("RAISE 'could not extend file' USING ERRCODE = '53100';"));
  const std::array batch{birth({"seller", "a"}), birth({"seller", "b"})};
  for (const auto& result : client.commit(batch)) {
    EXPECT_EQ(result.status, commit_status::unavailable);
    EXPECT_TRUE(has(result.message, "disk is full")) << result.message;
  }
  sql("DROP TRIGGER guard ON @.actor");
  for (const auto& result : client.commit(batch)) EXPECT_EQ(result.status, commit_status::committed);
}

TEST_F(PostgresCommit, SaysThatAStatementTookTooLong) {
  auto options = this->options();
  options.statement_timeout = std::chrono::milliseconds(100);
  const auto client = open(options);
  sql(trigger_that("PERFORM pg_sleep(10);"));
  const auto record = birth({"seller", "acme"});
  const auto result = client.commit(record);
  EXPECT_EQ(result.status, commit_status::unavailable) << result.message;
  EXPECT_TRUE(has(result.message, "57014")) << result.message;
  EXPECT_TRUE(has(result.message, "troupe_statement_timeout_ms")) << result.message;
  sql("DROP TRIGGER guard ON @.actor");
  EXPECT_EQ(client.status_of(record), commit_status::committed);
}

TEST_F(PostgresCommit, SaysThatARowIsHeldByAnother) {
  auto options = this->options();
  options.lock_timeout = std::chrono::milliseconds(100);
  const auto client = open(options);
  const std::array both{birth({"seller", "acme"}), birth({"seller", "bolt"})};
  for (const auto& made : client.commit(both)) ASSERT_EQ(made.status, commit_status::committed);
  internal::pg_link other(server_.uri(), std::chrono::seconds(5), internal::make_system_clock());
  other.run("BEGIN");
  other.run("SELECT FROM " + schema_ + ".actor WHERE key = 'acme' FOR UPDATE");
  const auto next = turn({"seller", "acme"}, {1, 11}, {2, 11});
  const auto result = client.commit(next);
  EXPECT_EQ(result.status, commit_status::unavailable);
  EXPECT_TRUE(has(result.message, "troupe_lock_timeout_ms")) << result.message;
  EXPECT_EQ(client.status_of(turn({"seller", "bolt"}, {1, 11}, {2, 11})), commit_status::committed);
  other.run("ROLLBACK");
  EXPECT_EQ(client.status_of(next), commit_status::committed);
}

TEST_F(PostgresCommit, KeepsTheOrderOfTheRecordsOfOneActor) {
  constexpr std::uint64_t turns = 300;
  const auto client = open();
  std::vector<spi::turn_record> records;
  for (std::uint64_t version = 0; version < turns; ++version) {
    records.push_back(turn({"seller", "acme"}, {version, version == 0 ? 0U : 11U}, {version + 1, 11}));
  }
  // All under way at once; the others keep both connections busy.
  std::vector<spi::turn_record> others;
  for (int i = 0; i < 2000; ++i) others.push_back(birth({"buyer", std::to_string(i)}));
  contract::pending<std::vector<spi::commit_result>> rest;
  client.store().async_commit(others, rest.completion());
  std::vector<contract::pending<std::vector<spi::commit_result>>> results(turns);
  for (std::size_t i = 0; i < turns; ++i) {
    client.store().async_commit(std::span(&records[i], 1), results[i].completion());
  }
  for (const auto& result : results) EXPECT_EQ(result.get()[0].status, commit_status::committed);
  for (const auto& result : rest.get()) EXPECT_EQ(result.status, commit_status::committed);
  EXPECT_EQ(client.load({"seller", "acme"}).image.stamp.version, turns);
}

TEST_F(PostgresCommit, ForgetsTheOldestErasures) {
  const auto client = open();
  sql("INSERT INTO @.erasure(writer, version, actor_hash) SELECT n, n, n FROM generate_series(1, 70000) AS n");
  const auto record = birth({"seller", "acme"});
  ASSERT_EQ(client.status_of(record), commit_status::committed);
  const auto gone = contract::erasure(record.actor, {1, 11}, {2, 11});
  EXPECT_EQ(client.status_of(gone), commit_status::committed);
  EXPECT_EQ(sql("SELECT count(*), min(writer) FROM @.erasure WHERE writer <> 11"), "65535|4466");
  EXPECT_EQ(client.status_of(gone), commit_status::committed) << "and remembers the latest";
}

TEST_F(PostgresCommit, RemembersTheErasureOfWhatWasNeverThere) {
  const auto client = open();
  const auto gone = contract::erasure({"seller", "acme"}, {}, {1, 11});
  EXPECT_EQ(client.status_of(gone), commit_status::committed);
  EXPECT_EQ(client.status_of(gone), commit_status::committed);
  EXPECT_EQ(sql("SELECT count(*) FROM @.erasure"), "1");
}

TEST_F(PostgresCommit, TakesTypeNamesOnlyThatAreText) {
  const auto client = open();
  const actor_id hostile{"sell\xffr", "acme"};
  const auto result = client.commit(birth(hostile));
  EXPECT_EQ(result.status, commit_status::rejected);
  EXPECT_TRUE(has(result.message, "UTF-8")) << result.message;
  const std::array actors{hostile, actor_id{std::string("a\0b", 3), "x"}, actor_id{"seller", "acme"}};
  ASSERT_EQ(client.status_of(birth(actors[2])), commit_status::committed);
  const auto loaded = client.load(actors);
  EXPECT_EQ(loaded[0].status, spi::read_status::ok);
  EXPECT_EQ(loaded[0].image.stamp.version, 0U);
  EXPECT_EQ(loaded[2].image.stamp.version, 1U);
}

TEST_F(PostgresCommit, ReadsWhatSomebodyBroke) {
  const auto client = open();
  auto record = birth({"seller", "acme"});
  record.cells = {contract::cell("book", "\"" + std::string(5000, 'x') + "\"")};
  record.logs = {{{{"sales", 1, 4}, 1, {{1, {}, "1"}, {2, {}, "2"}, {3, {}, "3"}}}}};
  record.items.emplace().set = {{.key = "a", .json = "1", .version = 1}};
  const std::array batch{record, birth({"seller", "bolt"})};
  for (const auto& result : client.commit(batch)) ASSERT_EQ(result.status, commit_status::committed);
  const auto damage = [&](const std::string& change, const std::string& words) {
    sql(change);
    const auto loaded = client.load(std::array{record.actor, batch[1].actor});
    EXPECT_EQ(loaded[0].status, spi::read_status::damaged) << change;
    EXPECT_TRUE(has(loaded[0].message, "seller/acme") && has(loaded[0].message, words)) << loaded[0].message;
    EXPECT_EQ(loaded[1].status, spi::read_status::ok);
    const auto listed = client.list({});
    EXPECT_EQ(listed.status, spi::read_status::damaged);
    ASSERT_EQ(listed.actors.size(), 2U);
    EXPECT_EQ(listed.actors[0].stamp.version, 0U);
    EXPECT_EQ(listed.actors[1].stamp.version, 1U);
  };
  const auto log = [&] { return client.read_log({.actor = record.actor, .log = "sales"}); };
  EXPECT_EQ(log().entries.size(), 3U);
  sql("DELETE FROM @.entry WHERE sequence = 2");
  EXPECT_EQ(log().status, spi::read_status::damaged);
  EXPECT_TRUE(has(log().message, "no entry 2")) << log().message;
  sql("DELETE FROM @.entry WHERE sequence = 3");
  EXPECT_EQ(log().status, spi::read_status::damaged) << "a gap at the end";
  sql("UPDATE @.item SET value = '{'");
  EXPECT_EQ(client.read_items({.actor = record.actor}).status, spi::read_status::damaged);
  damage("UPDATE @.cell SET coding = 1", "not what its coding says");
  damage("DELETE FROM @.cell", "no row for the large cell \"book\"");
  damage("UPDATE @.actor SET state = '[]' WHERE key = 'acme'", "column \"state\"");
}

TEST_F(PostgresCommit, CutsALogByBytesWithoutSendingTheRest) {
  const auto client = open();
  auto record = birth({"seller", "acme"});
  spi::log_changes log{{"sales", 1, 1001}, 1, {}};
  for (std::uint64_t i = 1; i <= 1000; ++i) log.added.push_back({i, {}, "\"" + std::string(998, 'x') + "\""});
  record.logs = {{log}};
  ASSERT_EQ(client.status_of(record), commit_status::committed);
  const auto page = client.read_log({.actor = record.actor, .log = "sales", .newest_first = true, .bytes_max = 10'500});
  EXPECT_EQ(page.status, spi::read_status::ok) << page.message;
  ASSERT_EQ(page.entries.size(), 10U);
  EXPECT_EQ(page.entries.front().sequence, 1000U);
}

}  // namespace
}  // namespace troupe::postgres_test
