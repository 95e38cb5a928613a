#include <gtest/gtest.h>

#include "bell_kills.hpp"
#include "support/postgres_server.hpp"

namespace troupe::bell_test {
namespace {

TEST(ReminderKillsOnPostgres, EachTickHasItsEffectOnce) {
  // Only the runtime's process is killed: the server need not wait for its disk.
  const testing_support::postgres_server server(testing_support::postgres_fsync::off);
  expect_each_tick_once(server.uri() + "?troupe_schema=bells", TROUPE_BELLS_KILLS);
}

}  // namespace
}  // namespace troupe::bell_test
