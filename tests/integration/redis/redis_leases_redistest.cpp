#include <deque>

#include "redis_fixture.hpp"
#include "support/redis_cluster.hpp"

namespace troupe::redis_test {
namespace {

std::vector<spi::turn_record> births(const std::string& name) {
  std::vector<spi::turn_record> records;
  for (int i = 0; i < 200; ++i) records.push_back(contract::birth({"seller", name + "-" + std::to_string(i)}));
  return records;
}

/// Batches are sent before, while and after the store takes its own lease anew: nobody else has it.
void expect_no_conflict_with_itself(const stores::redis_options& options) {
  const auto client = open(options);
  EXPECT_EQ(client.take_lease("east").epoch, 1U);
  std::deque<std::vector<spi::turn_record>> batches;
  std::deque<contract::pending<std::vector<spi::commit_result>>> results;
  std::deque<contract::pending<spi::lease_result>> leases;
  const auto commit = [&](std::string name) {
    batches.push_back(births(name));
    client.store().async_commit(batches.back(), results.emplace_back().completion());
  };
  for (int round = 0; round < 5; ++round) {
    commit("a" + std::to_string(round));
    client.store().async_take_lease("east", leases.emplace_back().completion());
    commit("b" + std::to_string(round));
    commit("c" + std::to_string(round));
  }
  for (auto& lease : leases) EXPECT_EQ(lease.get().status, read_status::ok);
  std::string refused;
  for (auto& result : results) {
    for (const auto& one : result.get()) {
      if (one.status != commit_status::committed) refused = one.message;
    }
  }
  EXPECT_EQ(refused, "");
  EXPECT_EQ(client.take_lease("east").epoch, 7U);
  EXPECT_EQ(open(options).take_lease("east").epoch, 8U);
  EXPECT_EQ(client.status_of(contract::birth(acme)), commit_status::conflict);
}

TEST(RedisLeases, HostThatTakesItsOwnLeaseAnewMeetsNoConflict) {
  const redis_server server;
  expect_no_conflict_with_itself(options_of(server));
}

TEST(RedisLeases, HostThatTakesItsOwnLeaseAnewInAClusterMeetsNoConflict) {
  testing_support::redis_cluster cluster;
  expect_no_conflict_with_itself(options_of(cluster.master(0)));
}

}  // namespace
}  // namespace troupe::redis_test
