#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/system_clock.hpp"
#include "integration/cloud/cloud_fixture.hpp"
#include "integration/cloud/long_logs.hpp"
#include "stores/dynamodb/table_backend.hpp"
#include "stores/http/http_client.hpp"
#include "support/dynalite_server.hpp"

// Which tables the DynamoDB store opens, and what it makes of items that others wrote.
namespace troupe::testing_support {
namespace {

using contract::birth;
using contract::store_client;
using internal::answer_kind;
using spi::commit_status;

dynalite_server& server() {
  static dynalite_server started;
  return started;
}

/// Sends an operation to the emulator as the store would, and returns the answer.
std::pair<answer_kind, std::string> raw(const std::string& operation, const std::string& body) {
  const auto clock = internal::make_system_clock();
  internal::http_client client({"127.0.0.1", std::to_string(server().port()), false, {}}, {}, clock);
  internal::table_caller caller(server().options("raw"),
                                internal::http_caller(client, clock, internal::make_system_entropy(), {}));
  const auto result = caller.blocking(operation, body);
  EXPECT_TRUE(result.response) << result.message;
  if (!result.response) return {answer_kind::server_fault, {}};
  return {internal::read_answer(*result.response).kind, result.response->body};
}

TEST(DynamodbTables, TableThatIsMissingIsNotMadeUnasked) {
  auto options = server().options("missing");
  options.create = false;
  const std::string said = refusal_of(errc::bad_state, [&] { return stores::dynamodb_store(options); });
  EXPECT_NE(said.find("missing"), std::string::npos) << said;
  EXPECT_NE(said.find("there is no such table"), std::string::npos) << said;
  EXPECT_EQ(said.find(options.credentials.secret_key), std::string::npos);
}

TEST(DynamodbTables, TableOfAnotherShapeIsRefused) {
  ASSERT_EQ(
      raw("CreateTable", R"({"TableName":"foreign","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"id",)"
                         R"("KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}]})")
          .first,
      answer_kind::done);
  const std::string said =
      refusal_of(errc::bad_state, [] { return stores::dynamodb_store(server().options("foreign")); });
  EXPECT_NE(said.find("no troupe table"), std::string::npos) << said;
}

TEST(DynamodbTables, NewerFormatIsRefused) {
  const auto options = server().options("newer");
  stores::dynamodb_store(options)->close();
  ASSERT_EQ(
      raw("UpdateItem", R"({"TableName":"newer","Key":{"actor":{"S":"!store"}},"UpdateExpression":"SET #f = :f",)"
                        R"("ExpressionAttributeNames":{"#f":"format"},"ExpressionAttributeValues":{":f":{"N":"2"}}})")
          .first,
      answer_kind::done);
  const std::string said = refusal_of(errc::bad_state, [&] { return stores::dynamodb_store(options); });
  EXPECT_NE(said.find("has format 2"), std::string::npos) << said;
}

TEST(DynamodbTables, ServerThatIsNotThereIsUnavailable) {
  auto options = server().options("market");
  options.port = free_port();
  options.answer_timeout = options.attempt_timeout = std::chrono::milliseconds(300);
  const std::string said = refusal_of(errc::unavailable, [&] { return stores::dynamodb_store(options); });
  EXPECT_NE(said.find("127.0.0.1:" + std::to_string(options.port)), std::string::npos) << said;
  EXPECT_NE(said.find("cannot be reached"), std::string::npos) << said;
}

TEST(DynamodbTables, CertificateThatNobodyTrustsIsRefused) {
  const dynalite_server secured("IP:127.0.0.1");
  auto options = secured.options("market");
  options.answer_timeout = options.attempt_timeout = std::chrono::milliseconds(1000);
  const std::string said = refusal_of(errc::unavailable, [&] { return stores::dynamodb_store(options); });
  EXPECT_NE(said.find("certificate verify failed"), std::string::npos) << said;
  options.ca_file = secured.certificate();
  const auto store = stores::dynamodb_store(options);
  EXPECT_EQ(store_client(store).status_of(birth(acme)), commit_status::committed);
  store->close();
  options.ca_file = "/no/such/file";
  EXPECT_NE(refusal_of(errc::invalid_argument, [&] { return stores::dynamodb_store(options); }).find("/no/such/file"),
            std::string::npos);
}

TEST(DynamodbTables, CertificateOfAnotherServerIsRefused) {
  const dynalite_server secured("DNS:dynamodb.example");
  auto options = secured.options("market");
  options.answer_timeout = options.attempt_timeout = std::chrono::milliseconds(1000);
  options.ca_file = secured.certificate();
  const std::string said = refusal_of(errc::unavailable, [&] { return stores::dynamodb_store(options); });
  EXPECT_NE(said.find("certificate verify failed"), std::string::npos) << said;
}

TEST(DynamodbTables, DamagedItemConcernsItsActorAlone) {
  const auto store = stores::dynamodb_store(server().options("damaged"));
  const store_client client(store);
  const actor_id bolt{"seller", "bolt"};
  ASSERT_EQ(client.status_of(birth(acme)), commit_status::committed);
  ASSERT_EQ(client.status_of(birth(bolt)), commit_status::committed);
  ASSERT_EQ(raw("UpdateItem", R"({"TableName":"damaged","Key":{"actor":{"S":"seller!acme"}},"UpdateExpression":)"
                              R"("SET cells = :c","ExpressionAttributeValues":{":c":{"S":"[]"}}})")
                .first,
            answer_kind::done);
  const auto loaded = client.load(acme);
  EXPECT_EQ(loaded.status, spi::read_status::damaged);
  for (const char* words : {"seller!acme", "damaged", "\"cells\""}) {
    EXPECT_NE(loaded.message.find(words), std::string::npos) << loaded.message;
  }
  EXPECT_EQ(client.load(bolt).status, spi::read_status::ok);
  const auto listed = client.list({});
  EXPECT_EQ(listed.status, spi::read_status::damaged);
  ASSERT_EQ(listed.actors.size(), 2U);
  EXPECT_EQ(listed.actors[0].stamp.version, 0U);
  EXPECT_EQ(listed.actors[1].stamp.version, 1U);
  // What is remembered of it still fits, and puts it right; another process has to erase it.
  const auto other = stores::dynamodb_store(server().options("damaged"));
  const store_client second(other);
  EXPECT_EQ(second.status_of(contract::turn(acme, {1, 11}, {2, 12})), commit_status::rejected);
  EXPECT_EQ(second.status_of(contract::erasure(acme, {1, 11}, {2, 12})), commit_status::committed);
  EXPECT_EQ(client.load(acme).image.stamp.version, 0U);
  other->close();
  store->close();
}

std::size_t items_in(const std::string& table) {
  return nlohmann::json::parse(raw("Scan", R"({"TableName":")" + table + "\"}").second)["Items"].size();
}

TEST(DynamodbTables, LongLogsAreInItemsOfTheirOwn) {
  const auto one = stores::dynamodb_store(server().options("logs"));
  const auto two = stores::dynamodb_store(server().options("logs"));
  expect_long_logs(one, two);
  one->close();
  // The store's item, the actor's, and the chunks of the entries 150 to 192.
  EXPECT_EQ(items_in("logs"), 2U + 2U);
  EXPECT_EQ(store_client(two).status_of(contract::erasure(acme, {201, 11}, {202, 11})), commit_status::committed);
  EXPECT_TRUE(store_client(two).read_log({.actor = acme, .log = "sales"}).entries.empty());
  two->close();
  EXPECT_EQ(items_in("logs"), 2U);
}

TEST(DynamodbTables, ChunkThatIsMissingIsDamage) {
  const auto store = stores::dynamodb_store(server().options("chunks"));
  const store_client client(store);
  for (std::uint64_t n = 1; n <= 40; ++n) ASSERT_EQ(client.status_of(nth_sale(n)), commit_status::committed);
  ASSERT_EQ(raw("DeleteItem", R"({"TableName":"chunks","Key":{"actor":{"S":"seller!acme!1.11!sales!1"}}})").first,
            answer_kind::done);
  const auto read = client.read_log({.actor = acme, .log = "sales"});
  EXPECT_EQ(read.status, spi::read_status::damaged);
  EXPECT_NE(read.message.find("seller!acme!1.11!sales!1"), std::string::npos) << read.message;
  EXPECT_EQ(client.read_log({.actor = acme, .log = "sales", .from = 33}).entries, sales(33, 41));
  store->close();
}

TEST(DynamodbTables, TypesOfAllProcessesAreListed) {
  const auto one = stores::dynamodb_store(server().options("types"));
  const auto two = stores::dynamodb_store(server().options("types"));
  ASSERT_EQ(store_client(one).status_of(birth({"buyer", "a"})), commit_status::committed);
  ASSERT_EQ(store_client(two).status_of(birth({"seller", "b"})), commit_status::committed);
  EXPECT_EQ(store_client(one).list({}).actors.size(), 2U);
  one->close();
  two->close();
}

TEST(DynaliteEmulator, DoesNotKnowExpiry) {
  stores::dynamodb_store(server().options("expiry"))->close();
  EXPECT_EQ(raw("UpdateTimeToLive", R"({"TableName":"expiry"})").first, answer_kind::unknown_operation);
}

}  // namespace
}  // namespace troupe::testing_support
