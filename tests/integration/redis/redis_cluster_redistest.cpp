#include "redis_fixture.hpp"
#include "support/redis_cluster.hpp"

namespace troupe::redis_test {
namespace {

using testing_support::redis_cluster;

redis_cluster& cluster() {
  static redis_cluster one;
  return one;
}

stores::redis_options options_with(const std::string& prefix, std::size_t master = 0) {
  auto options = options_of(cluster().master(master));
  options.prefix = prefix;
  return options;
}

std::vector<spi::turn_record> many(std::uint64_t version) {
  std::vector<spi::turn_record> records;
  for (int i = 0; i < 300; ++i) {
    records.push_back(contract::turn({"seller", std::to_string(i)},
                                     version == 1 ? spi::commit_stamp{} : spi::commit_stamp{version - 1, 11},
                                     {version, 11}));
  }
  return records;
}

TEST(RedisClusterStore, SpreadsActorsOverTheMasters) {
  const auto client = open(options_with("spread"));
  for (const auto& result : client.commit(many(1)))
    EXPECT_EQ(result.status, commit_status::committed) << result.message;
  EXPECT_EQ(client.list({}).actors.size(), 300U);
  for (std::size_t m = 0; m < redis_cluster::masters; ++m) {
    EXPECT_NE(cluster().master(m).run({"KEYS", "spread:*:a:*"}), "") << "master " << m << " has no actor";
  }
  const auto other = open(options_with("spread", 2));
  EXPECT_EQ(other.list({}).actors.size(), 300U);
}

TEST(RedisClusterStore, IsAskedForByName) {
  auto options = options_with("named");
  options.topology = stores::redis_topology::cluster;
  EXPECT_EQ(open(options).status_of(contract::birth(acme)), commit_status::committed);
  options.database = 1;
  EXPECT_EQ(refusal_of(options).kind(), errc::invalid_argument);
  const redis_server alone;
  options = options_of(alone);
  options.topology = stores::redis_topology::cluster;
  EXPECT_EQ(refusal_of(options).kind(), errc::invalid_argument);
}

/// The tag of shard 52 lies in this slot.
constexpr unsigned slot_of_acme = 11377;

/// The slot of shard 52 on its way from the master that has it to another one.
class moving_slot {
 public:
  moving_slot() {
    std::size_t owner = 0;
    while (cluster().master(owner).run({"EXISTS", "{52}"}).starts_with("-MOVED")) ++owner;
    from_ = &cluster().master(owner);
    to_ = &cluster().master((owner + 1) % redis_cluster::masters);
    to_id_ = to_->run({"CLUSTER", "MYID"});
    EXPECT_EQ(to_->run({"CLUSTER", "SETSLOT", slot_, "IMPORTING", from_->run({"CLUSTER", "MYID"})}), "OK");
    EXPECT_EQ(from_->run({"CLUSTER", "SETSLOT", slot_, "MIGRATING", to_id_}), "OK");
  }

  void migrate(const std::string& key) {
    EXPECT_EQ(from_->run({"MIGRATE", "127.0.0.1", std::to_string(to_->port()), key, "0", "5000"}), "OK") << key;
  }

  void finish() {
    for (std::string key; !(key = from_->run({"CLUSTER", "GETKEYSINSLOT", slot_, "1"})).empty();) {
      migrate(key);
      if (::testing::Test::HasFailure()) return;
    }
    EXPECT_EQ(to_->run({"CLUSTER", "SETSLOT", slot_, "NODE", to_id_}), "OK");
    EXPECT_EQ(from_->run({"CLUSTER", "SETSLOT", slot_, "NODE", to_id_}), "OK");
  }

  [[nodiscard]] redis_server& from() { return *from_; }
  [[nodiscard]] redis_server& to() { return *to_; }

 private:
  const std::string slot_ = std::to_string(slot_of_acme);
  redis_server* from_;
  redis_server* to_;
  std::string to_id_;
};

TEST(RedisClusterStore, FollowsAShardThatMoves) {
  const auto client = open(options_with("moves"));
  EXPECT_EQ(client.status_of(contract::birth(acme)), commit_status::committed);
  ASSERT_EQ(cluster().master(0).run({"CLUSTER", "KEYSLOT", "moves:{52}:a:seller/acme"}), std::to_string(slot_of_acme));
  moving_slot slot;
  slot.migrate("moves:{52}:a:seller/acme");
  EXPECT_EQ(client.load(acme).image.stamp.version, 1U);
  // A script needs keys from here and keys from there, and is to be tried again.
  EXPECT_EQ(client.status_of(contract::turn(acme, {1, 11}, {2, 11})), commit_status::unavailable);
  slot.finish();
  EXPECT_EQ(commit_until_clear(client, contract::turn(acme, {1, 11}, {2, 11})).status, commit_status::committed);
  EXPECT_NE(slot.to().run({"HGET", "moves:{52}:a:seller/acme", "head"}), "");
  EXPECT_EQ(client.load(acme).image.stamp.version, 2U);
  EXPECT_EQ(client.list({}).actors.size(), 1U);
}

/// What a commit replaces as a whole is gone for a moment, and a key that is gone is looked for at the other server.
TEST(RedisClusterStore, WritesNoHalfOfATurnWhileAShardMoves) {
  const auto client = open(options_with("torn"));
  // The shard has an erasure, an actor and a due time, so that a commit finds all that it names where it was.
  EXPECT_EQ(client.status_of(contract::birth(acme)), commit_status::committed);
  EXPECT_EQ(client.status_of(contract::erasure(acme, {1, 11}, {2, 11})), commit_status::committed);
  auto record = contract::birth(acme);
  record.logs = {{{{"sales", 1, 2}, 1, {{1, contract::at_ms(1), "1"}}}}};
  record.items = {std::nullopt, false, {}, {{"old", "1", 1, std::nullopt}}};
  record.reminders = {{contract::reminder("bill", 5)}};
  EXPECT_EQ(client.status_of(record), commit_status::committed);
  record = contract::turn(acme, {1, 11}, {2, 11});
  record.logs = {{{{"sales", 2, 3}, 1, {{2, contract::at_ms(2), "2"}}}}};
  record.items = {std::nullopt, true, {}, {{"new", "2", 2, std::nullopt}}};
  const auto expect_the_old = [&](const std::string& where) {
    EXPECT_EQ(client.commit(record).status, commit_status::unavailable) << where;
    EXPECT_EQ(client.load(acme).image.stamp.version, 1U) << where;
  };
  moving_slot slot;
  expect_the_old("with all keys at the old server");
  EXPECT_EQ(slot.from().run({"LRANGE", "torn:{52}:g:seller/acme/sales", "0", "-1"}), "1 1");
  EXPECT_EQ(slot.from().run({"HGETALL", "torn:{52}:i:seller/acme"}), "old 1 . 1");
  for (const std::string key : {"a:seller/acme", "due", "index", "erased"}) slot.migrate("torn:{52}:" + key);
  expect_the_old("with the keys that the commit names at the new server");
  slot.finish();
  EXPECT_EQ(commit_until_clear(client, record).status, commit_status::committed);
  const auto log = client.read_log({.actor = acme, .log = "sales"});
  ASSERT_EQ(log.entries.size(), 1U) << log.message;
  EXPECT_EQ(log.entries[0].json, "2");
  const auto items = client.read_items({.actor = acme});
  ASSERT_EQ(items.items.size(), 1U) << items.message;
  EXPECT_EQ(items.items[0].key, "new");
}

TEST(RedisClusterStore, GoesOnWhenAMasterComesBack) {
  const auto client = open(options_with("back"));
  for (const auto& result : client.commit(many(1))) EXPECT_EQ(result.status, commit_status::committed);
  auto& master = cluster().master(1);
  master.kill();
  std::size_t committed = 0;
  std::size_t failed = 0;
  for (const auto& result : client.commit(many(2))) {
    EXPECT_NE(result.status, commit_status::conflict);
    ++(result.status == commit_status::committed ? committed : failed);
  }
  EXPECT_GT(committed, 0U);
  EXPECT_GT(failed, 0U);
  master.restart();
  for (std::size_t m = 0; m < redis_cluster::masters; ++m) {
    cluster().master(m).process().wait_until([&] {
      return cluster().master(m).run({"CLUSTER", "INFO"}).find("cluster_state:ok") != std::string::npos;
    });
  }
  for (const auto& record : many(2)) {
    const auto result = commit_until_clear(client, record);
    EXPECT_EQ(result.status, commit_status::committed) << result.message;
  }
  for (const auto& actor : client.list({}).actors) EXPECT_EQ(actor.stamp.version, 2U);
}

}  // namespace
}  // namespace troupe::redis_test
