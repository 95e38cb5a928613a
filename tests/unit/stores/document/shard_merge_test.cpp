#include "stores/document/shard_merge.hpp"

#include <algorithm>
#include <tuple>

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

using actors = std::vector<spi::due_actor>;

spi::due_actor due(std::int64_t time, const std::string& key) {
  return {{"seller", key}, wall_time(std::chrono::milliseconds(time))};
}

bool before(const spi::due_actor& a, const spi::due_actor& b) {
  return std::tie(a.due, a.actor) < std::tie(b.due, b.actor);
}

/// Answers a merge from shards in memory; pages have at most `page_max` entries.
actors merge_all(const std::vector<actors>& shards, std::optional<spi::due_actor> after, std::size_t limit,
                 std::size_t page_max, std::size_t* fetched = nullptr) {
  shard_merge merge(shards.size(), std::move(after), limit);
  for (auto wanted = merge.wanted(); !wanted.empty(); wanted = merge.wanted()) {
    for (const auto& page : wanted) {
      const actors& shard = shards[page.shard];
      auto from = page.after ? std::upper_bound(shard.begin(), shard.end(), *page.after, before) : shard.begin();
      shard_page answer;
      for (; from != shard.end() && answer.entries.size() < std::min(page.entries, page_max); ++from) {
        answer.entries.push_back(*from);
      }
      answer.more = from != shard.end();
      if (fetched != nullptr) *fetched += answer.entries.size();
      merge.add(page.shard, std::move(answer));
    }
  }
  return merge.take();
}

TEST(ShardMerge, OrdersAllThatTheShardsHave) {
  std::vector<actors> shards(5);
  actors all;
  for (int i = 0; i < 200; ++i) {
    const auto entry = due(i * 7 % 20, std::to_string(i));
    shards[static_cast<std::size_t>(i * i % 5)].push_back(entry);
    all.push_back(entry);
  }
  for (actors& shard : shards) std::sort(shard.begin(), shard.end(), before);
  std::sort(all.begin(), all.end(), before);
  for (const std::size_t page_max : {1U, 3U, 1000U}) {
    EXPECT_EQ(merge_all(shards, std::nullopt, 1000, page_max), all);
    EXPECT_EQ(merge_all(shards, std::nullopt, 7, page_max), actors(all.begin(), all.begin() + 7));
    EXPECT_EQ(merge_all(shards, all[99], 1000, page_max), actors(all.begin() + 100, all.end()));
  }
}

TEST(ShardMerge, FetchesLittleMoreThanThePage) {
  std::vector<actors> shards(10);
  for (int i = 0; i < 10'000; ++i) shards[static_cast<std::size_t>(i % 10)].push_back(due(i, "k"));
  std::size_t fetched = 0;
  EXPECT_EQ(merge_all(shards, std::nullopt, 1000, 1000, &fetched).size(), 1000U);
  EXPECT_LE(fetched, 10U * 208U);
}

TEST(ShardMerge, OfNothingIsEmpty) { EXPECT_TRUE(merge_all(std::vector<actors>(3), std::nullopt, 5, 5).empty()); }

}  // namespace
}  // namespace troupe::internal
