#include "stores/dynamodb/table_answers.hpp"

#include <gtest/gtest.h>

#include "stores/document/document_names.hpp"
#include "stores/document/document_reader.hpp"
#include "stores/dynamodb/table_requests.hpp"
#include "stores/http/digest.hpp"

namespace troupe::internal {
namespace {

http_response answer(unsigned status, const std::string& exception) {
  return {status, {}, R"({"__type":"com.amazonaws.dynamodb.v20120810#)" + exception + R"(","message":"why"})"};
}

TEST(TableAnswers, AreToldApart) {
  const auto kind = [](unsigned status, const std::string& exception) {
    return read_answer(answer(status, exception)).kind;
  };
  EXPECT_EQ(kind(400, "ConditionalCheckFailedException"), answer_kind::condition_failed);
  EXPECT_EQ(kind(400, "ProvisionedThroughputExceededException"), answer_kind::throttled);
  EXPECT_EQ(kind(400, "ThrottlingException"), answer_kind::throttled);
  EXPECT_EQ(kind(400, "RequestLimitExceeded"), answer_kind::throttled);
  EXPECT_EQ(kind(500, "InternalServerError"), answer_kind::server_fault);
  EXPECT_EQ(kind(503, ""), answer_kind::server_fault);
  EXPECT_EQ(kind(400, "ResourceNotFoundException"), answer_kind::missing);
  EXPECT_EQ(kind(400, "UnrecognizedClientException"), answer_kind::refused);
  EXPECT_EQ(kind(400, "InvalidSignatureException"), answer_kind::refused);
  EXPECT_EQ(kind(400, "ValidationException"), answer_kind::invalid);
  EXPECT_EQ(read_answer({200, {}, "{}"}).kind, answer_kind::done);
  EXPECT_EQ(read_answer({502, {}, "<html>"}).kind, answer_kind::server_fault);
  EXPECT_EQ(read_answer(answer(400, "ValidationException")).message, "400 ValidationException: why");
}

TEST(TableAnswers, ThrottledIsRepeatedWithoutDoubtAndAFaultWithDoubt) {
  const auto throttled = verdict_on(answer(400, "ThrottlingException"));
  EXPECT_TRUE(throttled.retry && !throttled.maybe_applied);
  const auto fault = verdict_on(answer(500, "InternalServerError"));
  EXPECT_TRUE(fault.retry && fault.maybe_applied);
  for (const char* exception : {"ConditionalCheckFailedException", "ValidationException", "AccessDeniedException"}) {
    EXPECT_FALSE(verdict_on(answer(400, exception)).retry) << exception;
  }
}

TEST(TableAnswers, ReadGivesItemsAndWhatWasPutOff) {
  const auto read = read_batch(
      R"({"Responses":{"t":[{"actor":{"S":"seller!a~FF"},"version":{"N":"3"},"writer":{"N":"7"},"cells":{"M":{"c":)"
      R"({"M":{"json":{"B":"Ij8i"}}}}}},{"actor":{"S":"seller!bad"},"version":{"N":"3"}}]},)"
      R"("UnprocessedKeys":{"t":{"Keys":[{"actor":{"S":"seller!later"}}]}}})",
      "t");
  ASSERT_EQ(read.items.size(), 2U);
  EXPECT_EQ(read.items[0].first, "seller!a~FF");
  EXPECT_EQ(read.items[0].second.status, fetch_status::found);
  EXPECT_EQ(read.items[0].second.held.content.actor.image.actor, (actor_id{"seller", "a\xff"}));
  EXPECT_EQ(read.items[0].second.held.content.actor.image.cells.at(0).json, "\"?\"");
  EXPECT_EQ(read.items[1].second.status, fetch_status::damaged);
  EXPECT_NE(read.items[1].second.message.find("\"writer\""), std::string::npos);
  EXPECT_EQ(read.unprocessed, (std::vector<std::string>{"seller!later"}));
  EXPECT_THROW(static_cast<void>(read_batch("<html>", "t")), damaged_document);
  EXPECT_THROW(static_cast<void>(read_batch(R"({"Responses":{"t":[{}]}})", "t")), damaged_document);
}

TEST(TableAnswers, PagesOfNamesEndWithTheirPrefix) {
  const std::string item = R"({"actor":{"S":"x"},"type":{"S":"seller"},"key":{"B":")";
  const std::string body =
      "{\"Items\":[" + item + to_base64("ab") + "\"}}," + item + to_base64("ac") + R"("}}],"LastEvaluatedKey":{}})";
  const auto page = read_names(body, "ab");
  ASSERT_EQ(page.entries.size(), 1U);
  EXPECT_EQ(page.entries[0].actor, (actor_id{"seller", "ab"}));
  EXPECT_FALSE(page.more);
  EXPECT_TRUE(read_names(body, "a").more);
}

TEST(TableAnswers, DueActorsAreReadFromTheirOrder) {
  const wall_time due(std::chrono::milliseconds(-5));
  const auto body = [](const std::string& order) {
    return R"({"Items":[{"due_order":{"B":")" + to_base64(order) + R"("}}]})";
  };
  const auto page = read_due(body(sortable(due) + std::string("a\0b\0c", 5)));
  ASSERT_EQ(page.entries.size(), 1U);
  EXPECT_EQ(page.entries[0], (spi::due_actor{{"a", std::string("b\0c", 3)}, due}));
  EXPECT_FALSE(page.more);
  EXPECT_THROW(static_cast<void>(read_due(body("short"))), damaged_document);
  EXPECT_THROW(static_cast<void>(read_due(body(sortable(due) + "a"))), damaged_document);
}

TEST(TableAnswers, TableIsUsedOnlyWithItsKeyAndItsIndexes) {
  const std::string key = R"("KeySchema":[{"AttributeName":"actor","KeyType":"HASH"}])";
  const auto index = [](const std::string& name, const std::string& hash, const std::string& range,
                        const std::string& status) {
    return R"({"IndexName":")" + name + R"(","IndexStatus":")" + status + R"(","KeySchema":[{"AttributeName":")" +
           hash + R"("},{"AttributeName":")" + range + R"("}]})";
  };
  const auto table = [](const std::string& schema, const std::string& indexes) {
    return R"({"Table":{"TableStatus":"ACTIVE",)" + schema + R"(,"GlobalSecondaryIndexes":[)" + indexes + "]}}";
  };
  const std::string by_type = index("by_type", "type", "key", "ACTIVE");
  const std::string by_due = index("by_due", "due_shard", "due_order", "ACTIVE");
  const auto good = read_description(table(key, by_type + "," + by_due));
  EXPECT_TRUE(good.flaw.empty() && good.ready) << good.flaw;
  EXPECT_NE(read_description(table(key, by_type)).flaw.find("by_due"), std::string::npos);
  EXPECT_NE(read_description(table(key, by_due)).flaw.find("by_type"), std::string::npos);
  EXPECT_FALSE(read_description(table(R"("KeySchema":[])", by_type + "," + by_due)).flaw.empty());
  EXPECT_FALSE(
      read_description(table(key, by_type + "," + index("by_due", "due_shard", "due_order", "CREATING"))).ready);
}

TEST(TableAnswers, StoreItemTellsFormatAndTypes) {
  const auto facts = read_store_item(R"({"Item":{"format":{"N":"7"},"types":{"SS":["b","a"]}}})");
  EXPECT_EQ(facts.format, 7U);
  EXPECT_EQ(facts.types, (std::set<std::string>{"a", "b"}));
  EXPECT_EQ(read_store_item(R"({"Attributes":{"format":{"N":"1"}}})").format, 1U);
  EXPECT_TRUE(read_store_item("{}").types.empty());
}

}  // namespace
}  // namespace troupe::internal
