#include "stores/http/retry_rules.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

using std::chrono::milliseconds;

constexpr backoff_limits limits{milliseconds(10), milliseconds(100)};

TEST(RetryRules, BoundDoublesUpToItsMaximum) {
  // The largest wait that any randomness gives.
  const auto longest = [](std::size_t failures) {
    milliseconds most{0};
    for (std::uint64_t random = 0; random < 1000; ++random) {
      most = std::max(most, backoff_before(failures, random, limits, std::nullopt));
    }
    return most;
  };
  EXPECT_EQ(longest(1), milliseconds(10));
  EXPECT_EQ(longest(2), milliseconds(20));
  EXPECT_EQ(longest(4), milliseconds(80));
  EXPECT_EQ(longest(5), milliseconds(100));
  EXPECT_EQ(longest(500), milliseconds(100));
}

TEST(RetryRules, JitterReachesDownToNothing) {
  EXPECT_EQ(backoff_before(5, 0, limits, std::nullopt), milliseconds(0));
  EXPECT_EQ(backoff_before(5, 57, limits, std::nullopt), milliseconds(57));
}

TEST(RetryRules, WaitsAtLeastAsLongAsTheServerAsked) {
  EXPECT_EQ(backoff_before(1, 0, limits, milliseconds(700)), milliseconds(700));
  EXPECT_EQ(backoff_before(9, 99, limits, milliseconds(700)), milliseconds(710));
}

}  // namespace
}  // namespace troupe::internal
