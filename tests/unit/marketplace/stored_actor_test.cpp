#include "reports/stored_actor.hpp"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace marketplace {
namespace {

troupe::spi::actor_image image_of(const std::string& type, const std::string& key, const std::string& account_json) {
  troupe::spi::actor_image image;
  image.actor = {type, key};
  image.cells = {{"account", 1, account_json}, {"bookmark", 1, R"({"last_line": 7})"}};
  return image;
}

TEST(StoredActor, IsAddedByTypeAndKey) {
  audit_report report;
  add_stored_actor(report, image_of("buyer", "17850", R"({"units": 6, "pence": 1530})"));
  add_stored_actor(report, image_of("seller", "85123A", R"({"units": 6, "pence": 1530})"));
  EXPECT_EQ(report.by_buyer.at("17850").units, 6);
  EXPECT_EQ(report.by_seller.at("85123A").pence, 1530);
  EXPECT_TRUE(report.balances());
}

TEST(StoredActor, OfAnotherTypeIsPassedOver) {
  audit_report report;
  add_stored_actor(report, image_of("invoice_file", "replayed", "{}"));
  EXPECT_TRUE(report.by_buyer.empty());
  EXPECT_TRUE(report.by_seller.empty());
}

TEST(StoredActor, WithoutAccountHasZeroes) {
  audit_report report;
  troupe::spi::actor_image image;
  image.actor = {"seller", "seller-1"};
  add_stored_actor(report, image);
  EXPECT_EQ(report.by_seller.at("seller-1").units, 0);
}

TEST(StoredActor, ThatCannotBeReadIsNamed) {
  audit_report report;
  for (const char* json : {"{", R"({"units": "many"})"}) {
    try {
      add_stored_actor(report, image_of("seller", "85123A", json));
      ADD_FAILURE() << "read " << json;
    } catch (const std::runtime_error& failure) {
      EXPECT_THAT(failure.what(), testing::HasSubstr("seller/85123A"));
    }
  }
  EXPECT_TRUE(report.by_seller.empty());
}

}  // namespace
}  // namespace marketplace
