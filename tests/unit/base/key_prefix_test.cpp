#include "base/key_prefix.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

TEST(KeyPrefix, EndsBehindEveryKeyThatBeginsSo) {
  EXPECT_EQ(end_of_prefix("ab", 9), "ac");
  EXPECT_EQ(end_of_prefix("a\xff\xff", 9), "b");
  EXPECT_EQ(end_of_prefix("", 3), "\xff\xff\xff\xff");
  EXPECT_EQ(end_of_prefix("\xff", 1), "\xff\xff");
}

}  // namespace
}  // namespace troupe::internal
