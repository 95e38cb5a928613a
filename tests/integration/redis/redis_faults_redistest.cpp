#include <array>
#include <csignal>
#include <filesystem>

#include "redis_fixture.hpp"

namespace troupe::redis_test {
namespace {

using contract::birth;
using contract::erasure;
using contract::turn;

TEST(RedisFaults, ScriptsThatTheServerForgotAreSentAgain) {
  const redis_server server;
  const auto client = open(server);
  EXPECT_EQ(client.status_of(birth(acme)), commit_status::committed);
  EXPECT_EQ(server.run({"SCRIPT", "FLUSH"}), "OK");
  const auto second = client.commit(turn(acme, {1, 11}, {2, 11}));
  EXPECT_EQ(second.status, commit_status::committed) << second.message;
  EXPECT_EQ(server.run({"SCRIPT", "FLUSH"}), "OK");
  EXPECT_EQ(client.scan_due({contract::at_ms(5), std::nullopt, 10}).status, read_status::ok);
  EXPECT_EQ(client.read_items({.actor = acme}).status, read_status::ok);
  EXPECT_EQ(client.take_lease("east").status, read_status::ok);
}

TEST(RedisFaults, ConnectionThatWasClosedIsMadeAnew) {
  redis_server server({"--appendonly", "yes"});
  const auto client = open(server);
  EXPECT_EQ(client.status_of(birth(acme)), commit_status::committed);
  server.kill();
  server.restart();
  EXPECT_EQ(commit_until_clear(client, turn(acme, {1, 11}, {2, 11})).status, commit_status::committed);
  server.run({"CLIENT", "KILL", "TYPE", "normal"});
  EXPECT_EQ(commit_until_clear(client, turn(acme, {2, 11}, {3, 11})).status, commit_status::committed);
  EXPECT_EQ(client.load(acme).image.stamp.version, 3U);
}

TEST(RedisFaults, NothingIsWrittenWhileTheServerIsGone) {
  redis_server server({"--appendonly", "yes"});
  const auto client = open(server);
  server.kill();
  const auto lost = client.commit(birth(acme));
  EXPECT_TRUE(lost.status == commit_status::unavailable || lost.status == commit_status::unknown) << lost.message;
  const auto refused = client.commit(birth(acme));
  EXPECT_EQ(refused.status, commit_status::unavailable);
  expect_words(refused.message, {"nothing was written", "127.0.0.1:" + std::to_string(server.port())});
  EXPECT_EQ(client.load(acme).status, read_status::unavailable);
  EXPECT_EQ(client.list({}).status, read_status::unavailable);
  EXPECT_EQ(client.scan_due({contract::at_ms(0), std::nullopt, 10}).status, read_status::unavailable);
  EXPECT_EQ(client.read_log({.actor = acme, .log = "a"}).status, read_status::unavailable);
  EXPECT_EQ(client.read_items({.actor = acme}).status, read_status::unavailable);
  EXPECT_EQ(client.take_lease("east").status, read_status::unavailable);
  server.restart();
  EXPECT_EQ(commit_until_clear(client, birth(acme)).status, commit_status::committed);
}

TEST(RedisFaults, RefusesAtOnceWhatComesWhileTheServerIsGone) {
  redis_server server({"--appendonly", "yes"});
  const auto client = open(server);
  server.kill();
  (void)client.commit(birth(acme));
  // A commit that waits for a pause of the connection to end looks to its caller as one that may have been done.
  const auto before = std::chrono::steady_clock::now();
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(client.status_of(birth(acme)), commit_status::unavailable);
    EXPECT_EQ(client.load(acme).status, read_status::unavailable);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
  server.restart();
  EXPECT_EQ(commit_until_clear(client, birth(acme)).status, commit_status::committed);
}

TEST(RedisFaults, SilentServerLeavesACommitUnknownUntilItIsRepeated) {
  redis_server server;
  auto options = options_of(server);
  options.answer_timeout = std::chrono::milliseconds(100);
  options.connect_timeout = std::chrono::milliseconds(100);
  const auto client = open(options);
  EXPECT_EQ(client.load(acme).status, read_status::ok);  // there is a connection now
  server.process().signal(SIGSTOP);
  const auto lost = client.commit(birth(acme));
  EXPECT_EQ(lost.status, commit_status::unknown);
  expect_words(lost.message, {"may or may not", "said nothing for 100 ms"});
  EXPECT_EQ(client.status_of(birth({"seller", "bolt"})), commit_status::unavailable);
  EXPECT_EQ(client.load(acme).status, read_status::unavailable);
  server.process().signal(SIGCONT);
  EXPECT_EQ(commit_until_clear(client, birth(acme)).status, commit_status::committed);
  EXPECT_EQ(client.load(acme).image.stamp.version, 1U);
}

TEST(RedisFaults, CloseDoesNotWaitForAServerThatIsGone) {
  redis_server server;
  auto options = options_of(server);
  options.answer_timeout = std::chrono::milliseconds(100);
  options.connect_timeout = std::chrono::milliseconds(100);
  const auto client = open(options);
  EXPECT_EQ(client.load(acme).status, read_status::ok);
  server.process().signal(SIGSTOP);
  const auto record = birth(acme);
  const contract::pending<std::vector<spi::commit_result>> result;
  client.store().async_commit(std::span(&record, 1), result.completion());
  client.store().close();
  EXPECT_EQ(result.completions(), 1U);
  EXPECT_EQ(result.get().at(0).status, commit_status::unknown);
  server.process().signal(SIGCONT);
}

TEST(RedisFaults, LoadingServerIsWaitedFor) {
  redis_server server({"--appendonly", "yes"});
  const auto client = open(server);
  std::vector<spi::turn_record> records;
  for (int i = 0; i < 500; ++i) records.push_back(birth({"seller", std::to_string(i)}));
  for (const auto& result : client.commit(records)) EXPECT_EQ(result.status, commit_status::committed);
  server.run({"BGREWRITEAOF"});
  server.process().wait_until([&] {
    return server.run({"INFO", "persistence"}).find("aof_rewrite_in_progress:0") != std::string::npos;
  });
  server.kill();
  server.set({"--key-load-delay", "2000", "--loading-process-events-interval-bytes", "1024"});
  server.begin_restart();
  std::string seen;
  server.process().wait_until([&] {
    const auto loaded = client.load(acme);
    if (loaded.status != read_status::unavailable) return true;
    seen += loaded.message + "\n";
    return false;
  });
  expect_words(seen, {"LOADING"});
  EXPECT_EQ(client.list({}).actors.size(), 500U);
}

TEST(RedisFaults, ReplicaTakesNoCommitUntilItIsMasterAgain) {
  const redis_server server;
  const auto client = open(server);
  EXPECT_EQ(client.status_of(birth(acme)), commit_status::committed);
  server.run({"REPLICAOF", "127.0.0.1", std::to_string(testing_support::free_port())});
  const auto refused = client.commit(turn(acme, {1, 11}, {2, 11}));
  EXPECT_EQ(refused.status, commit_status::unavailable);
  expect_words(refused.message, {"replica"});
  server.run({"REPLICAOF", "NO", "ONE"});
  EXPECT_EQ(commit_until_clear(client, turn(acme, {1, 11}, {2, 11})).status, commit_status::committed);
}

/// A name that follows the master leads elsewhere now; the connection is still that to the old one.
TEST(RedisFaults, CommitThatAReplicaRefusesFindsTheNewMaster) {
  const redis_server old_master;
  const redis_server new_master;
  const testing_support::temporary_folder folder;
  const auto name = folder.path() / "master.sock";
  std::filesystem::create_symlink(old_master.socket_path(), name);
  stores::redis_options options;
  options.socket_path = name.string();
  const auto client = open(options);
  EXPECT_EQ(client.status_of(birth(acme)), commit_status::committed);
  std::filesystem::remove(name);
  std::filesystem::create_symlink(new_master.socket_path(), name);
  old_master.run({"REPLICAOF", "127.0.0.1", std::to_string(new_master.port())});
  const auto record = birth({"seller", "cask"});
  const auto refused = client.commit(record);
  EXPECT_EQ(refused.status, commit_status::unavailable);
  expect_words(refused.message, {"nothing was written", "replica"});
  EXPECT_EQ(commit_until_clear(client, record).status, commit_status::committed);
  EXPECT_EQ(new_master.run({"EXISTS", "troupe:{60}:a:seller/cask"}), "1");
}

TEST(RedisFaults, FullServerRefusesWholeRecordsAndLetsActorsBeErased) {
  const redis_server server;
  const auto client = open(server);
  EXPECT_EQ(client.status_of(birth(acme)), commit_status::committed);
  EXPECT_EQ(client.status_of(birth({"seller", "gone"})), commit_status::committed);
  server.run({"CONFIG", "SET", "maxmemory", "1"});
  auto update = turn(acme, {1, 11}, {2, 11});
  update.reminders = {{contract::reminder("bill", 5)}};
  const std::array batch{update, birth({"seller", "new"}), erasure({"seller", "gone"}, {1, 11}, {2, 11})};
  const auto results = client.commit(batch);
  EXPECT_EQ(results[0].status, commit_status::unavailable);
  EXPECT_EQ(results[1].status, commit_status::unavailable);
  expect_words(results[0].message, {"nothing was written", "maxmemory"});
  EXPECT_EQ(results[2].status, commit_status::committed) << results[2].message;
  EXPECT_EQ(client.load(acme).image.stamp.version, 1U);
  EXPECT_EQ(client.load({"seller", "new"}).image.stamp.version, 0U);
  EXPECT_EQ(client.load({"seller", "gone"}).image.stamp.version, 0U);
  EXPECT_TRUE(client.scan_due({contract::at_ms(10), std::nullopt, 10}).actors.empty());
  server.run({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_EQ(client.status_of(update), commit_status::committed);
}

TEST(RedisFaults, ServerThatCannotSaveTakesNoCommit) {
  redis_server server({"--dbfilename", "blocked.rdb"});
  const auto client = open(server);
  // A folder that is not empty stands where the file belongs.
  std::filesystem::create_directories(server.folder() / "blocked.rdb" / "x");
  server.run({"CONFIG", "SET", "save", "3600 1"});
  server.run({"BGSAVE"});
  server.process().wait_until([&] {
    return server.run({"INFO", "persistence"}).find("rdb_last_bgsave_status:err") != std::string::npos;
  });
  const auto refused = client.commit(birth(acme));
  EXPECT_EQ(refused.status, commit_status::unavailable);
  expect_words(refused.message, {"nothing was written", "disk"});
  server.run({"CONFIG", "SET", "save", ""});
  EXPECT_EQ(client.status_of(birth(acme)), commit_status::committed);
}

TEST(RedisFaults, OnlySoManyRecordsWait) {
  redis_server server;
  auto options = options_of(server);
  options.waiting_records_max = 600;
  options.answer_timeout = std::chrono::milliseconds(200);
  options.connect_timeout = std::chrono::milliseconds(200);
  const auto client = open(options);
  server.process().signal(SIGSTOP);
  std::vector<std::vector<spi::turn_record>> batches(3);
  std::vector<contract::pending<std::vector<spi::commit_result>>> results(batches.size());
  for (std::size_t b = 0; b < batches.size(); ++b) {
    for (int i = 0; i < 250; ++i) batches[b].push_back(birth({"seller", std::to_string(b) + "/" + std::to_string(i)}));
    client.store().async_commit(batches[b], results[b].completion());
  }
  EXPECT_EQ(results[2].completions(), 1U);
  EXPECT_EQ(results[2].get().at(0).status, commit_status::unavailable);
  expect_words(results[2].get().at(0).message, {"500 records wait", "waiting_records_max is 600"});
  EXPECT_NE(results[0].get().at(0).status, commit_status::committed);
  EXPECT_NE(results[1].get().at(0).status, commit_status::committed);
  server.process().signal(SIGCONT);
  for (const auto& record : batches[2]) EXPECT_EQ(commit_until_clear(client, record).status, commit_status::committed);
}

}  // namespace
}  // namespace troupe::redis_test
