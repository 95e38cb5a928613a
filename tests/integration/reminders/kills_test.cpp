#include <gtest/gtest.h>

#include "bell_kills.hpp"
#include "support/temporary_folder.hpp"

namespace troupe::bell_test {
namespace {

TEST(ReminderKills, EachTickHasItsEffectOnce) {
  const testing_support::temporary_folder folder;
  expect_each_tick_once("sqlite:" + (folder.path() / "bells.db").string() + "?synchronous=normal", TROUPE_BELLS_KILLS);
}

}  // namespace
}  // namespace troupe::bell_test
