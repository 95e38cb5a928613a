#include "commit/retry_policy.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

using namespace std::chrono_literals;
using spi::commit_status;

TEST(RetryPolicy, PausesDoubleUpToTheLongest) {
  const retry_policy policy{.give_up_after = 10s, .first_pause = 10ms, .longest_pause = 100ms};
  EXPECT_EQ(policy.pause_before(1), 10ms);
  EXPECT_EQ(policy.pause_before(2), 20ms);
  EXPECT_EQ(policy.pause_before(4), 80ms);
  EXPECT_EQ(policy.pause_before(5), 100ms);
  EXPECT_EQ(policy.pause_before(4'000'000'000U), 100ms);
}

TEST(RetryPolicy, TriesAgainOnlyWhatMaySettle) {
  EXPECT_TRUE(may_retry(commit_status::unavailable));
  EXPECT_TRUE(may_retry(commit_status::unknown));
  EXPECT_FALSE(may_retry(commit_status::committed));
  EXPECT_FALSE(may_retry(commit_status::conflict));
  EXPECT_FALSE(may_retry(commit_status::rejected));
  EXPECT_TRUE(may_retry(spi::read_status::unavailable));
  EXPECT_FALSE(may_retry(spi::read_status::damaged));
}

TEST(RetryPolicy, OnlyCommittedTakesADoubtAway) {
  EXPECT_EQ(after_doubt(commit_status::committed), commit_status::committed);
  for (const auto status :
       {commit_status::conflict, commit_status::rejected, commit_status::unavailable, commit_status::unknown}) {
    EXPECT_EQ(after_doubt(status), commit_status::unknown);
  }
}

}  // namespace
}  // namespace troupe::internal
