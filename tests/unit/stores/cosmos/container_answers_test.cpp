#include "stores/cosmos/container_answers.hpp"

#include <gtest/gtest.h>

#include "stores/cosmos/container_requests.hpp"
#include "stores/document/document_reader.hpp"

namespace troupe::internal {
namespace {

http_response answer(unsigned status, std::vector<http_header> headers = {}) {
  return {status, std::move(headers), R"({"code":"Code","message":"why"})"};
}

TEST(ContainerAnswers, AreToldApart) {
  const auto kind = [](unsigned status) { return read_cosmos_answer(answer(status)).kind; };
  EXPECT_EQ(kind(200), cosmos_kind::done);
  EXPECT_EQ(kind(201), cosmos_kind::done);
  EXPECT_EQ(kind(204), cosmos_kind::done);
  EXPECT_EQ(kind(400), cosmos_kind::invalid);
  EXPECT_EQ(kind(401), cosmos_kind::refused);
  EXPECT_EQ(kind(404), cosmos_kind::missing);
  EXPECT_EQ(kind(408), cosmos_kind::server_fault);
  EXPECT_EQ(kind(409), cosmos_kind::exists);
  EXPECT_EQ(kind(412), cosmos_kind::superseded);
  EXPECT_EQ(kind(413), cosmos_kind::too_large);
  EXPECT_EQ(kind(429), cosmos_kind::throttled);
  EXPECT_EQ(kind(449), cosmos_kind::throttled);
  EXPECT_EQ(kind(500), cosmos_kind::server_fault);
  EXPECT_EQ(kind(503), cosmos_kind::server_fault);
  EXPECT_EQ(read_cosmos_answer(answer(404, {{"x-ms-substatus", "1003"}})).kind, cosmos_kind::no_container);
  EXPECT_EQ(read_cosmos_answer(answer(429, {{"x-ms-substatus", "3200"}})).message, "429/3200 Code: why");
}

TEST(ContainerAnswers, ThrottlingSaysHowLongToWait) {
  const auto verdict = cosmos_verdict(answer(429, {{"x-ms-retry-after-ms", "250"}}));
  EXPECT_TRUE(verdict.retry && !verdict.maybe_applied);
  EXPECT_EQ(verdict.wait_at_least, std::chrono::milliseconds(250));
  EXPECT_EQ(cosmos_verdict(answer(429, {{"x-ms-retry-after-ms", "soon"}})).wait_at_least, std::nullopt);
  EXPECT_TRUE(cosmos_verdict(answer(500)).maybe_applied);
  EXPECT_FALSE(cosmos_verdict(answer(412)).retry);
}

TEST(ContainerAnswers, DocumentIsReadWithItsTag) {
  http_response response = answer(200, {{"etag", "\"1\""}});
  response.body = R"({"id":"x","version":"3","writer":"7","cells":{"c":{"json":"1"}},"_etag":"other","_ts":5})";
  const auto fetch = read_cosmos_document(response, {"seller", "a"});
  EXPECT_EQ(fetch.status, fetch_status::found);
  EXPECT_EQ(fetch.held.tag, "\"1\"");
  EXPECT_EQ(fetch.held.content.actor.image.stamp, (spi::commit_stamp{3, 7}));
  response.headers.clear();
  EXPECT_EQ(read_cosmos_document(response, {"seller", "a"}).held.tag, "other");
  response.body = R"({"version":"3","writer":"7","cells":[]})";
  EXPECT_EQ(read_cosmos_document(response, {"seller", "a"}).status, fetch_status::damaged);
  EXPECT_EQ(read_cosmos_document(response, {"seller", "a"}).held.content.actor.image.stamp.version, 3U);
  response.body = "<html>";
  EXPECT_EQ(read_cosmos_document(response, {"seller", "a"}).status, fetch_status::damaged);
}

TEST(ContainerAnswers, PagesGoOnWhereThereIsAContinuation) {
  http_response response{200, {}, R"({"Documents":[{"listed":"seller!61ff"}],"_count":1})"};
  EXPECT_EQ(read_cosmos_names(response).entries.at(0).actor, (actor_id{"seller", "a\xff"}));
  EXPECT_FALSE(read_cosmos_names(response).more);
  response.headers.push_back({"x-ms-continuation", "token"});
  EXPECT_TRUE(read_cosmos_names(response).more);
  response.body = R"({"Documents":[{"listed":"seller"}]})";
  EXPECT_THROW(static_cast<void>(read_cosmos_names(response)), damaged_document);
  const spi::due_actor due{{"seller", "a"}, wall_time(std::chrono::milliseconds(-7))};
  response.body = R"({"Documents":[{"wake":")" + due_as(due) + R"("}]})";
  EXPECT_EQ(read_cosmos_due(response).entries.at(0), due);
  response.body = R"({"Documents":[{"wake":"80"}]})";
  EXPECT_THROW(static_cast<void>(read_cosmos_due(response)), damaged_document);
}

TEST(ContainerAnswers, ContainerIsUsedOnlyWithItsPartitionKeyAndFormat) {
  EXPECT_EQ(flaw_of_container({200, {}, R"({"partitionKey":{"paths":["/pk"]}})"}), "");
  EXPECT_NE(flaw_of_container({200, {}, R"({"partitionKey":{"paths":["/id"]}})"}), "");
  EXPECT_NE(flaw_of_container({200, {}, "{}"}), "");
  EXPECT_EQ(flaw_of_store({200, {}, create_store_document({"a", "b"}).http.body}), "");
  EXPECT_NE(flaw_of_store({200, {}, R"({"format":"2","shards":"64"})"}).find("format \"2\""), std::string::npos);
  EXPECT_NE(flaw_of_store({200, {}, R"({"format":"1","shards":"8"})"}).find("8 shards"), std::string::npos);
}

}  // namespace
}  // namespace troupe::internal
