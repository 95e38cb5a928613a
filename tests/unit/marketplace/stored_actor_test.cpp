#include "reports/stored_actor.hpp"

#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace marketplace {
namespace {

using testing::AllOf;
using testing::HasSubstr;

troupe::spi::actor_image image_of(const std::string& key, std::uint32_t schema, const std::string& account_json) {
  troupe::spi::actor_image image;
  image.actor = {"seller", key};
  image.cells = {{"account", schema, account_json}, {"bookmark", 1, R"({"last_line": 7})"}};
  return image;
}

std::string refusal_of(const troupe::spi::actor_image& image) {
  try {
    static_cast<void>(account_of(image));
  } catch (const std::runtime_error& failure) {
    return failure.what();
  }
  return "read";
}

TEST(StoredActor, IsATraderByItsType) {
  EXPECT_TRUE(is_trader({"buyer", "17850"}));
  EXPECT_TRUE(is_trader({"seller", "85123A"}));
  EXPECT_FALSE(is_trader({"invoice_file", "replayed"}));
}

TEST(StoredActor, HasItsAccount) {
  const account held = account_of(
      image_of("85123A", 2, R"({"units": 6, "pence": 1530, "units_before": 2, "has_whole_history": false})"));
  EXPECT_EQ(held.units, 6);
  EXPECT_EQ(held.pence, 1530);
  EXPECT_EQ(held.units_before, 2);
  EXPECT_FALSE(held.has_whole_history);
}

TEST(StoredActor, OfAnOlderProgramHasBookedEverythingBeforeItsHistory) {
  const account held = account_of(image_of("85123A", 1, R"({"units": 6, "pence": 1530})"));
  EXPECT_EQ(held.units, 6);
  EXPECT_EQ(held.units_before, 6);
  EXPECT_EQ(held.pence_before, 1530);
  EXPECT_FALSE(held.has_whole_history);
}

TEST(StoredActor, WithoutAccountHasZeroes) {
  troupe::spi::actor_image image;
  image.actor = {"seller", "seller-1"};
  EXPECT_EQ(account_of(image).units, 0);
  EXPECT_TRUE(account_of(image).has_whole_history);
}

TEST(StoredActor, ThatCannotBeReadIsNamed) {
  for (const char* json : {"{", R"({"units": "many"})"}) {
    EXPECT_THAT(refusal_of(image_of("85123A", 1, json)), HasSubstr("seller/85123A"));
    EXPECT_THAT(refusal_of(image_of("85123A", 2, json)), HasSubstr("seller/85123A"));
  }
  EXPECT_THAT(refusal_of(image_of("a\xff", 2, "{")), HasSubstr("seller/a\\xff"));
}

TEST(StoredActor, OfANewerProgramIsRefused) {
  EXPECT_THAT(refusal_of(image_of("85123A", 3, "{}")), AllOf(HasSubstr("seller/85123A"), HasSubstr("version 3")));
}

TEST(StoredActor, HasItsHistoryAmongItsLogs) {
  troupe::spi::actor_image image = image_of("85123A", 2, "{}");
  EXPECT_EQ(history_of(image).next, 1U) << "one without a history has an empty one";
  image.logs = {{.name = "archive", .first = 1, .next = 9}, {.name = "history", .first = 3, .next = 5}};
  EXPECT_EQ(history_of(image).first, 3U);
  EXPECT_EQ(history_of(image).next, 5U);
}

TEST(StoredActor, HasItsTrades) {
  const troupe::actor_id actor{"buyer", "17850"};
  const trade made =
      trade_of(actor, {.sequence = 7, .json = R"({"deal": "536365/line-2", "with": "85123A", "units": 6})"});
  EXPECT_EQ(made.deal, "536365/line-2");
  EXPECT_EQ(made.with, "85123A");
  EXPECT_EQ(made.units, 6);
  try {
    static_cast<void>(trade_of(actor, {.sequence = 7, .json = "[]"}));
    ADD_FAILURE() << "read";
  } catch (const std::runtime_error& failure) {
    EXPECT_THAT(failure.what(), AllOf(HasSubstr("entry 7"), HasSubstr("buyer/17850")));
  }
}

}  // namespace
}  // namespace marketplace
