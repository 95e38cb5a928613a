#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "base/system_clock.hpp"
#include "postgres_fixture.hpp"
#include "stores/postgres/pg_link.hpp"
#include "stores/postgres/write_statements.hpp"

namespace troupe::postgres_test {
namespace {

using contract::turn;
using spi::commit_status;

class PostgresContention : public postgres_fixture {
 protected:
  [[nodiscard]] std::string deadlocks() {
    return sql("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
  }
};

/// Every kind of record at once, in no order: first writes, updates and erasures, with rows beside the actors' own.
std::vector<spi::turn_record> mixed_batch(const std::vector<spi::load_result>& held, std::uint64_t writer,
                                          std::mt19937_64& random) {
  std::vector<spi::turn_record> batch;
  for (const auto& loaded : held) {
    const spi::commit_stamp stamp = loaded.image.stamp;
    const spi::commit_stamp next{stamp.version + 1, writer};
    if (stamp.version != 0 && random() % 4 == 0) {
      batch.push_back(contract::erasure(loaded.image.actor, stamp, next));
      continue;
    }
    auto record = turn(loaded.image.actor, stamp, next);
    if (random() % 2 == 0) record.requests_added = {contract::request("w" + std::to_string(writer), 5)};
    if (random() % 2 == 0) record.messages.emplace().marks_set = {{{"buyer", std::to_string(writer)}, 1, 1, {}}};
    batch.push_back(std::move(record));
  }
  std::shuffle(batch.begin(), batch.end(), random);
  return batch;
}

TEST_F(PostgresContention, LetsExactlyOneWinAndNoneWaitForEachOtherInACircle) {
  constexpr std::size_t hosts = 3;
  constexpr std::size_t rounds = 40;
  std::vector<contract::store_client> clients;
  for (std::size_t i = 0; i < hosts; ++i) clients.push_back(open());
  const std::string before = deadlocks();
  std::vector<actor_id> actors;
  for (int i = 0; i < 48; ++i) actors.push_back({"seller", std::to_string(i * 7919 % 1000)});
  std::mt19937_64 random(20240601);
  std::uint64_t writer = 100;
  for (std::size_t round = 0; round < rounds; ++round) {
    const auto held = clients[0].load(actors);
    std::vector<std::vector<spi::turn_record>> batches;
    for (std::size_t i = 0; i < hosts; ++i) batches.push_back(mixed_batch(held, ++writer, random));
    std::vector<std::vector<spi::commit_result>> results(hosts);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < hosts; ++i)
      threads.emplace_back([&, i] { results[i] = clients[i].commit(batches[i]); });
    for (auto& thread : threads) thread.join();
    for (const actor_id& actor : actors) {
      std::size_t winners = 0;
      for (std::size_t i = 0; i < hosts; ++i) {
        const auto it = std::find_if(batches[i].begin(), batches[i].end(),
                                     [&](const auto& record) { return record.actor == actor; });
        const auto& result = results[i][static_cast<std::size_t>(it - batches[i].begin())];
        winners += result.status == commit_status::committed ? 1U : 0U;
        EXPECT_TRUE(result.status == commit_status::committed || result.status == commit_status::conflict)
            << contract::to_string(result.status) << " " << result.message;
      }
      EXPECT_EQ(winners, 1U) << to_string(actor) << " in round " << round;
    }
  }
  for (const auto& client : clients) client.store().close();  // what they counted is known to the server then
  EXPECT_EQ(deadlocks(), before);
}

TEST_F(PostgresContention, TakesTheLeaseOfAHostThatNeverPauses) {
  // Full batches keep both connections of the host busy: one of them always shares the row of the lease.
  constexpr std::size_t batch_size = 512;
  const auto host = open();
  const auto other = open();
  ASSERT_EQ(host.take_lease("east-1").epoch, 1U);
  std::atomic<std::uint64_t> committed = 0;
  std::atomic<bool> over = false;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t version = 0; !over; ++version) {
        std::vector<spi::turn_record> batch;
        for (std::size_t i = 0; i < batch_size; ++i) {
          batch.push_back(turn({"seller", std::to_string(t) + "/" + std::to_string(i)},
                               {version, version == 0 ? 0U : 11U}, {version + 1, 11}));
        }
        const auto result = host.commit(batch)[0];
        if (result.status != commit_status::committed) {
          EXPECT_EQ(result.status, commit_status::conflict) << result.message;
          EXPECT_TRUE(has(result.message, "east-1")) << result.message;
          return;
        }
        ++committed;
      }
    });
  }
  while (committed < 8) std::this_thread::yield();
  const auto taken = other.take_lease("east-1");
  EXPECT_EQ(taken.status, spi::read_status::ok) << taken.message;
  EXPECT_EQ(taken.epoch, 2U);
  over = taken.epoch != 2;
  for (auto& thread : threads) thread.join();
}

TEST_F(PostgresContention, LetsNoBatchPassWhoeverWaitsForTheLease) {
  const auto taker = open();
  ASSERT_EQ(taker.take_lease("east-1").epoch, 1U);
  const internal::write_statements statements(stores::postgres_state::text);
  const auto share = [&](internal::pg_link& link) {
    const std::array calls{internal::pg_call{&statements.begin, {}},
                           internal::pg_call{&statements.lease_lock, {"east-1"}},
                           internal::pg_call{&statements.lease_read, {"east-1"}}};
    static_cast<void>(link.run(calls));
  };
  internal::pg_link before(server_.uri(), std::chrono::seconds(5), internal::make_system_clock());
  internal::pg_link after(server_.uri(), std::chrono::seconds(5), internal::make_system_clock());
  for (internal::pg_link* link : {&before, &after}) link->run("SET search_path = " + schema_);
  after.run("SET lock_timeout = 300");
  share(before);
  const contract::pending<spi::lease_result> taken;
  taker.store().async_take_lease("east-1", taken.completion());
  while (sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") == "0") {
  }
  EXPECT_THROW(share(after), internal::pg_failure) << "a batch that came later went first";
  before.run("COMMIT");
  EXPECT_EQ(taken.get().epoch, 2U);
}

TEST_F(PostgresContention, KeepsItsOwnRecordsWhenItTakesItsLeaseAnew) {
  const auto host = open();
  std::atomic<bool> over = false;
  std::thread writer([&] {
    for (std::uint64_t version = 0; !over; ++version) {
      const auto result = host.commit(turn({"seller", "acme"}, {version, version == 0 ? 0U : 11U}, {version + 1, 11}));
      EXPECT_EQ(result.status, commit_status::committed) << result.message;
    }
  });
  for (std::uint64_t epoch = 1; epoch <= 20; ++epoch) EXPECT_EQ(host.take_lease("east-1").epoch, epoch);
  over = true;
  writer.join();
}

}  // namespace
}  // namespace troupe::postgres_test
