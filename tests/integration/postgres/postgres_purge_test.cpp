#include <chrono>

#include "base/system_clock.hpp"
#include "long_log.hpp"
#include "postgres_fixture.hpp"
#include "stores/postgres/postgres_migrations.hpp"
#include "stores/postgres/postgres_schema.hpp"
#include "stores/postgres/store_of_parts.hpp"
#include "support/server_process.hpp"
#include "support/tcp_fault_proxy.hpp"

namespace troupe::postgres_test {
namespace {

using spi::commit_status;

/// Entries of the log `sales` of the actor that these tests have.
constexpr std::uint64_t entries_made = 1'000;

/// Rows of one part, and what a commit removes itself.
constexpr std::size_t part_rows = 200;

/// What becomes of a leftover when others are at it, or something is in its way.
class PostgresPurge : public postgres_fixture {
 protected:
  void SetUp() override {
    postgres_fixture::SetUp();
    place_ = internal::open_postgres_schema(options(), internal::postgres_migrations);
    sql("INSERT INTO @.actor(type, key, version, writer, epoch, parts, state, schema, apart, reminders, logs) VALUES("
        "'seller', 'acme', 1, 11, 0, 0, '{}', '', '', '', '{\"sales\":[1," +
        std::to_string(entries_made + 1) + "]}')");
    sql("INSERT INTO @.entry(actor, log, sequence, at, value) SELECT id, 'sales', n, n, n FROM @.actor,"
        " generate_series(1, " +
        std::to_string(entries_made) + ") AS n");
  }
  void TearDown() override {
    for (const auto& store : stores_) store->close();
  }

  contract::store_client open_parts(const stores::postgres_options& options) {
    stores_.push_back(internal::postgres_store_of_parts(options, part_rows));
    return contract::store_client(stores_.back());
  }
  contract::store_client open_parts() { return open_parts(options()); }

  /// Returns another program's session.
  [[nodiscard]] std::unique_ptr<internal::pg_link> session() const {
    return internal::open_postgres_link(place_, internal::make_system_clock());
  }

  /// Waits until a query answers so; a test failure says when it never does.
  void wait_for_answer(const std::string& query, const std::string& answer) {
    EXPECT_TRUE(testing_support::wait_for([&] { return sql(query) == answer; }, std::chrono::seconds(30)))
        << query << " did not become " << answer << ", it is " << sql(query);
  }
  void wait_for_purge() { wait_for_answer("SELECT count(*) FROM @.leftover", "0"); }

  std::string entries() { return sql("SELECT min(sequence) || ' ' || max(sequence) || ' ' || count(*) FROM @.entry"); }

 private:
  internal::pg_place place_;
  std::vector<std::shared_ptr<spi::state_store>> stores_;
};

TEST_F(PostgresPurge, IsNotForgottenByAStoreThatFoundTheRowsTaken) {
  sql("INSERT INTO @.leftover(actor, log, first, next) SELECT id, 'sales', 1, 900 FROM @.actor");
  sql("INSERT INTO @.leftover(actor, log, first, next) VALUES(0, 'none', 1, 2)");
  const auto other = session();
  other->run("BEGIN");
  other->run("SELECT 1 FROM leftover WHERE log = 'sales' FOR UPDATE");
  const auto client = open_parts();
  wait_for_answer("SELECT count(*) FROM @.leftover", "1");
  other->run("ROLLBACK");
  wait_for_purge();
  EXPECT_EQ(entries(), "900 1000 101");
}

TEST_F(PostgresPurge, FollowsACommitWhoseAnswerWasLost) {
  testing_support::tcp_fault_proxy proxy(server_.port());
  auto options = this->options();
  const std::string port = ":" + std::to_string(server_.port());
  options.connection.replace(options.connection.find(port), port.size(), ":" + std::to_string(proxy.port()));
  const auto client = open_parts(options);
  sql("CREATE FUNCTION @.held() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(4711);"
      " RETURN NULL; END $$; CREATE TRIGGER held AFTER INSERT ON @.leftover EXECUTE FUNCTION @.held()");
  const auto other = session();
  other->run("BEGIN");
  other->run("SELECT pg_advisory_xact_lock(4711)");
  const auto record = trimmed(2, 1, 900, entries_made + 1, 0);
  const contract::pending<std::vector<spi::commit_result>> commit;
  client.store().async_commit(std::span(&record, 1), commit.completion());
  wait_for_answer("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted", "1");
  proxy.cut();
  EXPECT_EQ(commit.get().at(0).status, commit_status::unknown);
  other->run("ROLLBACK");
  wait_for_answer("SELECT version FROM @.actor", "2");
  EXPECT_EQ(client.status_of(record), commit_status::committed) << "a repetition";
  wait_for_purge();
  EXPECT_EQ(entries(), "900 1000 101");
}

TEST_F(PostgresPurge, GoesOnBehindRowsThatCannotBeRemoved) {
  sql("INSERT INTO @.entry(actor, log, sequence, at, value) SELECT id, 'other', 1, 0, 7 FROM @.actor");
  sql("INSERT INTO @.leftover(actor, log, first, next) SELECT id, name, 1, 900 FROM @.actor,"
      " unnest(ARRAY['sales', 'other']) AS name");
  sql("CREATE FUNCTION @.kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not this one'; END $$;"
      " CREATE TRIGGER kept BEFORE DELETE ON @.entry FOR EACH ROW WHEN (OLD.log = 'sales') EXECUTE FUNCTION @.kept()");
  const auto client = open_parts();
  wait_for_answer("SELECT string_agg(log, ' ') FROM @.leftover", "sales");
  EXPECT_EQ(entries(), "1 1000 1000");
  sql("DROP TRIGGER kept ON @.entry");
  wait_for_purge();
  EXPECT_EQ(entries(), "900 1000 101");
}

TEST_F(PostgresPurge, OfTwoStoresAtOnceLeavesWhatTheLogHolds) {
  const auto first = open_parts();
  const auto second = open_parts();
  std::uint64_t begin = 1;
  std::uint64_t next = entries_made + 1;
  for (std::uint64_t version = 2; version < 40; ++version) {
    // Every third trim is a long one, and all of them are made while the rows of others are removed.
    const std::uint64_t to = std::min<std::uint64_t>(begin + (version % 3 == 0 ? 600 : 3), next);
    if (version % 3 == 2) {
      sql("INSERT INTO @.entry(actor, log, sequence, at, value) SELECT id, 'sales', n, n, n FROM @.actor,"
          " generate_series(" +
          std::to_string(next) + ", " + std::to_string(next + 599) + ") AS n");
      next += 600;
    }
    ++next;
    const auto& client = version % 2 == 0 ? first : second;
    const auto result = client.commit(trimmed(version, begin, to, next, 1));
    ASSERT_EQ(result.status, commit_status::committed) << result.message;
    begin = to;
    const auto read = client.read_log({.actor = acme, .log = "sales", .limit = 1});
    ASSERT_EQ(read.entries.size(), 1U) << read.message;
    EXPECT_GE(read.entries[0].sequence, begin);
  }
  wait_for_purge();
  EXPECT_EQ(entries(), std::to_string(begin) + " " + std::to_string(next - 1) + " " + std::to_string(next - begin));
}

}  // namespace
}  // namespace troupe::postgres_test
