#include "stores/redis/redis_layout.hpp"

#include <limits>
#include <set>

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

using namespace std::string_literals;

// Keys are stored: whatever changes one of these needs a new format.
TEST(RedisLayout, KeysAreThoseOfTheFormat) {
  const redis_layout layout("shop");
  EXPECT_EQ(redis_shard_of({"seller", "acme"}), 52U);
  EXPECT_EQ(redis_shard_of({"seller", "cask"}), 60U);
  EXPECT_EQ(redis_shard_of({"buyer", "\0\xff"s}), 6U);
  EXPECT_EQ(layout.actor_key({"seller", "acme"}), "shop:{52}:a:seller/acme");
  EXPECT_EQ(layout.due_key(7), "shop:{7}:due");
  EXPECT_EQ(layout.index_key(7), "shop:{7}:index");
  EXPECT_EQ(layout.erased_key(7), "shop:{7}:erased");
  EXPECT_EQ(layout.log_key({"seller", "acme"}, "sales"), "shop:{52}:g:seller/acme/sales");
  EXPECT_EQ(layout.item_values_key({"seller", "acme"}), "shop:{52}:i:seller/acme");
  EXPECT_EQ(layout.item_names_key({"seller", "acme"}), "shop:{52}:n:seller/acme");
  EXPECT_EQ(layout.lease_key(7, "east"), "shop:{7}:lease:east");
  EXPECT_EQ(layout.format_key(), "shop:format");
  EXPECT_EQ(redis_format, 1U);
}

TEST(RedisLayout, ActorsSpreadOverAllShards) {
  std::vector<unsigned> sizes(redis_shard_count);
  for (int i = 0; i < 6400; ++i) ++sizes[redis_shard_of({"seller", std::to_string(i)})];
  for (const unsigned size : sizes) {
    EXPECT_GT(size, 40U);
    EXPECT_LT(size, 200U);
  }
}

TEST(RedisLayout, KeysOfAShardShareTheirSlot) {
  const redis_layout layout("shop");
  const actor_id actor{"seller", "x}{y"};
  const unsigned shard = redis_shard_of(actor);
  for (const std::string& key :
       {layout.actor_key(actor), layout.due_key(shard), layout.index_key(shard), layout.erased_key(shard)}) {
    EXPECT_EQ(redis_slot_of(key), layout.slot_of(shard)) << key;
  }
}

// Source: the Redis Cluster specification, and CLUSTER KEYSLOT.
TEST(RedisLayout, SlotsAreThoseOfTheSpecification) {
  EXPECT_EQ(redis_slot_of("123456789"), 0x31c3U);
  EXPECT_EQ(redis_slot_of("foo"), 12182U);
  EXPECT_EQ(redis_slot_of("{user1000}.following"), redis_slot_of("{user1000}.followers"));
  EXPECT_EQ(redis_slot_of("foo{bar}{zap}"), redis_slot_of("bar"));
  EXPECT_NE(redis_slot_of("foo{}{bar}"), redis_slot_of("bar"));
}

TEST(RedisLayout, MembersSortAsActorsDo) {
  const std::vector<actor_id> sorted{{"a", "\xff"},   {"a-b", "0"}, {"ab", "\0"s},
                                     {"ab", "\0\0"s}, {"ab", "b"},  {"b", "0"}};
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    EXPECT_EQ(redis_actor_of(redis_member_of(sorted[i])), sorted[i]);
    if (i > 0) {
      EXPECT_LT(redis_member_of(sorted[i - 1]), redis_member_of(sorted[i]));
    }
  }
  for (const std::string& member : {""s, "a"s, "\0a"s, "a\0"s}) EXPECT_FALSE(redis_actor_of(member));
}

TEST(RedisLayout, RangeOfAListBeginsAndEndsWhereTheQuerySays) {
  const auto range = [](spi::list_query query) {
    const auto found = redis_range_of(query);
    return found ? found->from + " " + found->to : "none";
  };
  EXPECT_EQ(range({}), "- +");
  EXPECT_EQ(range({"seller", "", std::nullopt, 1}), "[seller\0 (seller\x01"s);
  EXPECT_EQ(range({"seller", "a\xff", std::nullopt, 1}), "[seller\0a\xff (seller\0b"s);
  EXPECT_EQ(range({"seller", "a", actor_id{"seller", "ab"}, 1}), "(seller\0ab (seller\0b"s);
  EXPECT_EQ(range({"seller", "b", actor_id{"seller", "a"}, 1}), "[seller\0b (seller\0c"s);
  EXPECT_EQ(range({"seller", "a", actor_id{"seller", "b"}, 1}), "none");
  EXPECT_EQ(range({"", "", actor_id{"seller", "b"}, 1}), "(seller\0b +"s);
}

TEST(RedisLayout, DueTimesAreScores) {
  EXPECT_EQ(redis_score_of(wall_time(std::chrono::milliseconds(-5))), -5);
  EXPECT_EQ(redis_score_of(wall_time::max()), std::int64_t{1} << 53U);
  EXPECT_EQ(redis_score_of(wall_time::min()), -(std::int64_t{1} << 53U));
  EXPECT_EQ(redis_time_of("1700000000123"), wall_time(std::chrono::milliseconds(1700000000123)));
  EXPECT_EQ(redis_time_of("-5"), wall_time(std::chrono::milliseconds(-5)));
  EXPECT_EQ(redis_time_of("9.007199254740992e+15"), wall_time(std::chrono::milliseconds(std::int64_t{1} << 53U)));
  EXPECT_EQ(redis_time_of("inf"), wall_time(std::chrono::milliseconds(std::int64_t{1} << 53U)));
  for (const std::string text : {"", "nan", "5x", "soon"}) EXPECT_FALSE(redis_time_of(text)) << text;
}

}  // namespace
}  // namespace troupe::internal
