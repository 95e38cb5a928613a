#include "stores/postgres/back_off.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

TEST(BackOff, DoublesUpToItsLongest) {
  back_off pauses;
  std::vector<std::int64_t> seen;
  for (int i = 0; i < 10; ++i) seen.push_back(pauses.next(0).count());
  EXPECT_EQ(seen, (std::vector<std::int64_t>{10, 20, 40, 80, 160, 320, 640, 1280, 2000, 2000}));
  pauses.reset();
  EXPECT_EQ(pauses.next(0).count(), 10);
}

TEST(BackOff, IsShortenedByUpToAHalf) {
  for (std::uint64_t random = 0; random < 50; ++random) {
    back_off pauses;
    const auto pause = pauses.next(random).count();
    EXPECT_GE(pause, 5);
    EXPECT_LE(pause, 10);
  }
  back_off pauses;
  EXPECT_EQ(pauses.next(5).count(), 5);
}

}  // namespace
}  // namespace troupe::internal
