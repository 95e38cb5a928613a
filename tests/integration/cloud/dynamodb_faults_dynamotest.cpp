#include <array>

#include <gtest/gtest.h>

#include "integration/cloud/cloud_fixture.hpp"
#include "integration/cloud/long_logs.hpp"
#include "support/dynalite_server.hpp"

// What the DynamoDB store makes of throttling, faults and lost answers, which a proxy before the emulator makes up.
namespace troupe::testing_support {
namespace {

using contract::birth;
using contract::store_client;
using contract::turn;
using end = fate::end;
using spi::commit_status;

const std::string put = "DynamoDB_20120810.PutItem";
const std::string get = "DynamoDB_20120810.BatchGetItem";

fate exception(int status, const std::string& name) {
  return {end::answer, http_answer(status, R"({"__type":"com.amazonaws.dynamodb.v20120810#)" + name +
                                               R"(","message":"as the test wants it"})")};
}

class DynamodbFaults : public testing::Test {
 protected:
  DynamodbFaults() {
    auto options = server().options(table_);
    options.port = proxy_.port();
    options.attempt_timeout = std::chrono::milliseconds(300);
    options.answer_timeout = std::chrono::milliseconds(1500);
    store_ = stores::dynamodb_store(options);
  }
  ~DynamodbFaults() override { store_->close(); }

  static dynalite_server& server() {
    static dynalite_server started;
    return started;
  }

  static inline int tables = 0;
  const std::string table_ = "faults-" + std::to_string(++tables);
  http_fault_proxy proxy_{server().port()};
  std::shared_ptr<spi::state_store> store_;
};

TEST_F(DynamodbFaults, ThrottledWriteWaitsAndIsApplied) {
  const store_client client(store_);
  proxy_.set_fates(spoil(put, exception(400, "ProvisionedThroughputExceededException"), 3));
  EXPECT_EQ(client.status_of(birth(acme)), commit_status::committed);
  EXPECT_EQ(proxy_.requests_with(put), 4U);
}

TEST_F(DynamodbFaults, WriteThatIsThrottledTooLongIsUnavailable) {
  const store_client client(store_);
  proxy_.set_fates(spoil(put, exception(400, "ThrottlingException")));
  const auto result = client.commit(birth(acme));
  EXPECT_EQ(result.status, commit_status::unavailable) << result.message;
  EXPECT_NE(result.message.find("ThrottlingException"), std::string::npos) << result.message;
  EXPECT_NE(result.message.find("seller/acme"), std::string::npos) << result.message;
  EXPECT_GT(proxy_.requests_with(put), 2U);
  proxy_.heal();
  EXPECT_EQ(client.load(acme).image.stamp.version, 0U);
}

TEST_F(DynamodbFaults, LostAnswerIsSettledByTheStoreItself) {
  const store_client client(store_);
  proxy_.set_fates(spoil(put, {end::lose_answer, {}}, 1));
  EXPECT_EQ(client.status_of(birth(acme)), commit_status::committed);
  EXPECT_EQ(proxy_.requests_with(put), 2U);  // the second met what the first had left
  proxy_.set_fates(spoil(put, {end::lose_answer, {}}, 1));
  EXPECT_EQ(client.status_of(turn(acme, {1, 11}, {2, 11})), commit_status::committed);
  EXPECT_EQ(client.load(acme).image.stamp, (spi::commit_stamp{2, 11}));
}

TEST_F(DynamodbFaults, AnswersThatAreLostTooLongLeaveADoubtWhichRepetitionSettles) {
  const store_client client(store_);
  for (const end loss : {end::lose_answer, end::lose_request}) {
    const actor_id actor{"seller", std::to_string(static_cast<int>(loss))};
    proxy_.set_fates(spoil(put, {loss, {}}));
    const auto result = client.commit(birth(actor));
    EXPECT_EQ(result.status, commit_status::unknown) << result.message;
    proxy_.heal();
    EXPECT_EQ(client.load(actor).image.stamp.version, loss == end::lose_answer ? 1U : 0U);
    EXPECT_EQ(client.status_of(birth(actor)), commit_status::committed);
    EXPECT_EQ(client.load(actor).image.stamp, (spi::commit_stamp{1, 11}));
  }
}

TEST_F(DynamodbFaults, WriteOnWhichSomebodyHasBuiltBeforeItWasConfirmedStaysInDoubt) {
  const store_client client(store_);
  const auto direct = stores::dynamodb_store(server().options(table_));
  const store_client other(direct);
  int puts = 0;
  proxy_.set_fates([&](const std::string& head) -> fate {
    if (head.find(put) == std::string::npos) return {};
    if (++puts == 1) return {end::lose_answer, {}};
    EXPECT_EQ(other.status_of(turn(acme, {1, 11}, {2, 22})), commit_status::committed);
    return {};
  });
  EXPECT_EQ(client.status_of(birth(acme)), commit_status::unknown) << "it was applied: it is no conflict";
  proxy_.heal();
  EXPECT_EQ(client.load(acme).image.stamp, (spi::commit_stamp{2, 22}));
  direct->close();
}

TEST_F(DynamodbFaults, FaultOfTheServerLeavesADoubt) {
  const store_client client(store_);
  proxy_.set_fates(spoil(put, exception(500, "InternalServerError")));
  EXPECT_EQ(client.status_of(birth(acme)), commit_status::unknown);
}

TEST_F(DynamodbFaults, LostErasureIsSettledToo) {
  const store_client client(store_);
  ASSERT_EQ(client.status_of(birth(acme)), commit_status::committed);
  proxy_.set_fates(spoil(put, {end::lose_answer, {}}, 1));
  EXPECT_EQ(client.status_of(contract::erasure(acme, {1, 11}, {2, 11})), commit_status::committed);
  EXPECT_EQ(client.load(acme).image.stamp.version, 0U);
}

TEST_F(DynamodbFaults, ServerThatSaysNothingIsGivenUp) {
  const store_client client(store_);
  proxy_.set_fates(spoil(get, {end::stall, {}}));
  const auto loaded = client.load(acme);
  EXPECT_EQ(loaded.status, spi::read_status::unavailable);
  proxy_.set_fates(spoil(put, {end::stall, {}}));
  EXPECT_EQ(client.status_of(birth(acme)), commit_status::unknown);
  proxy_.heal();
  EXPECT_EQ(client.status_of(birth(acme)), commit_status::committed);
}

TEST_F(DynamodbFaults, ReadsThatAreThrottledInPartAreAskedForAgain) {
  const store_client client(store_);
  const std::array actors{acme, actor_id{"seller", "bolt"}};
  for (const actor_id& actor : actors) ASSERT_EQ(client.status_of(birth(actor)), commit_status::committed);
  proxy_.set_fates([this, asked = 0](const std::string& head) mutable {
    if (head.find(get) == std::string::npos || ++asked > 2) return fate{};
    return fate{end::answer,
                http_answer(200, R"({"Responses":{},"UnprocessedKeys":{")" + table_ +
                                     R"(":{"Keys":[{"actor":{"S":"seller!acme"}},{"actor":{"S":"seller!bolt"}}]}}})")};
  });
  for (const auto& loaded : client.load(actors)) EXPECT_EQ(loaded.image.stamp, (spi::commit_stamp{1, 11}));
  EXPECT_EQ(proxy_.requests_with(get), 5U);  // one for each birth, and three for the load
}

TEST_F(DynamodbFaults, AnswerOfAnotherKindIsRefused) {
  const store_client client(store_);
  proxy_.set_fates(spoil(get, {end::answer, http_answer(200, "<html>It works!</html>")}));
  const auto loaded = client.load(acme);
  EXPECT_EQ(loaded.status, spi::read_status::unavailable);
  EXPECT_NE(loaded.message.find("no JSON"), std::string::npos) << loaded.message;
}

TEST_F(DynamodbFaults, CredentialsThatAreRefusedLaterMakeItUnavailable) {
  const store_client client(store_);
  proxy_.set_fates(spoil(put, exception(400, "ExpiredTokenException")));
  const auto result = client.commit(birth(acme));
  EXPECT_EQ(result.status, commit_status::unavailable);
  EXPECT_NE(result.message.find("ExpiredTokenException"), std::string::npos) << result.message;
  EXPECT_EQ(proxy_.requests_with(put), 1U);
}

TEST_F(DynamodbFaults, LogOfWhichNoChunkCanBeWrittenIsKeptInTheItem) {
  const store_client client(store_);
  for (std::uint64_t n = 1; n <= 32; ++n) ASSERT_EQ(client.status_of(nth_sale(n)), commit_status::committed);
  proxy_.set_fates(spoil(put, exception(400, "AccessDeniedException"), 1));
  EXPECT_EQ(client.status_of(nth_sale(33)), commit_status::committed);
  EXPECT_EQ(client.read_log({.actor = acme, .log = "sales"}).entries, sales(1, 34));
  EXPECT_EQ(client.status_of(nth_sale(34)), commit_status::committed);
  EXPECT_EQ(client.read_log({.actor = acme, .log = "sales"}).entries, sales(1, 35));
}

TEST_F(DynamodbFaults, MostCommitsAreOneRequest) {
  const store_client client(store_);
  spi::commit_stamp before;
  for (std::uint64_t version = 1; version <= 20; ++version) {
    ASSERT_EQ(client.status_of(turn(acme, before, {version, 11})), commit_status::committed);
    before = {version, 11};
  }
  EXPECT_EQ(proxy_.requests_with(put), 20U);
  EXPECT_EQ(proxy_.requests_with(get), 1U);
}

TEST_F(DynamodbFaults, ItemThatWouldBeTooLargeIsNotSent) {
  const store_client client(store_);
  auto first = birth(acme);
  first.cells = {contract::cell("c", "\"" + std::string(300'000, 'x') + "\"")};
  ASSERT_EQ(client.status_of(first), commit_status::committed);
  const std::size_t sent = proxy_.requests_with(put);
  auto second = turn(acme, {1, 11}, {2, 11});
  second.cells.clear();
  second.keeps_cells = true;
  second.items = {.set = {{"item", "\"" + std::string(110'000, 'x') + "\"", 2, {}}}};
  const auto result = client.commit(second);
  EXPECT_EQ(result.status, commit_status::rejected);
  for (const char* words : {"seller/acme", "410", "409600"}) {
    EXPECT_NE(result.message.find(words), std::string::npos) << result.message;
  }
  EXPECT_EQ(proxy_.requests_with(put), sent);
}

}  // namespace
}  // namespace troupe::testing_support
