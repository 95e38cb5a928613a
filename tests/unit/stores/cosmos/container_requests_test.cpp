#include "stores/cosmos/container_requests.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace troupe::internal {
namespace {

const container_name place{"shop", "market"};

wall_time at_ms(std::int64_t milliseconds) { return wall_time(std::chrono::milliseconds(milliseconds)); }

document small_document() {
  document content;
  content.actor.image.actor = {"seller", "ac\xff"};
  content.actor.image.stamp = {2, 11};
  content.actor.image.cells = {{.name = "stock", .json = "7"}};
  content.actor.due = at_ms(1000);
  return content;
}

std::string header(const cosmos_request& request, std::string_view name) {
  return std::string(http_response{200, request.http.headers, {}}.header(name));
}

TEST(ContainerRequests, ReplacementIsWhatTheFormatSays) {
  const auto request = put_document(place, small_document(), {true, {1, 11}, "\"tag\""}, std::chrono::seconds(60));
  EXPECT_EQ(request.http.method, "PUT");
  EXPECT_EQ(request.http.target, "/dbs/shop/colls/market/docs/seller%21ac~FF");
  EXPECT_EQ(request.resource.link, "dbs/shop/colls/market/docs/seller!ac~FF");
  EXPECT_EQ(header(request, "If-Match"), "\"tag\"");
  EXPECT_EQ(header(request, "x-ms-documentdb-partitionkey"), R"(["34"])");
  EXPECT_EQ(request.http.body,
            R"({"id":"seller!ac~FF","pk":"34","type":"seller","key":{"base64":"YWP/"},"listed":"seller!6163ff",)"
            R"("wake":"80000000000003e8!seller!6163ff","version":"2","writer":"11","due":"1000",)"
            R"("cells":{"stock":{"json":"7"}}})");
}

TEST(ContainerRequests, CreationExpectsThatNothingIsThere) {
  const auto request = put_document(place, small_document(), {}, std::chrono::seconds(60));
  EXPECT_EQ(request.http.method, "POST");
  EXPECT_EQ(request.http.target, "/dbs/shop/colls/market/docs");
  EXPECT_EQ(request.resource.link, "dbs/shop/colls/market");
  EXPECT_EQ(header(request, "If-Match"), "");
}

TEST(ContainerRequests, ErasedActorExpiresAndIsInNoIndex) {
  document content = small_document();
  content.erased = true;
  const auto body =
      nlohmann::json::parse(put_document(place, content, {true, {1, 11}, "t"}, std::chrono::seconds(60)).http.body);
  EXPECT_EQ(body["ttl"], 60);
  for (const char* name : {"listed", "wake", "cells"}) EXPECT_FALSE(body.contains(name)) << name;
}

TEST(ContainerRequests, LongNamesBecomeDigests) {
  const actor_id longest{"seller", std::string(512, '\xff')};
  const std::string id = document_id(longest);
  EXPECT_EQ(id.size(), 6U + 2U + 64U);
  EXPECT_TRUE(id.starts_with("seller!!"));
  EXPECT_NE(id, document_id({"seller", std::string(511, '\xff')}));
  EXPECT_EQ(document_id({"seller", std::string(248, 'k')}).size(), 255U);
  EXPECT_EQ(document_id({"seller", std::string(249, 'k')}).size(), 72U);
}

std::string parameter(const cosmos_request& request, std::size_t nth) {
  return nlohmann::json::parse(request.http.body)["parameters"][nth]["value"].get<std::string>();
}

TEST(ContainerRequests, NamesAreAskedForByRange) {
  const auto all = query_names(place, "5", {}, std::nullopt, 10, {});
  EXPECT_EQ(parameter(all, 0), "5");
  EXPECT_EQ(parameter(all, 1), "");
  EXPECT_EQ(parameter(all, 2), "~");
  EXPECT_EQ(header(all, "x-ms-max-item-count"), "10");
  EXPECT_EQ(header(all, "x-ms-continuation"), "");
  const auto some = query_names(place, "5", {"seller", "a", {}, 9}, actor_id{"seller", "ab"}, 10, "token");
  EXPECT_EQ(parameter(some, 1), "seller!6162 ");
  EXPECT_EQ(parameter(some, 2), "seller!61~");
  EXPECT_EQ(header(some, "x-ms-continuation"), "token");
  EXPECT_EQ(parameter(query_names(place, "5", {"seller", "a", {}, 9}, actor_id{"buyer", "z"}, 10, {}), 1), "seller!61");
  const auto prefix = query_names(place, "5", {"", "a", {}, 9}, std::nullopt, 10, {});
  EXPECT_EQ(parameter(prefix, 3), "!61");
}

TEST(ContainerRequests, OrderOfNamesIsTheOrderOfActors) {
  std::string last;
  for (const actor_id& actor :
       {actor_id{"a", "z"}, actor_id{"a-", "a"}, actor_id{"a.b", std::string(1, '\0')}, actor_id{"a.b", "a"},
        actor_id{"a.b", "a\xff"}, actor_id{"a.b", "b"}, actor_id{"a_", "a"}}) {
    const std::string name = listed_as(actor);
    EXPECT_LT(last, name);
    EXPECT_LT(last, last + " ");
    EXPECT_LT(due_as({actor, at_ms(-5)}), due_as({actor, at_ms(5)}));
    last = name;
  }
}

}  // namespace
}  // namespace troupe::internal
