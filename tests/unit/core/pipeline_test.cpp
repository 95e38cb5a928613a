#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// An activated actor whose commits wait for their release and then fare as `how` says.
class Pipeline : public ::testing::Test {
 protected:
  Pipeline() {
    rt.host<ledger>();
    rt.ref<ledger>("a").call<&ledger::read>().get();
  }
  void hold_commits(fault::outcome how) {
    rt.store().set_plan(every(store_operation::commit, {.what = how, .when = fault::hold::before, .only = {}}));
  }
  void let_go() {
    rt.store().set_plan({});
    ASSERT_GE(rt.store().release_all(), 1U);
    rt.settle();
  }
  [[nodiscard]] actor_ref<ledger> a() { return rt.ref<ledger>("a"); }

  answer first;
  test_runtime rt;
  answer second;
  answer third;
};

TEST_F(Pipeline, TurnsRunWhileACommitIsUnderWayAndShareTheNextRecord) {
  hold_commits(fault::outcome::none);
  a().call<&ledger::add>(1)(first.sink());
  rt.settle();
  a().call<&ledger::add>(2)(second.sink());
  a().call<&ledger::add>(3)(third.sink());
  rt.settle();
  EXPECT_EQ(rt.counters().turns, 4U) << "the turns waited for the store";
  EXPECT_FALSE(first.done || second.done || third.done);
  let_go();
  EXPECT_EQ(first.value, 1);
  EXPECT_EQ(second.value, 3);
  EXPECT_EQ(third.value, 6);
  EXPECT_EQ(rt.store().counts().records_committed, 2U);
  EXPECT_EQ(rt.stored({"ledger", "a"}).cells.at(0).json, R"({"note":"","total":6})");
}

TEST_F(Pipeline, FailedCommitFailsEveryGatedTurnAndTheNextMessageActivatesAfresh) {
  hold_commits(fault::outcome::conflict);
  a().call<&ledger::add>(1)(first.sink());
  rt.settle();
  a().call<&ledger::add>(2)(second.sink());
  a().call<&ledger::read>()(third.sink());
  rt.settle();
  let_go();
  for (const answer* each : {&first, &second, &third}) {
    ASSERT_TRUE(each->done);
    EXPECT_EQ(error_in(each->failure).kind(), errc::conflict);
    EXPECT_EQ(error_in(each->failure).effect(), effect::none);
  }
  EXPECT_EQ(rt.counters().failed_activations, 1U);
  EXPECT_EQ(rt.counters().conflicts, 3U) << "one for each caller that was told";
  EXPECT_EQ(a().call<&ledger::read>().get(), 0);
  EXPECT_EQ(rt.counters().activations, 2U);
  EXPECT_EQ(a().call<&ledger::add>(5).get(), 5);
}

TEST_F(Pipeline, AfterAnUnknownCommitLaterTurnsCertainlyHadNoEffect) {
  hold_commits(fault::outcome::none);
  a().call<&ledger::add>(1)(first.sink());
  rt.settle();
  a().call<&ledger::add>(2)(second.sink());
  rt.advance(11s);
  ASSERT_TRUE(first.done && second.done);
  EXPECT_EQ(error_in(first.failure).kind(), errc::commit_unknown);
  EXPECT_EQ(error_in(first.failure).effect(), effect::unknown);
  EXPECT_EQ(error_in(second.failure).kind(), errc::unavailable);
  EXPECT_EQ(error_in(second.failure).effect(), effect::none);
  EXPECT_EQ(rt.counters().conflicts, 0U) << "nobody else wrote the actor";
}

TEST_F(Pipeline, ThrowDuringACommitIsRolledBackToTheTurnBefore) {
  hold_commits(fault::outcome::none);
  a().call<&ledger::add>(1)(first.sink());
  rt.settle();
  a().call<&ledger::add_then_throw>(50)(second.sink());
  a().call<&ledger::add>(2)(third.sink());
  rt.settle();
  EXPECT_FALSE(second.done) << "an exception may show uncommitted state too";
  let_go();
  EXPECT_EQ(first.value, 1);
  EXPECT_THROW(std::rethrow_exception(second.failure), std::out_of_range);
  EXPECT_EQ(third.value, 3);
}

TEST_F(Pipeline, TurnThatWaitsWhenACommitFailsIsDroppedWithIt) {
  hold_commits(fault::outcome::conflict);
  a().call<&ledger::add>(1)(first.sink());
  rt.settle();
  a().call<&ledger::add_slowly>(2, 100)(second.sink());
  rt.settle();
  let_go();
  EXPECT_TRUE(first.done);
  EXPECT_FALSE(second.done) << "a running turn was cut off";
  rt.advance(100ms);
  EXPECT_EQ(error_in(second.failure).kind(), errc::conflict);
  EXPECT_EQ(rt.counters().conflicts, 2U) << "the turn that still ran is counted when it ends";
  EXPECT_EQ(a().call<&ledger::read>().get(), 0);
}

TEST_F(Pipeline, TellsLeaveWithTheCommitAndNotAtAllWhenItFails) {
  rt.ref<ledger>("b").call<&ledger::read>().get();
  hold_commits(fault::outcome::conflict);
  a().call<&ledger::add_and_tell>("b", 1)([&](std::exception_ptr why) { first.sink()(std::move(why), 0); });
  rt.settle();
  EXPECT_TRUE(rt.sent().empty());
  let_go();
  EXPECT_TRUE(rt.sent().empty());
  EXPECT_EQ(error_in(first.failure).kind(), errc::conflict);
  a().call<&ledger::add_and_tell>("b", 1).get();
  rt.settle();
  ASSERT_EQ(rt.sent().size(), 1U);
  EXPECT_EQ(rt.sent()[0].method, "add");
  EXPECT_EQ(rt.sent()[0].arguments_json, "[1]");
}

TEST_F(Pipeline, CallWaitsForTheCommitsOfEarlierTurnsOnly) {
  hold_commits(fault::outcome::none);
  a().call<&ledger::add>(1)(first.sink());
  rt.settle();
  a().call<&ledger::call_add>("b", 7)(second.sink());
  rt.settle();
  EXPECT_TRUE(rt.sent().empty()) << "a call carried uncommitted state away";
  let_go();
  EXPECT_EQ(second.value, 7);
  EXPECT_EQ(rt.sent().size(), 1U);
}

TEST_F(Pipeline, CallHeldBackFailsWithTheCommitItWaitedFor) {
  hold_commits(fault::outcome::conflict);
  a().call<&ledger::add>(1)(first.sink());
  rt.settle();
  a().call<&ledger::call_add>("b", 7)(second.sink());
  rt.settle();
  let_go();
  EXPECT_EQ(error_in(second.failure).kind(), errc::conflict);
  EXPECT_TRUE(rt.sent().empty());
}

TEST_F(Pipeline, CrashBeforeTheCommitLosesTheTurnAndItsReply) {
  hold_commits(fault::outcome::none);
  boost::asio::io_context outside;
  a().call<&ledger::add>(1)(answer::outside_sink(first, outside));
  rt.settle();
  rt.crash();
  outside.run();
  EXPECT_EQ(error_in(first.failure).kind(), errc::commit_unknown) << "its commit was under way";
  EXPECT_EQ(a().call<&ledger::read>().get(), 0);
}

}  // namespace
}  // namespace troupe::testing
