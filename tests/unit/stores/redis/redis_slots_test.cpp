#include "stores/redis/redis_slots.hpp"

#include <gtest/gtest.h>

#include "unit/stores/redis/replies.hpp"

namespace troupe::internal {
namespace {

redis_reply list(std::vector<redis_reply> items) { return {redis_reply::kind::list, {}, 0, std::move(items)}; }

redis_reply range(long long first, long long last, std::string_view host, long long port) {
  return list({number(first), number(last), list({text(host), number(port), text("id")}),
               list({text("replica"), number(1), text("id")})});
}

TEST(RedisSlots, KnowNothingAtFirst) { EXPECT_EQ(redis_slots().find(5), nullptr); }

TEST(RedisSlots, AreReadFromTheClustersAnswer) {
  redis_slots slots;
  ASSERT_TRUE(slots.take(list({range(0, 99, "a", 1), range(100, 199, "b", 2), range(16383, 16383, "a", 1)}), "asked"));
  EXPECT_EQ(*slots.find(0), (redis_address{"a", 1}));
  EXPECT_EQ(*slots.find(99), (redis_address{"a", 1}));
  EXPECT_EQ(*slots.find(100), (redis_address{"b", 2}));
  EXPECT_EQ(*slots.find(16383), (redis_address{"a", 1}));
  EXPECT_EQ(slots.find(200), nullptr);
}

TEST(RedisSlots, HostThatTheClusterDoesNotNameIsTheOneAsked) {
  redis_slots slots;
  ASSERT_TRUE(slots.take(list({range(0, 1, "", 7), range(2, 3, "?", 8)}), "asked"));
  EXPECT_EQ(*slots.find(0), (redis_address{"asked", 7}));
  EXPECT_EQ(*slots.find(2), (redis_address{"asked", 8}));
}

TEST(RedisSlots, ForgetWhatAnswersBeforeSaid) {
  redis_slots slots;
  slots.set(500, {"old", 1});
  EXPECT_EQ(*slots.find(500), (redis_address{"old", 1}));
  ASSERT_TRUE(slots.take(list({range(0, 1, "new", 7)}), ""));
  EXPECT_EQ(slots.find(500), nullptr);
}

TEST(RedisSlots, StayAsTheyAreWhenTheAnswerCannotBeRead) {
  redis_slots slots;
  slots.set(1, {"kept", 1});
  EXPECT_FALSE(slots.take(list({}), ""));
  EXPECT_FALSE(slots.take(text("what"), ""));
  EXPECT_FALSE(slots.take(list({list({number(1), number(2)})}), ""));
  EXPECT_FALSE(slots.take(list({range(5, 4, "a", 1)}), ""));
  EXPECT_FALSE(slots.take(list({range(0, 16384, "a", 1)}), ""));
  EXPECT_FALSE(slots.take(list({range(-1, 1, "a", 1)}), ""));
  EXPECT_FALSE(slots.take(list({range(0, 1, "a", 65536)}), ""));
  EXPECT_EQ(*slots.find(1), (redis_address{"kept", 1}));
}

}  // namespace
}  // namespace troupe::internal
