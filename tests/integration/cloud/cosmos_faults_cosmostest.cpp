#include <gtest/gtest.h>

#include "base/system_clock.hpp"
#include "integration/cloud/cloud_fixture.hpp"
#include "integration/cloud/long_logs.hpp"
#include "stores/cosmos/container_backend.hpp"
#include "stores/http/digest.hpp"
#include "stores/http/http_client.hpp"
#include "support/cosmos_server.hpp"

// What the Cosmos DB store makes of throttling, lost answers and foreign containers.
namespace troupe::testing_support {
namespace {

using contract::birth;
using contract::store_client;
using contract::turn;
using end = fate::end;
using internal::cosmos_kind;
using spi::commit_status;

const std::string create = "POST /dbs/troupe/colls/";
const std::string replace = "PUT /dbs/troupe/colls/";
const std::string get = "GET /dbs/troupe/colls/";

cosmos_server& server() {
  static cosmos_server started;
  return started;
}

fate refusal(int status, const std::string& headers = {}) {
  return {end::answer, http_answer(status, R"({"code":"Said","message":"as the test wants it"})", headers)};
}

class CosmosFaults : public testing::Test {
 protected:
  CosmosFaults() {
    auto options = server().options(container_);
    options.port = proxy_.port();
    options.attempt_timeout = std::chrono::milliseconds(300);
    options.answer_timeout = std::chrono::milliseconds(1500);
    store_ = stores::cosmos_store(options);
  }
  ~CosmosFaults() override { store_->close(); }

  static inline int containers = 0;
  const std::string container_ = "faults-" + std::to_string(++containers);
  http_fault_proxy proxy_{server().port()};
  std::shared_ptr<spi::state_store> store_;
};

TEST_F(CosmosFaults, ThrottledWriteWaitsAsLongAsItIsTold) {
  const store_client client(store_);
  const std::size_t before = proxy_.requests_with(create);
  proxy_.set_fates(spoil(create, refusal(429, "x-ms-retry-after-ms: 50\r\n"), 3));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(client.status_of(birth(acme)), commit_status::committed);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(150));
  EXPECT_EQ(proxy_.requests_with(create) - before, 4U);
}

TEST_F(CosmosFaults, WriteThatIsThrottledTooLongIsUnavailable) {
  const store_client client(store_);
  proxy_.set_fates(spoil(create, refusal(429)));
  const auto result = client.commit(birth(acme));
  EXPECT_EQ(result.status, commit_status::unavailable) << result.message;
  EXPECT_NE(result.message.find("429"), std::string::npos) << result.message;
  proxy_.heal();
  EXPECT_EQ(client.load(acme).image.stamp.version, 0U);
}

TEST_F(CosmosFaults, LostAnswerIsSettledByTheStoreItself) {
  const store_client client(store_);
  proxy_.set_fates(spoil(create, {end::lose_answer, {}}, 1));
  EXPECT_EQ(client.status_of(birth(acme)), commit_status::committed);
  proxy_.set_fates(spoil(replace, {end::lose_answer, {}}, 1));
  EXPECT_EQ(client.status_of(turn(acme, {1, 11}, {2, 11})), commit_status::committed);
  EXPECT_EQ(client.status_of(turn(acme, {2, 11}, {3, 11})), commit_status::committed);
  EXPECT_EQ(client.load(acme).image.stamp, (spi::commit_stamp{3, 11}));
}

TEST_F(CosmosFaults, AnswersThatAreLostTooLongLeaveADoubtWhichRepetitionSettles) {
  const store_client client(store_);
  ASSERT_EQ(client.status_of(birth(acme)), commit_status::committed);
  const auto second = turn(acme, {1, 11}, {2, 11});
  proxy_.set_fates([](const std::string& head) {
    if (head.find(replace) != std::string::npos) return fate{end::lose_answer, {}};
    // What the first loss has left cannot be seen.
    return head.find(get) != std::string::npos ? fate{end::lose_request, {}} : fate{};
  });
  EXPECT_EQ(client.status_of(second), commit_status::unknown);
  proxy_.heal();
  EXPECT_EQ(client.status_of(second), commit_status::committed);
  EXPECT_EQ(client.load(acme).image.stamp, (spi::commit_stamp{2, 11}));
}

TEST_F(CosmosFaults, FaultOfTheServerLeavesADoubt) {
  const store_client client(store_);
  proxy_.set_fates(spoil(create, refusal(503)));
  EXPECT_EQ(client.status_of(birth(acme)), commit_status::unknown);
}

TEST_F(CosmosFaults, MostCommitsAreOneRequest) {
  const store_client client(store_);
  const std::size_t before = proxy_.requests_with(get);
  spi::commit_stamp stamp;
  for (std::uint64_t version = 1; version <= 20; ++version) {
    ASSERT_EQ(client.status_of(turn(acme, stamp, {version, 11})), commit_status::committed);
    stamp = {version, 11};
  }
  EXPECT_EQ(proxy_.requests_with(replace), 19U);
  EXPECT_EQ(proxy_.requests_with(get) - before, 1U);
}

TEST_F(CosmosFaults, DocumentThatWouldBeTooLargeIsNotSent) {
  const store_client client(store_);
  auto first = birth(acme);
  // A quotation mark in the JSON of a cell takes four bytes in the document: both its characters are escaped.
  std::string quotes;
  for (int i = 0; i < 600'000; ++i) quotes += "\\\"";
  first.cells = {contract::cell("c", "\"" + quotes + "\"")};
  const std::size_t sent = proxy_.requests_with(create);
  const auto result = client.commit(first);
  EXPECT_EQ(result.status, commit_status::rejected);
  for (const char* words : {"seller/acme", "2400", "2097152"}) {
    EXPECT_NE(result.message.find(words), std::string::npos) << result.message;
  }
  EXPECT_EQ(proxy_.requests_with(create), sent);
  proxy_.set_fates(spoil(create, refusal(413)));
  EXPECT_EQ(client.status_of(birth(acme)), commit_status::rejected);
}

TEST(CosmosContainers, ContainerThatIsMissingIsNotMadeUnasked) {
  auto options = server().options("missing");
  options.create = false;
  const std::string said = refusal_of(errc::bad_state, [&] { return stores::cosmos_store(options); });
  EXPECT_NE(said.find("troupe/missing"), std::string::npos) << said;
  EXPECT_EQ(said.find(options.account_key), std::string::npos);
}

TEST(CosmosContainers, LongLogsAreInDocumentsOfTheirOwn) {
  const auto one = stores::cosmos_store(server().options("logs"));
  const auto two = stores::cosmos_store(server().options("logs"));
  expect_long_logs(one, two);
  EXPECT_EQ(store_client(one).status_of(contract::erasure(acme, {201, 11}, {202, 11})), commit_status::committed);
  EXPECT_TRUE(store_client(two).read_log({.actor = acme, .log = "sales"}).entries.empty());
  one->close();
  two->close();
}

/// Sends a request to the emulator as the store would.
cosmos_kind raw(internal::cosmos_request request) {
  const auto clock = internal::make_system_clock();
  internal::http_client client({"127.0.0.1", std::to_string(server().port()), false, {}}, {}, clock);
  internal::container_caller caller(
      {"troupe", "raw"}, "key",
      internal::http_caller(client, clock, internal::make_system_entropy(),
                            {std::chrono::milliseconds(500), std::chrono::milliseconds(500), {}}));
  const auto result = caller.blocking(request);
  return result.response ? internal::read_cosmos_answer(*result.response).kind : cosmos_kind::server_fault;
}

TEST(CosmosContainers, ContainerOfAnotherShapeIsRefused) {
  stores::cosmos_store(server().options("any"))->close();
  auto request = internal::create_container({"troupe", "foreign"});
  request.http.body = R"({"id":"foreign","partitionKey":{"paths":["/id"],"kind":"Hash"}})";
  ASSERT_EQ(raw(request), cosmos_kind::done);
  const std::string said =
      refusal_of(errc::bad_state, [] { return stores::cosmos_store(server().options("foreign")); });
  EXPECT_NE(said.find("partition key is not /pk"), std::string::npos) << said;
}

TEST(CosmosContainers, CertificateThatNobodyTrustsIsRefused) {
  const cosmos_server secured(true);
  auto options = secured.options("market");
  options.answer_timeout = options.attempt_timeout = std::chrono::milliseconds(1000);
  const std::string said = refusal_of(errc::unavailable, [&] { return stores::cosmos_store(options); });
  EXPECT_NE(said.find("cannot be reached"), std::string::npos) << said;
}

TEST(CosmosEmulator, AnswersAMissingDocumentWith500UnlessAllPartitionsMayBeLookedInto) {
  stores::cosmos_store(server().options("any"))->close();
  auto request = internal::get_document({"troupe", "any"}, {"seller", "nobody"});
  EXPECT_EQ(raw(request), cosmos_kind::missing);
  std::erase_if(request.http.headers,
                [](const auto& header) { return header.name == "x-ms-documentdb-query-enablecrosspartition"; });
  EXPECT_EQ(raw(request), cosmos_kind::server_fault);
}

}  // namespace
}  // namespace troupe::testing_support
