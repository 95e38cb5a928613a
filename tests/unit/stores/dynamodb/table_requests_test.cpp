#include "stores/dynamodb/table_requests.hpp"

#include <array>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "stores/document/document_names.hpp"
#include "stores/http/digest.hpp"

namespace troupe::internal {
namespace {

wall_time at_ms(std::int64_t milliseconds) { return wall_time(std::chrono::milliseconds(milliseconds)); }

document small_document() {
  document content;
  content.actor.image.actor = {"seller", "acme"};
  content.actor.image.stamp = {2, 11};
  content.actor.image.cells = {{.name = "stock", .json = "7"}};
  content.actor.due = at_ms(1000);
  return content;
}

TEST(TableRequests, PutIsWhatTheFormatSays) {
  const auto request = put_item("market", small_document(), {true, {1, 11}, {}}, at_ms(0));
  EXPECT_EQ(request.body,
            R"({"TableName":"market","Item":{"actor":{"S":"seller!acme"},"type":{"S":"seller"},"key":{"B":"YWNtZQ=="},)"
            R"("due_shard":{"N":"1"},"due_order":{"B":"gAAAAAAAA+hzZWxsZXIAYWNtZQ=="},"version":{"N":"2"},)"
            R"("writer":{"N":"11"},"due":{"N":"1000"},"cells":{"M":{"stock":{"M":{"json":{"S":"7"}}}}}},)"
            R"("ConditionExpression":"#v = :v AND #w = :w","ExpressionAttributeNames":{"#v":"version","#w":"writer"},)"
            R"("ExpressionAttributeValues":{":v":{"N":"1"},":w":{"N":"11"}}})");
  // 5+11 type 4+6 key 3+4 due_shard 9+2 due_order 9+19 version 7+2 writer 6+2 due 3+3 cells 5+3+1 stock 5+3+1 json 4+1.
  EXPECT_EQ(request.item_bytes, 118U);
}

TEST(TableRequests, FirstPutExpectsThatNothingIsThere) {
  const auto request = put_item("market", small_document(), {}, at_ms(0));
  EXPECT_EQ(nlohmann::json::parse(request.body)["ConditionExpression"], "attribute_not_exists(#a)");
  EXPECT_EQ(nlohmann::json::parse(request.body)["ExpressionAttributeNames"]["#a"], "actor");
}

TEST(TableRequests, ErasedActorExpiresAndIsInNoIndex) {
  document content = small_document();
  content.erased = true;
  const auto item = nlohmann::json::parse(put_item("market", content, {true, {1, 11}, {}}, at_ms(12345)).body)["Item"];
  EXPECT_EQ(item["expires"]["N"], "12");
  for (const char* name : {"type", "key", "due_shard", "due_order", "cells"}) EXPECT_FALSE(item.contains(name)) << name;
}

TEST(TableRequests, ActorThatIsNotDueIsInNoIndexOfDueTimes) {
  document content = small_document();
  content.actor.due.reset();
  EXPECT_EQ(put_item("market", content, {}, at_ms(0)).body.find("due"), std::string::npos);
}

TEST(TableRequests, HostileNamesStayInsideTheirStrings) {
  const std::array<std::string, 2> names{document_name({"a", "\"}],"}), "b!x"};
  const auto keys = nlohmann::json::parse(batch_get("market", names))["RequestItems"]["market"]["Keys"];
  EXPECT_EQ(keys.dump(), R"([{"actor":{"S":"a!~22~7D~5D~2C"}},{"actor":{"S":"b!x"}}])");
  EXPECT_EQ(nlohmann::json::parse(batch_get("market", names))["RequestItems"]["market"]["ConsistentRead"], true);
}

std::string bound(const std::string& body, const char* name) {
  return *from_base64(nlohmann::json::parse(body)["ExpressionAttributeValues"][name]["B"].get<std::string>());
}

TEST(TableRequests, NamesAreAskedForByRange) {
  const auto all = query_names("market", "seller", "", std::nullopt, 5);
  ASSERT_TRUE(all);
  EXPECT_EQ(bound(*all, ":l"), std::string(1, '\0'));
  EXPECT_EQ(bound(*all, ":h"), std::string(513, '\xff'));
  const auto some = query_names("market", "seller", "ab", actor_id{"seller", "abc"}, 5);
  ASSERT_TRUE(some);
  EXPECT_EQ(bound(*some, ":l"), std::string("abc\0", 4));
  EXPECT_EQ(bound(*some, ":h"), "ac");
  EXPECT_EQ(bound(*query_names("market", "seller", "ab", actor_id{"buyer", "z"}, 5), ":l"), "ab");
  EXPECT_EQ(query_names("market", "seller", "", actor_id{"store", "a"}, 5), std::nullopt);
  EXPECT_EQ(query_names("market", "seller", "ab", actor_id{"seller", "b"}, 5), std::nullopt);
}

TEST(TableRequests, DueActorsAreAskedForByRange) {
  const auto first = query_due("market", "3", at_ms(1000), std::nullopt, 5);
  EXPECT_EQ(bound(first, ":l"), std::string(1, '\0'));
  EXPECT_EQ(bound(first, ":h"), sortable(at_ms(1000)) + "\xff");
  const auto next = query_due("market", "3", at_ms(1000), spi::due_actor{{"a", "b"}, at_ms(7)}, 5);
  EXPECT_EQ(bound(next, ":l"), sortable(at_ms(7)) + std::string("a\0b\0", 4));
  // DynamoDB refuses a range that ends before it begins.
  const auto empty = query_due("market", "3", at_ms(5), spi::due_actor{{"a", "b"}, at_ms(7)}, 5);
  EXPECT_LE(bound(empty, ":l"), bound(empty, ":h"));
}

TEST(TableRequests, AreJson) {
  for (const std::string& body :
       {update_store_item("t", ""), update_store_item("t", "seller"), get_store_item("t"), describe_table("t"),
        create_table("t"), enable_expiry("t"), query_due("t", "0", at_ms(0), std::nullopt, 1)}) {
    EXPECT_TRUE(nlohmann::json::accept(body)) << body;
  }
}

}  // namespace
}  // namespace troupe::internal
