#include "stores/redis/redis_answer.hpp"

#include <map>

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

TEST(RedisAnswer, ErrorIsKnownByItsFirstWords) {
  for (const auto& [text, fault] : std::map<std::string, redis_fault>{
           {"NOSCRIPT No matching script. Please use EVAL.", redis_fault::script_missing},
           {"LOADING Redis is loading the dataset in memory", redis_fault::loading},
           {"MASTERDOWN Link with MASTER is down", redis_fault::loading},
           {"READONLY You can't write against a read only replica.", redis_fault::read_only},
           {"-READONLY You can't write against a read only replica.", redis_fault::read_only},
           {"CLUSTERDOWN The cluster is down", redis_fault::cluster_down},
           {"CROSSSLOT Keys in request don't hash to the same slot", redis_fault::cluster_down},
           {"TRYAGAIN Multiple keys request during rehashing of slot", redis_fault::cluster_down},
           {"BUSY Redis is busy running a script.", redis_fault::busy},
           {"OOM command not allowed when used memory > 'maxmemory'.", redis_fault::out_of_memory},
           {"-OOM command not allowed when used memory > 'maxmemory'.", redis_fault::out_of_memory},
           {"MISCONF Errors writing to the AOF file: No space left on device", redis_fault::disk},
           {"NOREPLICAS Not enough good replicas to write.", redis_fault::too_few_replicas},
           {"WRONGPASS invalid username-password pair or user is disabled.", redis_fault::wrong_password},
           {"ERR AUTH <password> called without any password configured", redis_fault::wrong_password},
           {"ERR invalid password", redis_fault::wrong_password},
           {"NOAUTH Authentication required.", redis_fault::not_permitted},
           {"NOPERM this user has no permissions to run the 'eval' command", redis_fault::not_permitted},
           {"ERR max number of clients reached", redis_fault::too_many_clients},
           {"WRONGTYPE Operation against a key holding the wrong kind of value", redis_fault::damaged},
           {"ERR Error running script (call to f_1): Script killed by user with SCRIPT KILL...", redis_fault::killed},
           {"ERR something new", redis_fault::other},
           {"", redis_fault::other}}) {
    EXPECT_EQ(read_error(text).fault, fault) << text;
  }
}

TEST(RedisAnswer, RedirectionNamesSlotAndServer) {
  const auto moved = read_error("MOVED 3999 127.0.0.1:6381");
  EXPECT_EQ(moved.fault, redis_fault::moved);
  EXPECT_EQ(moved.slot, 3999U);
  EXPECT_EQ(moved.address, "127.0.0.1:6381");
  const auto ask = read_error("ASK 16383 :6381");
  EXPECT_EQ(ask.fault, redis_fault::ask);
  EXPECT_EQ(ask.slot, 16383U);
  EXPECT_EQ(ask.address, ":6381");
}

TEST(RedisAnswer, RedirectionThatCannotBeReadIsACLusterInTrouble) {
  for (const std::string text : {"MOVED", "MOVED x", "MOVED 16384 a:1", "MOVED 1", "ASK -1 a:1"}) {
    EXPECT_EQ(read_error(text).fault, redis_fault::cluster_down) << text;
  }
}

TEST(RedisAnswer, AddressIsCutAtItsLastColon) {
  EXPECT_EQ(read_address("10.0.0.1:6381"), (redis_address{"10.0.0.1", 6381}));
  EXPECT_EQ(read_address("fe80::1:6381"), (redis_address{"fe80::1", 6381}));
  EXPECT_EQ(read_address("10.0.0.1:6381,redis.example"), (redis_address{"10.0.0.1", 6381}));
  EXPECT_EQ(read_address(":6381"), (redis_address{"", 6381}));
  for (const std::string text : {"", "host", "host:", "host:0", "host:65536", "host:1x"}) {
    EXPECT_FALSE(read_address(text)) << text;
  }
}

TEST(RedisAnswer, FailureSaysWhetherTheRecordMayHaveBeenWritten) {
  const actor_id acme{"seller", "acme"};
  const auto full = commit_failure(read_error("OOM command not allowed"), "Redis at x", acme);
  EXPECT_EQ(full.status, spi::commit_status::unavailable);
  EXPECT_NE(full.message.find("maxmemory"), std::string::npos);
  EXPECT_NE(full.message.find("Redis at x"), std::string::npos);
  EXPECT_EQ(commit_failure(read_error("ERR broken off"), "Redis at x", acme).status, spi::commit_status::unknown);
  const auto damaged = commit_failure(read_error("DAMAGED the key k is no hash"), "Redis at x", acme);
  EXPECT_EQ(damaged.status, spi::commit_status::rejected);
  EXPECT_NE(damaged.message.find("seller/acme"), std::string::npos);
}

TEST(RedisAnswer, TextForPeopleHasNoControlCharacters) { EXPECT_EQ(read_error("ERR a\r\nb\x1b").text, "ERR a  b "); }

}  // namespace
}  // namespace troupe::internal
