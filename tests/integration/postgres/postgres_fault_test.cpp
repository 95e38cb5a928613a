#include <atomic>
#include <chrono>
#include <thread>

#include "postgres_fixture.hpp"

namespace troupe::postgres_test {
namespace {

using contract::birth;
using contract::turn;
using spi::commit_status;

/// A server that these tests stop: it keeps its promises to the disk.
testing_support::postgres_server& frail_server() {
  static testing_support::postgres_server server(testing_support::postgres_fsync::on);
  return server;
}

class PostgresFault : public postgres_fixture {
 protected:
  PostgresFault() : postgres_fixture(frail_server()) {}

  /// Commits a record until its fate is known.
  static spi::commit_result settle(const contract::store_client& client, const spi::turn_record& record) {
    while (true) {
      auto result = client.commit(record);
      if (result.status != commit_status::unavailable && result.status != commit_status::unknown) return result;
    }
  }
};

/// One more turn of an actor that leaves an entry in a log: applied twice, it would show.
spi::turn_record counted(const actor_id& actor, std::uint64_t version) {
  auto record = turn(actor, {version - 1, version == 1 ? 0U : 11U}, {version, 11});
  record.logs = {{{{"turns", 1, version + 1}, 1, {{version, {}, std::to_string(version)}}}}};
  return record;
}

TEST_F(PostgresFault, LosesAndDoublesNothingWhenTheServerIsKilledUnderLoad) {
  constexpr std::size_t writers = 4;
  const auto client = open();
  std::atomic<bool> over = false;
  std::atomic<std::uint64_t> acknowledged = 0;
  std::vector<std::uint64_t> last(writers, 0);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < writers; ++i) {
    threads.emplace_back([&, i] {
      const actor_id actor{"seller", std::to_string(i)};
      while (!over) {
        const auto result = settle(client, counted(actor, last[i] + 1));
        ASSERT_EQ(result.status, commit_status::committed) << result.message;
        ++last[i];
        ++acknowledged;
      }
    });
  }
  for (int kills = 0; kills < 3; ++kills) {
    const std::uint64_t before = acknowledged;
    while (acknowledged < before + 100) std::this_thread::yield();
    server_.kill();
    server_.start();
  }
  over = true;
  for (auto& thread : threads) thread.join();
  for (std::size_t i = 0; i < writers; ++i) {
    const actor_id actor{"seller", std::to_string(i)};
    EXPECT_EQ(client.load(actor).image.stamp.version, last[i]);
    EXPECT_EQ(sql("SELECT count(*) || ' ' || min(sequence) || ' ' || max(sequence) FROM @.entries WHERE key = '" +
                  actor.key + "'"),
              std::to_string(last[i]) + " 1 " + std::to_string(last[i]));
  }
}

TEST_F(PostgresFault, FailsInTimeWhileTheServerIsAwayAndComesBackByItself) {
  const auto client = open();
  const auto record = birth({"seller", "acme"});
  ASSERT_EQ(client.status_of(record), commit_status::committed);
  server_.stop();
  const auto before = std::chrono::steady_clock::now();
  for (int i = 0; i < 3; ++i) {
    const auto result = client.commit(birth({"seller", "bolt"}));
    EXPECT_EQ(result.status, commit_status::unavailable) << result.message;
    EXPECT_TRUE(has(result.message, "at 127.0.0.1")) << result.message;
    EXPECT_EQ(client.load(record.actor).status, spi::read_status::unavailable);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(10));
  server_.start();
  EXPECT_EQ(settle(client, birth({"seller", "bolt"})).status, commit_status::committed);
  while (client.load(record.actor).status != spi::read_status::ok) {
  }
  EXPECT_EQ(client.load(record.actor).image.stamp, record.next);
}

TEST_F(PostgresFault, RefusesAtOnceWhatComesWhileTheServerIsAway) {
  const auto client = open();
  const auto record = birth({"seller", "acme"});
  server_.stop();
  // A commit that waits for a pause of the connection to end looks to its caller as one that may have been done.
  const auto before = std::chrono::steady_clock::now();
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(client.status_of(record), commit_status::unavailable);
    EXPECT_EQ(client.load(record.actor).status, spi::read_status::unavailable);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
  server_.start();
  EXPECT_EQ(settle(client, record).status, commit_status::committed);
}

TEST_F(PostgresFault, NoticesConnectionsThatTheServerClosed) {
  const auto client = open();
  ASSERT_EQ(client.status_of(birth({"seller", "a"})), commit_status::committed);
  ASSERT_EQ(client.list({}).actors.size(), 1U);
  sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'troupe'");
  while (sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'troupe'") != "0") {
  }
  // The connections lay idle: nothing was under way that could be in doubt.
  EXPECT_EQ(client.status_of(birth({"seller", "b"})), commit_status::committed);
  EXPECT_EQ(client.list({}).actors.size(), 2U);
}

TEST_F(PostgresFault, GivesUpAServerThatDoesNotAnswer) {
  auto options = this->options();
  options.statement_timeout = std::chrono::milliseconds(200);
  options.answer_timeout = std::chrono::milliseconds(400);
  options.connection += "?connect_timeout=1";
  const auto client = open(options);
  const auto first = birth({"seller", "a"});
  ASSERT_EQ(client.status_of(first), commit_status::committed);
  server_.freeze();
  const auto next = turn(first.actor, {1, 11}, {2, 11});
  const auto result = client.commit(next);
  EXPECT_EQ(result.status, commit_status::unknown) << result.message;
  EXPECT_TRUE(has(result.message, "troupe_answer_timeout_ms")) << result.message;
  EXPECT_EQ(client.load(first.actor).status, spi::read_status::unavailable);
  server_.thaw();
  EXPECT_EQ(settle(client, next).status, commit_status::committed);
  EXPECT_EQ(client.load(first.actor).image.stamp, next.next);
}

TEST_F(PostgresFault, ClosesWhileTheServerIsAway) {
  const auto client = open();
  const auto record = birth({"seller", "acme"});
  server_.stop();
  contract::pending<std::vector<spi::commit_result>> commit;
  contract::pending<spi::list_result> list;
  client.store().async_commit(std::span(&record, 1), commit.completion());
  client.store().async_list({}, list.completion());
  client.store().close();
  EXPECT_EQ(commit.completions(), 1U);
  EXPECT_EQ(commit.get()[0].status, commit_status::unavailable);
  EXPECT_EQ(list.get().status, spi::read_status::unavailable);
  server_.start();
}

}  // namespace
}  // namespace troupe::postgres_test
