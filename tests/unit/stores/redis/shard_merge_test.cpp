#include "stores/redis/shard_merge.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

using numbers = std::vector<int>;

TEST(ShardMerge, AsksForAPageOfEveryShardFirst) {
  const shard_merge<int> merge(3);
  EXPECT_EQ(merge.hungry(), (std::vector<unsigned>{0, 1, 2}));
  EXPECT_FALSE(merge.last_of(0));
}

TEST(ShardMerge, GivesTheLeastOfAll) {
  shard_merge<int> merge(3);
  merge.feed(0, {2, 9}, true);
  merge.feed(1, {}, true);
  merge.feed(2, {1, 3, 10}, true);
  numbers got;
  while (const auto next = merge.next()) got.push_back(*next);
  EXPECT_EQ(got, (numbers{1, 2, 3, 9, 10}));
  EXPECT_TRUE(merge.hungry().empty());
}

TEST(ShardMerge, GoesNoFurtherThanAPageThatMayHaveMoreBehindIt) {
  shard_merge<int> merge(2);
  merge.feed(0, {1, 2}, false);
  merge.feed(1, {9}, true);
  EXPECT_EQ(merge.next(), 1);
  EXPECT_TRUE(merge.hungry().empty());
  EXPECT_EQ(merge.next(), 2);
  EXPECT_EQ(merge.hungry(), (std::vector<unsigned>{0}));
  EXPECT_EQ(merge.last_of(0), 2);
  merge.feed(0, {3}, true);
  EXPECT_EQ(merge.next(), 3);
  EXPECT_TRUE(merge.hungry().empty());
  EXPECT_EQ(merge.next(), 9);
  EXPECT_FALSE(merge.next());
}

TEST(ShardMerge, EndsWithAnEmptyLastPage) {
  shard_merge<int> merge(1);
  merge.feed(0, {1}, false);
  EXPECT_EQ(merge.next(), 1);
  merge.feed(0, {}, true);
  EXPECT_EQ(merge.last_of(0), 1);
  EXPECT_TRUE(merge.hungry().empty());
  EXPECT_FALSE(merge.next());
}

}  // namespace
}  // namespace troupe::internal
