#include <string>

#include <gtest/gtest.h>

#include "bell_kills.hpp"
#include "support/redis_server.hpp"

namespace troupe::bell_test {
namespace {

TEST(ReminderKillsOnRedis, EachTickHasItsEffectOnce) {
  const testing_support::redis_server server;
  expect_each_tick_once("redis://127.0.0.1:" + std::to_string(server.port()) + "/0?prefix=bells", TROUPE_BELLS_KILLS);
}

}  // namespace
}  // namespace troupe::bell_test
