#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "unit/saga/dies_at.hpp"
#include "unit/saga/trip.hpp"

// A saga that is changed while one of its own steps or compensations runs.
namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

class SagaCancel : public ::testing::Test {
 protected:
  SagaCancel() { host_all_of_trip(rt); }
  void go(const std::string& at, const std::string& how) {
    const wish wanted{at, how, ""};
    rt.ref<trip>("t").call<&trip::begin>("t1", wanted).get();
    rt.advance(2s);
  }
  saga_status status() { return rt.ref<trip>("t").call<&trip::status>().get(); }
  std::vector<bool> answers() { return rt.ref<trip>("t").call<&trip::answers>().get(); }
  int taken(const std::string& where) { return rt.ref<room>(where).call<&room::taken>().get(); }
  int given_back(const std::string& where) { return rt.ref<room>(where).call<&room::given_back>().get(); }

  test_runtime rt;
};

TEST_F(SagaCancel, InAStepUndoesThatStepToo) {
  go("inn", "cancels");
  EXPECT_EQ(answers(), std::vector<bool>{true});
  EXPECT_EQ(status().phase, saga_phase::compensated);
  EXPECT_EQ(status().reason, "it was cancelled: no time");
  EXPECT_EQ(taken("inn"), 0);
  EXPECT_EQ(given_back("inn"), 1);
  EXPECT_EQ(given_back("hut"), 0) << "it was never tried";
}

TEST_F(SagaCancel, InALaterStepUndoesThatAndTheEarlierOnes) {
  go("hut", "cancels");
  EXPECT_EQ(status().phase, saga_phase::compensated);
  EXPECT_EQ(taken("inn") + taken("hut"), 0);
  EXPECT_EQ(given_back("inn"), 1);
  EXPECT_EQ(given_back("hut"), 1);
}

TEST_F(SagaCancel, ByTheParticipantThatIsBeingAskedUndoesThatStepToo) {
  go("inn", "told");
  EXPECT_EQ(status().phase, saga_phase::compensated);
  EXPECT_EQ(taken("inn"), 0);
  EXPECT_EQ(given_back("inn"), 1);
}

TEST_F(SagaCancel, InAnInnerTurnThatThrowsIsNone) {
  go("inn", "told in vain");
  EXPECT_EQ(status().phase, saga_phase::completed);
  EXPECT_EQ(taken("inn") + taken("hut"), 2);
  EXPECT_EQ(given_back("inn"), 0);
}

TEST_F(SagaCancel, InAStepThatRefusesUndoesThatStepToo) {
  go("hut", "cancels, refuses");
  EXPECT_EQ(status().phase, saga_phase::compensated);
  EXPECT_EQ(status().reason, "it was cancelled: no time");
  EXPECT_EQ(taken("inn") + taken("hut"), 0);
}

TEST_F(SagaCancel, InAStepThatFailsIsRolledBackWithItsTurn) {
  go("inn", "cancels, fails");
  EXPECT_EQ(answers(), std::vector<bool>{true});
  EXPECT_EQ(status().phase, saga_phase::completed);
  EXPECT_EQ(taken("inn") + taken("hut"), 2);
  EXPECT_EQ(given_back("inn"), 0);
}

TEST_F(SagaCancel, InACompensationIsRefusedAndCountsNothingTwice) {
  go("hut", "meddles");
  EXPECT_EQ(answers(), (std::vector<bool>{false, false, false}));
  EXPECT_EQ(status().phase, saga_phase::compensated);
  EXPECT_EQ(status().reason, "step \"pay\" failed: no money");
  EXPECT_EQ(given_back("inn"), 1);
  EXPECT_EQ(given_back("hut"), 1);
}

TEST_F(SagaCancel, StepThatActedAndCannotBeStoredIsUndone) {
  for (const std::string how : {"unstorable", "cancels, unstorable", "refuses, unstorable"}) {
    SCOPED_TRACE(how);
    const wish wanted{"hut", how, ""};
    const auto t = rt.ref<trip>(how);
    t.call<&trip::begin>(how, wanted).get();
    rt.advance(2s);
    const saga_status found = t.call<&trip::status>().get();
    EXPECT_EQ(found.phase, saga_phase::compensated);
    EXPECT_NE(found.reason.find("step \"hut\" failed: what it changed could not be stored"), std::string::npos)
        << found.reason;
    EXPECT_EQ(taken("inn") + taken("hut"), 0);
  }
  EXPECT_EQ(given_back("hut"), 3);
}

TEST_F(SagaCancel, ByTurnsThatOverlapWaitsForTheStepAndCountsItOnce) {
  const wish wanted{"inn", "is slow", ""};
  const auto t = rt.ref<trip>("t");
  t.call<&trip::begin>("t1", wanted).get();
  rt.advance(500ms);
  std::string answers;
  for (int i = 0; i < 2; ++i) {
    t.call<&trip::cancel_slowly>()([&](const std::exception_ptr& failure, bool done) {
      answers += failure ? "conflict " : (done ? "yes " : "no ");
    });
  }
  rt.advance(400ms);
  EXPECT_EQ(answers, "") << "a step has its actor to itself";
  rt.advance(2s);
  EXPECT_EQ(answers, "yes conflict ");
  EXPECT_EQ(status().phase, saga_phase::compensated);
  EXPECT_EQ(taken("inn") + taken("hut"), 0);
  EXPECT_EQ(given_back("inn"), 1);
}

TEST_F(SagaCancel, WaitsForATryThatHasNoTimeOfItsOwn) {
  go("inn", "hangs");
  try {
    rt.ref<trip>("t").with({.timeout = 1s}).call<&trip::cancel>().get();
    FAIL() << "a try holds its coordinator";
  } catch (const error& late) {
    EXPECT_EQ(late.kind(), errc::timeout);
    EXPECT_EQ(late.effect(), effect::none);
    EXPECT_NE(std::string(late.what()).find("behind saga \"travel\", step \"inn\", running for"), std::string::npos)
        << late.what();
  }
  rt.advance(2h);
  EXPECT_EQ(status().phase, saga_phase::completed) << "step_time counts from the first failure, and there was none";
}

TEST_F(SagaCancel, WaitsForACompensationThatHasNoTimeOfItsOwn) {
  go("inn", "cancels, hangs");
  try {
    rt.ref<trip>("t").with({.timeout = 1s}).call<&trip::status>().get();
    FAIL() << "a try holds its coordinator";
  } catch (const error& late) {
    EXPECT_NE(std::string(late.what()).find("behind saga \"travel\", compensation of step \"inn\""), std::string::npos)
        << late.what();
  }
  rt.advance(2h);
  EXPECT_EQ(status().phase, saga_phase::compensated);
}

class SagaCancelCrash : public ::testing::TestWithParam<std::string> {};

TEST_P(SagaCancelCrash, AtEachStoreOperationLeavesNothingHalfDone) {
  int points = 0;
  int compensated = 0;
  for (const auto when : {fault::hold::before, fault::hold::after}) {
    bool reached = true;
    for (std::uint64_t number = 0; reached; ++number) {
      SCOPED_TRACE("operation " + std::to_string(number) + (when == fault::hold::before ? " not" : "") + " applied");
      reached = false;
      test_runtime rt({.seed = number + 1});
      host_all_of_trip(rt);
      rt.store().set_plan(dies_at(number, when, reached));
      const wish wanted{"hut", GetParam(), ""};
      const auto begin = [&] { return rt.ref<trip>("t").call<&trip::begin>("t1", wanted); };
      begin()([](const std::exception_ptr&) {});
      rt.settle();
      if (!reached) rt.advance(1s);
      if (reached) ++points;
      rt.crash();
      begin().get();
      rt.advance(2min);
      const saga_status found = rt.ref<trip>("t").call<&trip::status>().get();
      const int kept = rt.ref<room>("inn").call<&room::taken>().get() + rt.ref<room>("hut").call<&room::taken>().get();
      EXPECT_TRUE(found.ended());
      EXPECT_EQ(kept, found.phase == saga_phase::completed ? 2 : 0);
      if (found.phase == saga_phase::compensated) ++compensated;
      // A participant that has answered gives its stored reply to the next try, and tells nobody a second time.
      if (GetParam() == "cancels") {
        EXPECT_EQ(found.phase, saga_phase::compensated);
      }
      if (HasFailure()) return;
    }
  }
  EXPECT_GE(points, 12);
  EXPECT_GE(compensated, 8);
}

TEST_P(SagaCancelCrash, WhateverTheStoreDoesNothingIsHalfDone) {
  int compensated = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    test_runtime rt({.seed = seed});
    host_all_of_trip(rt);
    rt.store().set_plan(
        seeded_faults(seed, {.unavailable = 100, .conflict = 100, .lost_answer = 100, .lost_call = 50}));
    const wish wanted{"hut", GetParam(), ""};
    for (int i = 0; i < 50; ++i) {
      try {
        rt.ref<trip>("t").call<&trip::begin>("t1", wanted).get();
        break;
      } catch (const error& failure) {
        ASSERT_TRUE(may_succeed_later(failure.kind())) << failure.what();
      }
    }
    rt.advance(10s);
    rt.store().set_plan({});
    rt.advance(3min);
    const saga_status found = rt.ref<trip>("t").call<&trip::status>().get();
    const int kept = rt.ref<room>("inn").call<&room::taken>().get() + rt.ref<room>("hut").call<&room::taken>().get();
    EXPECT_TRUE(found.ended());
    EXPECT_EQ(kept, found.phase == saga_phase::completed ? 2 : 0);
    if (found.phase == saga_phase::compensated) ++compensated;
    if (HasFailure()) return;
  }
  EXPECT_GE(compensated, 40);
}

INSTANTIATE_TEST_SUITE_P(Who, SagaCancelCrash, ::testing::Values("cancels", "told"),
                         [](const auto& param) { return param.param == "told" ? "Participant" : "Step"; });

}  // namespace
}  // namespace troupe::testing
