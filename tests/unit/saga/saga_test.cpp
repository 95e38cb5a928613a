#include "troupe/saga/saga.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "unit/saga/transfer.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;
using calls = std::vector<std::string>;

TEST_F(Saga, TakesItsStepsInOrderAndEnds) {
  fill();
  begin();
  EXPECT_EQ(status().phase, saga_phase::running);
  rt.advance(1s);
  EXPECT_EQ(status().phase, saga_phase::completed);
  EXPECT_EQ(calls_of_purses(), (calls{"a[30]", "b[-30]"}));
  EXPECT_EQ(in("a"), 70);
  EXPECT_EQ(in("b"), 30);
  EXPECT_EQ(in_hand(), 0);
  EXPECT_TRUE(rt.stored({"transfer", "t"}).reminders.empty());
}

TEST_F(Saga, RefusalUndoesTheStepsThatWereTaken) {
  fill();
  fail("b", "refusing");
  begin();
  rt.advance(1s);
  EXPECT_EQ(status().phase, saga_phase::compensated);
  EXPECT_EQ(status().reason, "step \"give\" failed: the purse is sewn up");
  EXPECT_EQ(calls_of_purses(), (calls{"a[30]", "b[-30]", "a[-30]"}));
  EXPECT_EQ(in("a"), 100);
  EXPECT_EQ(in("b"), 0);
  EXPECT_EQ(in_hand(), 0) << "what the refused step changed was rolled back";
  EXPECT_TRUE(rt.stored({"transfer", "t"}).reminders.empty());
}

TEST_F(Saga, RefusedStepLeavesNoTraceInItsCoordinator) {
  fill();
  begin("nobody");
  rt.advance(1s);
  EXPECT_EQ(status().reason, "step \"note\" failed: nobody gets nothing");
  EXPECT_EQ(in_hand(), 0);
  EXPECT_EQ(in("a"), 100);
}

TEST_F(Saga, ExpectedRefusalKeepsWhatTheStepNotedAndIsNotLogged) {
  fill();
  begin("somebody");
  rt.advance(1s);
  EXPECT_EQ(status().phase, saga_phase::compensated);
  EXPECT_EQ(status().reason, "step \"note\" failed: somebody is not known");
  EXPECT_EQ(rt.ref<transfer>("t").call<&transfer::wanted>().get().to, "refused");
  EXPECT_EQ(in("a"), 100);
  EXPECT_TRUE(rt.log_lines().empty());
}

TEST_F(Saga, ThrowOfAStepIsLoggedWithItsName) {
  fill();
  begin("nobody");
  rt.advance(1s);
  ASSERT_EQ(rt.log_lines().size(), 1U);
  EXPECT_NE(rt.log_lines()[0].find("saga \"t1\", step \"note\": nobody gets nothing"), std::string::npos);
}

TEST_F(Saga, TemporaryFailureIsTriedAgainWithTheSameKey) {
  fill();
  fail("b", "unavailable");
  begin();
  rt.advance(5s);  // tried at 0 s, 1 s and 3 s
  EXPECT_EQ(status().phase, saga_phase::running);
  EXPECT_EQ(status().step, "give");
  EXPECT_EQ(status().tries, 3U);
  EXPECT_EQ(status().trouble, "the purse is stuck");
  fail("b", "");
  rt.advance(10s);
  EXPECT_EQ(status().phase, saga_phase::completed);
  EXPECT_EQ(in("b"), 30);
  EXPECT_EQ(in_hand(), 0);
}

TEST_F(Saga, StepThatKeepsFailingIsGivenUpAndUndone) {
  fill();
  fail("b", "unavailable");
  begin();
  rt.advance(90s);
  EXPECT_EQ(status().phase, saga_phase::compensated);
  EXPECT_EQ(in("a"), 100);
  EXPECT_EQ(in_hand(), 0);
}

TEST_F(Saga, CompensationThatKeepsFailingIsParkedUntilItIsResumed) {
  fill();
  fail("b", "unavailable");
  begin();
  rt.advance(2s);
  fail("a", "refusing");
  fail("b", "refusing");
  rt.advance(100s);
  EXPECT_EQ(status().phase, saga_phase::compensating) << "a refusal is no reason to stop undoing";
  rt.advance(60s);
  ASSERT_EQ(status().phase, saga_phase::parked);
  EXPECT_EQ(status().step, "take");
  EXPECT_NE(status().trouble.find("the compensation of step \"take\" failed"), std::string::npos);
  EXPECT_NE(status().trouble.find("the purse is sewn up"), std::string::npos);
  EXPECT_TRUE(rt.stored({"transfer", "t"}).reminders.empty());
  const auto turns = rt.counters().turns;
  rt.advance(1min);
  EXPECT_EQ(rt.counters().turns, turns) << "a parked saga does nothing";
  fail("a", "");
  EXPECT_TRUE(rt.ref<transfer>("t").call<&transfer::resume>().get());
  EXPECT_FALSE(rt.ref<transfer>("t").call<&transfer::resume>().get());
  rt.advance(1s);
  EXPECT_EQ(status().phase, saga_phase::compensated);
  EXPECT_EQ(in("a"), 100);
}

TEST_F(Saga, ParkedOneCanBeFinishedByHand) {
  fill();
  fail("b", "unavailable");
  begin();
  rt.advance(2s);
  fail("a", "refusing");
  fail("b", "refusing");
  rt.advance(160s);
  ASSERT_EQ(status().phase, saga_phase::parked);
  EXPECT_TRUE(rt.ref<transfer>("t").call<&transfer::skip>().get());
  EXPECT_EQ(status().phase, saga_phase::compensated);
  EXPECT_FALSE(rt.ref<transfer>("t").call<&transfer::skip>().get());
}

TEST_F(Saga, CancelUndoesWhatMayHaveBeenDone) {
  fill();
  fail("b", "unavailable");
  begin();
  rt.advance(2s);
  EXPECT_TRUE(rt.ref<transfer>("t").call<&transfer::cancel>().get());
  EXPECT_FALSE(rt.ref<transfer>("t").call<&transfer::cancel>().get());
  rt.advance(1s);
  EXPECT_EQ(status().phase, saga_phase::compensated);
  EXPECT_EQ(status().reason, "it was cancelled: the customer said so");
  EXPECT_EQ(in("a"), 100);
}

TEST_F(Saga, BeginningItAgainDoesNothingAndAnotherOneHasToWait) {
  fill();
  fail("b", "unavailable");
  begin();
  rt.settle();
  begin("b", 99);
  const order other{"a", "b", 1};
  try {
    rt.ref<transfer>("t").call<&transfer::begin>("t2", other).get();
    FAIL() << "two sagas at once";
  } catch (const error& refused) {
    EXPECT_EQ(refused.kind(), errc::unavailable);
    EXPECT_NE(std::string(refused.what()).find("transfer/t is busy with saga \"t1\""), std::string::npos);
  }
  fail("b", "");
  rt.advance(20s);
  EXPECT_EQ(in("b"), 30);
  begin("b", 99);
  rt.advance(1s);
  EXPECT_EQ(in("b"), 30) << "it was begun before";
  rt.ref<transfer>("t").call<&transfer::begin>("t2", other).get();
  rt.advance(1s);
  EXPECT_EQ(in("b"), 31);
}

TEST_F(Saga, BadIdIsRefused) {
  const order wanted{"a", "b", 1};
  for (const std::string& id : {std::string(), std::string(65, 'x')}) {
    EXPECT_THROW(rt.ref<transfer>("t").call<&transfer::begin>(id, wanted).get(), error);
  }
  EXPECT_EQ(status().phase, saga_phase::none);
}

TEST_F(Saga, BeginningIsPartOfItsTurn) {
  rt.store().set_plan([](const operation_info& operation) {
    fault what;
    if (operation.kind == store_operation::commit) what.what = fault::outcome::conflict;
    return what;
  });
  EXPECT_THROW(begin(), error);
  rt.store().set_plan({});
  rt.advance(1h);
  EXPECT_EQ(status().phase, saga_phase::none);
  EXPECT_TRUE(calls_of_purses().empty());
}

TEST_F(Saga, StepWhoseChangesCannotBeStoredIsUndone) {
  fill();
  begin("everybody");
  rt.advance(1s);
  EXPECT_EQ(status().phase, saga_phase::compensated);
  EXPECT_NE(status().reason.find("could not be stored"), std::string::npos);
  EXPECT_EQ(in("a"), 100);
  EXPECT_EQ(in_hand(), 0);
}

TEST_F(Saga, GoesOnAfterItsCoordinatorLeftMemory) {
  fill();
  fail("b", "unavailable");
  begin();
  rt.settle();
  rt.deactivate(rt.ref<transfer>("t"));
  rt.settle();
  fail("b", "");
  rt.advance(11s);
  EXPECT_EQ(status().phase, saga_phase::completed);
  EXPECT_EQ(in("b"), 30);
}

TEST_F(Saga, GoesOnAtOnceWhenItsCoordinatorSaysSoOrItIsBegunAgain) {
  fill();
  const order wanted{"a", "b", 10};
  for (const std::string key : {"eager", "patient"}) {
    fail("b", "unavailable");
    const auto t = rt.ref<transfer>(key);
    t.call<&transfer::begin>(key + "'s", wanted).get();
    rt.advance(500ms);
    rt.deactivate(t);
    rt.settle();
    fail("b", "");
    static_cast<void>(t.call<&transfer::status>().get());
    rt.advance(10ms);
    EXPECT_EQ(t.call<&transfer::status>().get().ended(), key == "eager") << key;
    t.call<&transfer::begin>(key + "'s", wanted).get();
    rt.advance(10ms);
    EXPECT_TRUE(t.call<&transfer::status>().get().ended()) << key;
  }
  EXPECT_EQ(in("b"), 20);
}

TEST_F(Saga, EndIsAwaitedByAnotherActor) {
  fill();
  fail("b", "unavailable");
  begin();
  saga_status found;
  rt.ref<customer>("c")
      .with({.timeout = no_timeout})
      .call<&customer::wait>("t", "t1", 60'000)([&](std::exception_ptr, saga_status s) { found = s; });
  rt.advance(5s);
  EXPECT_EQ(found.phase, saga_phase::none) << "it has not ended";
  rt.deactivate(rt.ref<transfer>("t"));
  rt.settle();
  fail("b", "");
  rt.advance(20s);
  EXPECT_EQ(found.phase, saga_phase::completed);
  EXPECT_EQ(found.id, "t1");
  EXPECT_THROW(rt.ref<customer>("c").with({.timeout = no_timeout}).call<&customer::wait>("t", "other", 1).get(), error);
}

TEST_F(Saga, WaitingForItsEndEndsInTime) {
  fail("b", "unavailable");
  fill();
  begin();
  rt.advance(1s);
  fail("a", "unavailable");
  try {
    rt.ref<customer>("c").with({.timeout = no_timeout}).call<&customer::wait>("t", "t1", 30'000).get();
    FAIL() << "it has ended";
  } catch (const error& late) {
    EXPECT_EQ(late.kind(), errc::unavailable);
    EXPECT_NE(std::string(late.what()).find("goes on"), std::string::npos);
  }
  EXPECT_EQ(rt.ref<customer>("c").with({.timeout = no_timeout}).call<&customer::wait>("t", "t1", 600'000).get().phase,
            saga_phase::parked)
      << "nothing more happens by itself";
}

/// The coordinator as an earlier or a later program has it.
class transfer_of_another_version : public actor {
 public:
  static constexpr std::string_view actor_type = "transfer";
  saga_status status() const { return moving_.status(); }
  bool resume() { return moving_.resume(); }
  task<void> on_reminder(reminder_tick tick) override {
    moving_.on_reminder(tick);
    return {};
  }
  void inform(saga_attempt) {}
  task<void> give(saga_attempt attempt) {
    co_await attempt.with(ref<purse>(moving_->to)).call<&purse::take>(-moving_->pence);
  }
  using methods = troupe::methods<&transfer_of_another_version::status, &transfer_of_another_version::resume>;

 private:
  saga<order, saga_step<"inform", &transfer_of_another_version::inform>,
       saga_step<"give", &transfer_of_another_version::give>>
      moving_{*this, "moving"};
};

std::vector<spi::cell_image> cut_off_behind(int done) {
  const std::string text =
      R"({"data":{"from":"a","pence":30,"to":"b"},"saga":{"done":)" + std::to_string(done) +
      R"(,"failing_since":0,"id":"t1","phase":"running","reason":"","steps":["take","note","give"],"tries":0,"trouble":"","undoing":false}})";
  return {{"moving", 1, text}};
}

TEST(SagaVersions, LaterProgramGoesOnWithTheStepsOfTheEarlierOne) {
  test_runtime rt;
  rt.host<purse>();
  rt.host<transfer_of_another_version>();
  rt.put({"transfer", "t"}, cut_off_behind(2), {{"saga moving", rt.wall_now() + 1s, 10s, "null"}});
  rt.ref<purse>("b").call<&purse::pence>().get();
  rt.advance(70s);
  EXPECT_EQ(rt.ref<transfer_of_another_version>("t").call<&transfer_of_another_version::status>().get().phase,
            saga_phase::completed)
      << "a step that was added since is none of this saga";
  EXPECT_EQ(rt.ref<purse>("b").call<&purse::pence>().get(), 30);
}

TEST(SagaVersions, StepThatIsNoMoreParksIt) {
  test_runtime rt;
  rt.host<purse>();
  rt.host<transfer_of_another_version>();
  rt.put({"transfer", "t"}, cut_off_behind(1), {{"saga moving", rt.wall_now() + 1s, 10s, "null"}});
  const auto t = rt.ref<transfer_of_another_version>("t");
  rt.advance(70s);
  for (int i = 0; i < 2; ++i) {
    const saga_status found = t.call<&transfer_of_another_version::status>().get();
    EXPECT_EQ(found.phase, saga_phase::parked);
    EXPECT_EQ(found.trouble, "there is no step \"note\" in this program: let a program that has it resume the saga");
    EXPECT_TRUE(t.call<&transfer_of_another_version::resume>().get());
    rt.settle();
    rt.advance(1s);
  }
}

TEST_F(Saga, CellIsStoredAsDocumented) {
  fill();
  fail("b", "unavailable");
  begin();
  rt.advance(500ms);
  const auto cells = rt.stored({"transfer", "t"}).cells;
  const auto cell = std::find_if(cells.begin(), cells.end(), [](const auto& c) { return c.name == "moving"; });
  ASSERT_NE(cell, cells.end());
  auto row = nlohmann::json::parse(cell->json);
  EXPECT_GT(row["saga"]["failing_since"], 0);
  row["saga"]["failing_since"] = 0;
  EXPECT_EQ(
      row.dump(),
      R"({"data":{"from":"a","pence":30,"to":"b"},"saga":{"done":2,"failing_since":0,"id":"t1","phase":"running",)"
      R"("reason":"","steps":["take","note","give"],"tries":1,"trouble":"the purse is stuck","undoing":false}})");
}

}  // namespace
}  // namespace troupe::testing
