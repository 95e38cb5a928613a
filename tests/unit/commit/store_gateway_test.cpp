#include "commit/store_gateway.hpp"

#include <gtest/gtest.h>

#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// The way of a commit or load through the gateway, seen from an actor.
class StoreGateway : public ::testing::Test {
 protected:
  StoreGateway() {
    rt.host<ledger>();
    a().call<&ledger::read>().get();
  }
  [[nodiscard]] actor_ref<ledger> a() { return rt.ref<ledger>("a"); }
  [[nodiscard]] std::uint64_t version() const { return rt.stored({"ledger", "a"}).stamp.version; }
  void plan(fault_plan made) { rt.store().set_plan(std::move(made)); }
  [[nodiscard]] error failed_add() {
    return error_of([this] { a().call<&ledger::add>(1).get(); });
  }
  test_runtime rt;
};

constexpr auto commit = store_operation::commit;

TEST_F(StoreGateway, TriesAgainWhileTheStoreIsUnavailable) {
  plan(first(3, commit, {.what = fault::outcome::unavailable}));
  EXPECT_EQ(a().call<&ledger::add>(1).get(), 1);
  EXPECT_EQ(rt.store().counts().commits, 4U);
  EXPECT_EQ(version(), 1U);
}

TEST_F(StoreGateway, GivesUpAfterTheTimeoutAndNothingHappened) {
  plan(every(commit, {.what = fault::outcome::unavailable}));
  const error why = failed_add();
  EXPECT_EQ(why.kind(), errc::unavailable);
  EXPECT_EQ(why.effect(), effect::none);
  EXPECT_TRUE(has(why, "ledger/a") && has(why, "nothing of the turn was kept")) << why.what();
  EXPECT_EQ(version(), 0U);
  EXPECT_LE(rt.store().counts().commits, 25U) << "the store was hammered";
  plan({});
  EXPECT_EQ(a().call<&ledger::add>(1).get(), 1);
}

TEST_F(StoreGateway, LostAnswerIsSettledAsCommitted) {
  plan(first(1, commit, {.what = fault::outcome::lost_answer}));
  EXPECT_EQ(a().call<&ledger::add>(1).get(), 1);
  EXPECT_EQ(version(), 1U);
  EXPECT_EQ(rt.counters().failed_activations, 0U);
}

TEST_F(StoreGateway, LostCallIsTriedAgainAndAppliedOnce) {
  plan(first(2, commit, {.what = fault::outcome::lost_call}));
  EXPECT_EQ(a().call<&ledger::add>(1).get(), 1);
  EXPECT_EQ(version(), 1U);
  EXPECT_EQ(a().call<&ledger::add>(1).get(), 2);
}

TEST_F(StoreGateway, AnswersThatStayLostAreReportedAsUnknown) {
  plan(every(commit, {.what = fault::outcome::lost_call}));
  const error why = failed_add();
  EXPECT_EQ(why.kind(), errc::commit_unknown);
  EXPECT_EQ(why.effect(), effect::unknown);
  EXPECT_TRUE(has(why, "idempotency key")) << why.what();
}

TEST_F(StoreGateway, SilentStoreIsReportedAsUnknownAfterTheTimeout) {
  plan(held_commits());
  answer pending;
  a().call<&ledger::add>(1)(pending.sink());
  rt.advance(9'999ms);
  EXPECT_FALSE(pending.done);
  rt.advance(1ms);
  EXPECT_EQ(error_in(pending.failure).kind(), errc::commit_unknown);
}

TEST_F(StoreGateway, AnswerAfterTheTimeoutChangesNothing) {
  plan(held_commits());
  EXPECT_EQ(failed_add().kind(), errc::commit_unknown);
  plan({});
  EXPECT_EQ(a().call<&ledger::read>().get(), 0);
  rt.store().release_all();
  rt.settle();
  EXPECT_EQ(version(), 1U) << "the late record was applied";
  EXPECT_EQ(failed_add().kind(), errc::conflict) << "the activation that loaded before it must not overwrite it";
  EXPECT_EQ(a().call<&ledger::read>().get(), 1);
}

TEST_F(StoreGateway, ConflictDiscardsTheActivation) {
  plan(first(1, commit, {.what = fault::outcome::conflict}));
  const error why = failed_add();
  EXPECT_EQ(why.kind(), errc::conflict);
  EXPECT_EQ(why.effect(), effect::none);
  EXPECT_EQ(a().call<&ledger::add>(1).get(), 1);
  EXPECT_EQ(rt.counters().activations, 2U);
}

TEST_F(StoreGateway, SecondWriterIsFencedOff) {
  a().call<&ledger::add>(1).get();
  rt.put({"ledger", "a"}, {{.name = "page", .schema = 1, .json = R"({"total":50})"}});
  EXPECT_EQ(failed_add().kind(), errc::conflict);
  EXPECT_EQ(a().call<&ledger::add>(1).get(), 51);
}

TEST_F(StoreGateway, ConflictAfterADoubtfulTryIsUnknown) {
  plan([tries = 0](const operation_info& operation) mutable {
    if (operation.kind != commit) return fault{};
    return fault{.what = ++tries == 1 ? fault::outcome::lost_answer : fault::outcome::conflict};
  });
  EXPECT_EQ(failed_add().kind(), errc::commit_unknown);
  plan({});
  EXPECT_EQ(a().call<&ledger::read>().get(), 1) << "here it had happened";
}

TEST_F(StoreGateway, FaultOfOneActorDoesNotTouchItsBatch) {
  fault only_b{.what = fault::outcome::conflict};
  only_b.only = [](const actor_id& id) { return id.key == "b"; };
  for (const char* key : {"b", "c"}) rt.ref<ledger>(key).call<&ledger::read>().get();
  plan(held_commits());
  answer opener;
  answer b;
  answer c;
  a().call<&ledger::add>(1)(opener.sink());
  rt.settle();
  rt.ref<ledger>("b").call<&ledger::add>(1)(b.sink());
  rt.ref<ledger>("c").call<&ledger::add>(1)(c.sink());
  rt.settle();
  plan(every(commit, only_b));
  rt.store().release_all();
  rt.settle();
  EXPECT_EQ(rt.store().counts().commits, 2U) << "the two records did not share a batch";
  EXPECT_EQ(error_in(b.failure).kind(), errc::conflict);
  EXPECT_EQ(c.value, 1);
}

TEST_F(StoreGateway, LoadsOfManyActorsShareBatches) {
  plan(every(store_operation::load, {.what = {}, .when = fault::hold::before, .only = {}}));
  std::vector<answer> answers(40);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    rt.ref<ledger>("many" + std::to_string(i)).call<&ledger::read>()(answers[i].sink());
  }
  rt.settle();
  plan({});
  rt.store().release_all();
  rt.settle();
  for (const answer& each : answers) EXPECT_TRUE(each.ok());
  EXPECT_EQ(rt.store().counts().loads, 3U) << "the first actor of all, the first of these, and the rest";
}

TEST_F(StoreGateway, LoadIsTriedAgainWhileTheStoreIsUnavailable) {
  plan(first(3, store_operation::load, {.what = fault::outcome::unavailable}));
  EXPECT_EQ(rt.ref<ledger>("b").call<&ledger::read>().get(), 0);
}

TEST_F(StoreGateway, LoadThatIsNeverAnsweredFailsAndALateAnswerIsIgnored) {
  plan(every(store_operation::load, {.what = {}, .when = fault::hold::after, .only = {}}));
  const error why = error_of([this] { rt.ref<ledger>("b").call<&ledger::read>().get(); });
  EXPECT_EQ(why.kind(), errc::unavailable);
  EXPECT_TRUE(has(why, "did not answer within 10000 ms")) << why.what();
  plan({});
  EXPECT_EQ(rt.ref<ledger>("b").call<&ledger::add>(1).get(), 1);
  rt.store().release_all();
  rt.settle();
  EXPECT_EQ(rt.ref<ledger>("b").call<&ledger::read>().get(), 1);
}

TEST_F(StoreGateway, RollbackThatMeetsAnotherWriterDiscardsTheActivation) {
  a().call<&ledger::add>(1).get();
  rt.put({"ledger", "a"}, {{.name = "page", .schema = 1, .json = R"({"total":50})"}});
  EXPECT_THROW(a().call<&ledger::add_then_throw>(1).get(), std::out_of_range);
  rt.settle();
  EXPECT_EQ(a().call<&ledger::read>().get(), 50);
}

}  // namespace
}  // namespace troupe::testing
