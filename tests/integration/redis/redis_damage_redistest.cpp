#include <array>

#include "redis_fixture.hpp"

// What somebody else has written where the store keeps actors.
namespace troupe::redis_test {
namespace {

using contract::birth;
using contract::turn;

const std::string acme_key = "troupe:{52}:a:seller/acme";
const actor_id cask{"seller", "cask"};

TEST(RedisDamage, OfOneActorIsNamedAndLeavesTheOthers) {
  const redis_server server;
  const auto client = open(server);
  EXPECT_EQ(client.status_of(birth(acme)), commit_status::committed);
  EXPECT_EQ(client.status_of(birth(cask)), commit_status::committed);
  server.run({"HSET", acme_key, "c:state", "{"});
  const std::array actors{acme, cask};
  const auto loads = client.load(actors);
  EXPECT_EQ(loads[0].status, read_status::damaged);
  expect_words(loads[0].message, {"seller/acme", "c:state", "127.0.0.1"});
  EXPECT_EQ(loads[0].image.stamp.version, 0U);
  EXPECT_EQ(loads[1].status, read_status::ok);
  const auto listed = client.list({});
  EXPECT_EQ(listed.status, read_status::damaged);
  expect_words(listed.message, {"seller/acme"});
  ASSERT_EQ(listed.actors.size(), 2U);
  EXPECT_EQ(listed.actors[0].actor, acme);
  EXPECT_EQ(listed.actors[0].stamp.version, 0U);
  EXPECT_EQ(listed.actors[1].stamp.version, 1U);
}

TEST(RedisDamage, OfAKeyRejectsItsRecordAlone) {
  const redis_server server;
  const auto client = open(server);
  server.run({"SET", acme_key, "something else"});
  const std::array batch{birth(acme), birth(cask)};
  const auto results = client.commit(batch);
  EXPECT_EQ(results[0].status, commit_status::rejected);
  expect_words(results[0].message, {"seller/acme", "damaged", "no hash"});
  EXPECT_EQ(results[1].status, commit_status::committed);
  EXPECT_EQ(client.load(acme).status, read_status::damaged);
  EXPECT_EQ(server.run({"GET", acme_key}), "something else");
  server.run({"DEL", acme_key});
  server.run({"HSET", acme_key, "head", "nonsense"});
  EXPECT_EQ(client.status_of(birth(acme)), commit_status::rejected);
  server.run({"HDEL", acme_key, "head"});
  server.run({"HSET", acme_key, "c:state", "1"});
  EXPECT_EQ(client.status_of(birth(acme)), commit_status::rejected);
}

/// The first write of a record must not happen when a later one cannot.
TEST(RedisDamage, OfAnythingARecordTouchesLeavesTheRecordUnwritten) {
  const redis_server server;
  const auto client = open(server);
  EXPECT_EQ(client.status_of(birth(acme)), commit_status::committed);
  auto record = turn(acme, {1, 11}, {2, 11});
  record.reminders = {{contract::reminder("bill", 5)}};
  record.logs = {{{{"sales", 1, 2}, 1, {{1, contract::at_ms(1), "1"}}}}};
  record.items = {std::nullopt, false, {}, {{"offer", "1", 2, std::nullopt}}};
  for (const std::string& key : {std::string("troupe:{52}:due"), std::string("troupe:{52}:erased"),
                                 std::string("troupe:{52}:g:seller/acme/sales"),
                                 std::string("troupe:{52}:i:seller/acme"), std::string("troupe:{52}:n:seller/acme")}) {
    server.run({"SET", key, "something else"});
    const auto refused = client.commit(record);
    EXPECT_EQ(refused.status, commit_status::rejected) << key;
    expect_words(refused.message, {key});
    EXPECT_EQ(client.load(acme).image.stamp.version, 1U) << key;
    server.run({"DEL", key});
  }
  EXPECT_EQ(client.status_of(record), commit_status::committed);
}

TEST(RedisDamage, OfPartsIsNamedByThoseWhoReadThem) {
  const redis_server server;
  const auto client = open(server);
  auto record = birth(acme);
  record.logs = {{{{"sales", 1, 3}, 1, {{1, contract::at_ms(1), "1"}, {2, contract::at_ms(2), "2"}}}}};
  record.items = {std::nullopt, false, {}, {{"offer", "1", 1, std::nullopt}}};
  EXPECT_EQ(client.status_of(record), commit_status::committed);
  server.run({"LSET", "troupe:{52}:g:seller/acme/sales", "1", "2 {"});
  const auto log = client.read_log({.actor = acme, .log = "sales"});
  EXPECT_EQ(log.status, read_status::damaged);
  expect_words(log.message, {"seller/acme", "entry 2"});
  server.run({"HSET", "troupe:{52}:i:seller/acme", "offer", "1 . {"});
  const auto items = client.read_items({.actor = acme, .keys = {"offer"}});
  EXPECT_EQ(items.status, read_status::damaged);
  expect_words(items.message, {"seller/acme", "offer"});
  EXPECT_EQ(client.read_items({.actor = acme}).status, read_status::damaged);
  server.run({"DEL", "troupe:{52}:i:seller/acme"});
  EXPECT_EQ(client.read_items({.actor = acme}).status, read_status::damaged);
  server.run({"SET", "troupe:{52}:i:seller/acme", "x"});
  EXPECT_EQ(client.read_items({.actor = acme, .keys = {"offer"}}).status, read_status::damaged);
}

TEST(RedisDamage, OfALogThatLostEntriesIsTold) {
  const redis_server server;
  const auto client = open(server);
  const std::string list = "troupe:{52}:g:seller/acme/sales";
  auto record = birth(acme);
  record.logs = {{{{"sales", 1, 3}, 1, {{1, contract::at_ms(1), "1"}, {2, contract::at_ms(2), "2"}}}}};
  EXPECT_EQ(client.status_of(record), commit_status::committed);
  server.run({"DEL", list});
  const auto log = client.read_log({.actor = acme, .log = "sales"});
  EXPECT_EQ(log.status, read_status::damaged);
  expect_words(log.message, {"seller/acme", list, "0 entries"});
  record = turn(acme, {1, 11}, {2, 11});
  record.logs = {{{{"sales", 1, 4}, 1, {{3, contract::at_ms(3), "3"}}}}};
  const auto refused = client.commit(record);
  EXPECT_EQ(refused.status, commit_status::rejected);
  expect_words(refused.message, {list, "0 entries"});
  EXPECT_EQ(client.load(acme).image.stamp.version, 1U);
  EXPECT_EQ(server.run({"EXISTS", list}), "0");
  // A list without a log is as bad: its entries would be taken for those of a log that begins.
  server.run({"RPUSH", "troupe:{60}:g:seller/cask/sales", "1 1"});
  auto other = birth(cask);
  other.logs = {{{{"sales", 1, 2}, 1, {{1, contract::at_ms(1), "1"}}}}};
  EXPECT_EQ(client.status_of(other), commit_status::rejected);
  EXPECT_EQ(client.status_of(contract::erasure(acme, {1, 11}, {2, 11})), commit_status::committed);
}

TEST(RedisDamage, OfAnIndexIsTold) {
  const redis_server server;
  const auto client = open(server);
  EXPECT_EQ(client.status_of(birth(acme)), commit_status::committed);
  server.run({"ZADD", "troupe:{3}:index", "0", "nobody"});
  const auto listed = client.list({});
  EXPECT_EQ(listed.status, read_status::damaged);
  EXPECT_EQ(listed.actors.size(), 1U);
  server.run({"ZADD", "troupe:{3}:due", "1", "nobody"});
  EXPECT_EQ(client.scan_due({contract::at_ms(5), std::nullopt, 10}).status, read_status::damaged);
  server.run({"SET", "troupe:{3}:index", "x"});
  EXPECT_EQ(client.list({}).status, read_status::damaged);
  expect_words(client.list({}).message, {"shard 3"});
}

TEST(RedisDamage, IndexEntryOfAnActorThatIsGoneIsPassedOver) {
  const redis_server server;
  const auto client = open(server);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(client.status_of(birth({"seller", std::to_string(i)})), commit_status::committed);
  }
  EXPECT_EQ(client.status_of(birth(acme)), commit_status::committed);
  server.run({"DEL", acme_key});
  const auto page = client.list({"", "", std::nullopt, 10});
  EXPECT_EQ(page.status, read_status::ok);
  EXPECT_EQ(page.actors.size(), 10U);
}

}  // namespace
}  // namespace troupe::redis_test
