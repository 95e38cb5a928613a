#include "saga/saga_rules.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

using namespace std::chrono_literals;
using enum saga_failure;

constexpr saga_policy patience{
    .first_pause = 1s, .pause_max = 5s, .step_time = 1min, .compensation_time = 2min, .resume_after = 10s};

wall_time at(std::chrono::milliseconds since) { return wall_time{} + 1'000'000s + since; }

detail::saga_record trip() { return begin_saga("trip", {"flight", "hotel", "pay"}); }

TEST(SagaRules, TakesTheStepsInTheirOrder) {
  auto saga = trip();
  for (const char* step : {"flight", "hotel", "pay"}) {
    ASSERT_TRUE(next_of(saga));
    EXPECT_EQ(next_of(saga)->step, step);
    EXPECT_FALSE(next_of(saga)->undo);
    EXPECT_FALSE(status_of(saga).ended());
    note_success(saga);
  }
  EXPECT_FALSE(next_of(saga));
  EXPECT_EQ(status_of(saga).phase, saga_phase::completed);
  EXPECT_TRUE(status_of(saga).ended());
}

TEST(SagaRules, RefusalUndoesWhatWasDoneFromTheLastStepBack) {
  auto saga = trip();
  note_success(saga);
  note_success(saga);
  EXPECT_EQ(note_failure(saga, refused, "card declined", at(0s), patience), 0s);
  EXPECT_EQ(status_of(saga).reason, "step \"pay\" failed: card declined");
  for (const char* step : {"hotel", "flight"}) {
    ASSERT_TRUE(next_of(saga));
    EXPECT_EQ(next_of(saga)->step, step);
    EXPECT_TRUE(next_of(saga)->undo);
    note_success(saga);
  }
  EXPECT_EQ(status_of(saga).phase, saga_phase::compensated);
}

TEST(SagaRules, RefusalOfTheFirstStepEndsItAtOnce) {
  auto saga = trip();
  static_cast<void>(note_failure(saga, refused, "no", at(0s), patience));
  EXPECT_EQ(status_of(saga).phase, saga_phase::compensated);
  EXPECT_FALSE(next_of(saga));
}

TEST(SagaRules, StepInDoubtIsUndoneAsWell) {
  auto saga = trip();
  note_success(saga);
  static_cast<void>(note_failure(saga, in_doubt, "lost", at(0s), patience));
  EXPECT_EQ(next_of(saga)->step, "hotel");
  EXPECT_TRUE(next_of(saga)->undo);
}

TEST(SagaRules, TemporaryFailureIsTriedAgainAfterGrowingPauses) {
  auto saga = trip();
  auto now = at(0s);
  for (const auto expected : {1s, 2s, 4s, 5s, 5s}) {
    const auto pause = note_failure(saga, temporary, "no answer", now, patience);
    EXPECT_EQ(pause, expected);
    EXPECT_EQ(next_of(saga)->step, "flight");
    now += pause;
  }
  EXPECT_EQ(status_of(saga).tries, 5U);
  EXPECT_EQ(status_of(saga).trouble, "no answer");
  note_success(saga);
  EXPECT_EQ(status_of(saga).tries, 0U);
  EXPECT_EQ(status_of(saga).trouble, "");
  EXPECT_EQ(note_failure(saga, temporary, "no answer", now, patience), 1s) << "another step begins with short pauses";
}

TEST(SagaRules, StepThatFailsForTooLongIsUndoneAsWell) {
  auto saga = trip();
  note_success(saga);
  EXPECT_EQ(note_failure(saga, temporary, "no answer", at(0s), patience), 1s);
  EXPECT_EQ(note_failure(saga, temporary, "no answer", at(60s), patience), 0s);
  EXPECT_EQ(next_of(saga)->step, "hotel") << "its effect may be there";
  EXPECT_TRUE(next_of(saga)->undo);
  EXPECT_EQ(status_of(saga).reason, "step \"hotel\" failed 2 times, and is not tried again: no answer");
}

TEST(SagaRules, CompensationIsTriedAgainWhateverItFailsWithAndIsParkedInTheEnd) {
  auto saga = trip();
  note_success(saga);
  static_cast<void>(note_failure(saga, refused, "no", at(0s), patience));
  EXPECT_EQ(note_failure(saga, refused, "closed", at(0s), patience), 1s);
  EXPECT_EQ(note_failure(saga, in_doubt, "closed", at(119s), patience), 2s);
  EXPECT_EQ(status_of(saga).phase, saga_phase::compensating);
  EXPECT_EQ(note_failure(saga, temporary, "closed", at(120s), patience), 0s);
  EXPECT_EQ(status_of(saga).phase, saga_phase::parked);
  EXPECT_EQ(status_of(saga).step, "flight");
  EXPECT_EQ(status_of(saga).trouble,
            "the compensation of step \"flight\" failed 3 times, and is not tried again: closed");
  EXPECT_FALSE(next_of(saga));
}

TEST(SagaRules, ParkedOneIsResumedOrSkipsWhatItWasParkedFor) {
  auto resumed = trip();
  EXPECT_FALSE(resume_saga(resumed));
  EXPECT_FALSE(skip_in_saga(resumed));
  note_success(resumed);
  static_cast<void>(note_failure(resumed, refused, "no", at(0s), patience));
  park(resumed, "closed");
  auto skipped = resumed;
  ASSERT_TRUE(resume_saga(resumed));
  EXPECT_EQ(next_of(resumed)->step, "flight");
  EXPECT_TRUE(next_of(resumed)->undo);
  ASSERT_TRUE(skip_in_saga(skipped));
  EXPECT_EQ(status_of(skipped).phase, saga_phase::compensated);
}

TEST(SagaRules, CancelUndoesAlsoTheStepThatMayBeUnderWay) {
  auto saga = trip();
  note_success(saga);
  ASSERT_TRUE(cancel_saga(saga, "changed my mind"));
  EXPECT_EQ(next_of(saga)->step, "hotel");
  EXPECT_TRUE(next_of(saga)->undo);
  EXPECT_EQ(status_of(saga).reason, "it was cancelled: changed my mind");
  EXPECT_FALSE(cancel_saga(saga, "again"));
}

TEST(SagaRules, CancelFreesOneThatIsParkedForAStepAndLeavesEndedOnesAlone) {
  auto parked = trip();
  park(parked, "there is no step");
  EXPECT_TRUE(cancel_saga(parked, "give up"));
  EXPECT_EQ(status_of(parked).phase, saga_phase::compensating);
  auto ended = begin_saga("one", {"only"});
  note_success(ended);
  EXPECT_FALSE(cancel_saga(ended, "too late"));
}

TEST(SagaRules, ErrorSaysByItsCodeHowATryFailed) {
  const auto kind = [](auto failure) { return failure_kind(std::make_exception_ptr(failure)); };
  EXPECT_EQ(kind(error(errc::unavailable, "")), temporary);
  EXPECT_EQ(kind(error(errc::commit_unknown, "")), temporary);
  EXPECT_EQ(kind(error(errc::conflict, "")), temporary);
  EXPECT_EQ(kind(error(errc::too_large, "")), refused);
  EXPECT_EQ(kind(std::out_of_range("sold out")), refused);
  EXPECT_EQ(kind(7), refused);
}

TEST(SagaRules, TextIsCutAndMadeStorable) {
  EXPECT_EQ(storable_text("plain"), "plain");
  EXPECT_EQ(storable_text("\xff!"), "\xef\xbf\xbd!");
  EXPECT_LE(storable_text(std::string(10'000, 'x')).size(), 500U);
  const std::string umlauts = "x" + std::string(499, '\xc3');
  EXPECT_NO_THROW(static_cast<void>(nlohmann::json(storable_text(umlauts)).dump()));
}

}  // namespace
}  // namespace troupe::internal
