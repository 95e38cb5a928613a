#include "stores/rules/key_range.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

TEST(KeyRange, BeginsBehindTheKeyOfThePageBefore) {
  spi::item_query query;
  query.prefix = "b/";
  EXPECT_EQ(range_of(query).lower, "b/");
  query.after = "a";
  EXPECT_EQ(range_of(query).lower, "b/") << "a key before the prefix";
  query.after = "b/1";
  EXPECT_EQ(range_of(query).lower, std::string("b/1\0", 4));
  EXPECT_EQ(range_of(query).end, "b0");
}

}  // namespace
}  // namespace troupe::internal
