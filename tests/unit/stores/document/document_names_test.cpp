#include "stores/document/document_names.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

wall_time at_ms(std::int64_t milliseconds) { return wall_time(std::chrono::milliseconds(milliseconds)); }

TEST(DocumentNames, AreReadableAndReadBack) {
  EXPECT_EQ(document_name({"seller", "acme-1_x.y"}), "seller!acme-1_x.y");
  EXPECT_EQ(document_name({"a", std::string("\0~!/\xff", 5)}), "a!~00~7E~21~2F~FF");
  for (const std::string& key : {std::string("plain"), std::string("\0~!/\xff%#?", 8), std::string(512, '\xff')}) {
    EXPECT_EQ(actor_of_name(document_name({"seller", key})), (actor_id{"seller", key}));
  }
  for (const char* name : {"seller", "!store", "a!~", "a!~F", "a!~zz", "a!~ff"}) {
    EXPECT_EQ(actor_of_name(name), std::nullopt) << name;
  }
}

TEST(DocumentNames, FitIntoAKeyOfDynamoDb) {
  EXPECT_LE(document_name({std::string(64, 't'), std::string(512, '\xff')}).size(), 2048U);
}

TEST(DocumentNames, ShardsAreTheSameInEveryBuild) {
  EXPECT_EQ(shard_of({"seller", "acme"}, 64), 33U);
  EXPECT_EQ(shard_of({"seller", "acme"}, 16), 1U);
  std::vector<std::size_t> actors(16);
  for (int i = 0; i < 1600; ++i) ++actors[shard_of({"seller", std::to_string(i)}, 16)];
  EXPECT_GT(*std::min_element(actors.begin(), actors.end()), 50U);
}

TEST(DocumentNames, TimesSortAsBytes) {
  std::string before;
  for (const std::int64_t time : {std::int64_t{-9223372036854775807} - 1, std::int64_t{-5}, std::int64_t{0},
                                  std::int64_t{255}, std::int64_t{256}, std::int64_t{9223372036854775807}}) {
    const std::string bytes = sortable(at_ms(time));
    EXPECT_LT(before, bytes) << time;
    EXPECT_EQ(time_of_sortable(bytes), at_ms(time));
    before = bytes;
  }
  EXPECT_EQ(time_of_sortable("short"), std::nullopt);
}

TEST(DocumentNames, TellTextFromOtherBytes) {
  for (const char* text : {"", "a\x7f", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
                           "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  for (const char* bytes : {"\x80", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xed\xa0\x80",
                            "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xe2\x82"}) {
    EXPECT_FALSE(is_utf8(bytes));
  }
}

}  // namespace
}  // namespace troupe::internal
