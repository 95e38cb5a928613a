#include "core/reminder_rules.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "troupe/base/error.hpp"
#include "troupe/schedule/time_text.hpp"

namespace troupe::internal {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr wall_time noon{std::chrono::sys_days{std::chrono::year(2026) / 3 / 28} + 12h};

planned_reminder made(const reminder_schedule& asked, wall_time now = noon) {
  return make_reminder("seller/acme", "tea", asked, now);
}

/// Its tick that is due is handled at `now`, and fails at once.
failure_outcome fail(planned_reminder& reminder, wall_time now) {
  return note_failure(reminder, {reminder.tick(), now}, now);
}

/// What a reminder does at each of its ticks when it is looked at when it is due.
std::vector<wall_time> ticks_of(planned_reminder reminder, std::size_t most) {
  std::vector<wall_time> ticks;
  while (ticks.size() < most) {
    const due_outcome outcome = take_tick(reminder, reminder.image.due);
    if (outcome.fires) ticks.push_back(*outcome.fires);
    if (outcome.over) break;
  }
  return ticks;
}

TEST(ReminderRules, OneWithoutAPeriodFiresOnce) {
  EXPECT_EQ(ticks_of(made({.due_in = 5s}), 9), std::vector<wall_time>{noon + 5s});
}

TEST(ReminderRules, PeriodCountsFromTheDueTime) {
  EXPECT_EQ(ticks_of(made({.due_in = 5s, .period = 1min}), 3),
            (std::vector<wall_time>{noon + 5s, noon + 65s, noon + 125s}));
}

TEST(ReminderRules, RepetitionsAreTicksInAll) {
  EXPECT_EQ(ticks_of(made({.due_in = 5s, .period = 1min, .repetitions = 3}), 9).size(), 3U);
  EXPECT_EQ(ticks_of(made({.repeat = schedule::parse("R3/PT1M")}), 9),
            (std::vector<wall_time>{noon + 1min, noon + 2min, noon + 3min}));
  EXPECT_EQ(ticks_of(made({.due_in = 5s, .period = 1min, .repetitions = 1}), 9).size(), 1U);
}

TEST(ReminderRules, RuleSaysTheFirstTickUnlessADueTimeDoes) {
  const schedule daily = schedule::cron("0 9 * * *", "Europe/Berlin");
  // 2026-03-29 02:00 is when the clock goes forward there.
  EXPECT_EQ(ticks_of(made({.repeat = daily}), 2),
            (std::vector<wall_time>{parse_time("2026-03-29T09:00[Europe/Berlin]"),
                                    parse_time("2026-03-30T09:00[Europe/Berlin]")}));
  EXPECT_EQ(ticks_of(made({.due_in = 5s, .repeat = daily}), 2),
            (std::vector<wall_time>{noon + 5s, parse_time("2026-03-29T09:00[Europe/Berlin]")}));
}

TEST(ReminderRules, MonthsCountFromTheFirstTick) {
  const auto ticks = ticks_of(made({.due_at = parse_time("2027-01-31T10:00Z"), .repeat = schedule::parse("P1M")}), 4);
  EXPECT_EQ(ticks, (std::vector<wall_time>{parse_time("2027-01-31T10:00Z"), parse_time("2027-02-28T10:00Z"),
                                           parse_time("2027-03-31T10:00Z"), parse_time("2027-04-30T10:00Z")}));
}

TEST(ReminderRules, OnceCoversWhatWasMissed) {
  auto reminder = made({.due_in = 10s, .period = 1min});
  const due_outcome outcome = take_tick(reminder, noon + 10s + 9 * 1min + 59s);
  EXPECT_EQ(outcome.fires, noon + 10s);
  EXPECT_EQ(outcome.missed, 9U);
  EXPECT_EQ(reminder.image.due, noon + 10s + 10 * 1min);
}

TEST(ReminderRules, AllFiresEachOfThem) {
  auto reminder = made({.due_in = 10s, .period = 1min, .missed = missed_ticks::all});
  for (int n = 0; n < 4; ++n) {
    const due_outcome outcome = take_tick(reminder, noon + 1h);
    EXPECT_EQ(outcome.fires, noon + 10s + n * 1min);
    EXPECT_EQ(outcome.missed, 0U);
  }
}

TEST(ReminderRules, SkipLeavesOutWhatIsLaterThanItsGrace) {
  auto reminder = made({.due_in = 10s, .period = 1min, .missed = missed_ticks::skip, .grace = 5s});
  due_outcome outcome = take_tick(reminder, noon + 10s + 3 * 1min + 6s);
  EXPECT_FALSE(outcome.fires);
  EXPECT_EQ(reminder.image.due, noon + 10s + 4 * 1min);
  outcome = take_tick(reminder, noon + 10s + 6 * 1min + 5s);
  EXPECT_EQ(outcome.fires, noon + 10s + 6 * 1min);
  EXPECT_EQ(outcome.missed, 2U);
  auto once = made({.due_in = 10s, .missed = missed_ticks::skip, .grace = 5s});
  outcome = take_tick(once, noon + 16s);
  EXPECT_FALSE(outcome.fires);
  EXPECT_TRUE(outcome.over);
}

TEST(ReminderRules, MissedTicksCountAsRepetitions) {
  auto covered = made({.due_in = 10s, .period = 1min, .repetitions = 5});
  EXPECT_EQ(take_tick(covered, noon + 10s + 3 * 1min).missed, 3U);
  EXPECT_EQ(covered.plan.left, 1U);
  auto over = made({.due_in = 10s, .period = 1min, .repetitions = 5});
  const due_outcome outcome = take_tick(over, noon + 1h);
  EXPECT_EQ(outcome.missed, 4U);
  EXPECT_TRUE(outcome.over);
  auto skipped = made({.due_in = 10s, .period = 1min, .repetitions = 5, .missed = missed_ticks::skip, .grace = 1h});
  EXPECT_EQ(take_tick(skipped, noon + 30min).fires, noon + 10s + 4 * 1min);
}

TEST(ReminderRules, NothingFiresAfterTheEnd) {
  auto reminder = made({.due_in = 10s, .period = 1min, .ttl = 100s});
  EXPECT_EQ(ticks_of(reminder, 9), (std::vector<wall_time>{noon + 10s, noon + 70s}));
  const due_outcome outcome = take_tick(reminder, noon + 100s);
  EXPECT_FALSE(outcome.fires) << "a tick that was due before the end was fired after it";
  EXPECT_TRUE(outcome.over);
}

TEST(ReminderRules, FailedTickIsPutOffByPausesThatGrow) {
  auto reminder = made({.due_in = 10s, .period = 1min});
  wall_time now = noon + 10s;
  std::vector<milliseconds> pauses;
  for (int n = 0; n < 8; ++n) {
    EXPECT_EQ(fail(reminder, now), failure_outcome::tried_again);
    pauses.push_back(reminder.image.due - now);
    now = reminder.image.due;
  }
  EXPECT_EQ(pauses, (std::vector<milliseconds>{1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}));
  EXPECT_EQ(reminder.tick(), noon + 10s);
  const due_outcome outcome = take_tick(reminder, now);
  EXPECT_EQ(outcome.fires, noon + 10s);
  EXPECT_EQ(outcome.missed, 3U) << "what came due meanwhile is covered by the tick that was tried again";
  EXPECT_EQ(reminder.plan.failed, 0U);
  EXPECT_EQ(reminder.plan.tick, std::nullopt);
}

TEST(ReminderRules, FailedTickIsGivenUpAndTheNextOneFires) {
  auto reminder = made({.due_in = 10s, .period = 1h, .retry = tick_retry::constant(3s, 3)});
  EXPECT_EQ(fail(reminder, noon + 10s), failure_outcome::tried_again);
  EXPECT_EQ(reminder.image.due, noon + 13s);
  EXPECT_EQ(fail(reminder, noon + 13s), failure_outcome::tried_again);
  EXPECT_EQ(fail(reminder, noon + 16s), failure_outcome::given_up);
  EXPECT_EQ(reminder.image.due, noon + 10s + 1h);
  EXPECT_EQ(reminder.plan.failed, 0U);
  auto once = made({.due_in = 10s, .retry = tick_retry::none()});
  EXPECT_EQ(fail(once, noon + 10s), failure_outcome::given_up_and_over);
}

TEST(ReminderRules, SkippedTicksAreNotThoseThatAreTriedAgain) {
  auto reminder = made({.due_in = 10s, .period = 1h, .missed = missed_ticks::skip, .grace = 1s});
  EXPECT_EQ(fail(reminder, noon + 10s), failure_outcome::tried_again);
  EXPECT_EQ(take_tick(reminder, noon + 30s).fires, noon + 10s);
}

TEST(ReminderRules, FailureOfATickLeavesOutThoseThatWereSkippedBeforeIt) {
  const wall_time first = noon + 10s;
  const wall_time last = first + 10h;
  const wall_time now = last + 2min;
  reminder_schedule asked{.due_in = 10s, .period = 1h, .repetitions = 20, .missed = missed_ticks::skip, .grace = 5min};
  auto reminder = made(asked);
  auto taken = reminder;
  EXPECT_EQ(take_tick(taken, now).fires, last);
  EXPECT_EQ(note_failure(reminder, {last, now}, now + 1s), failure_outcome::tried_again);
  EXPECT_EQ(reminder.tick(), last);
  EXPECT_EQ(reminder.plan.left, 10U);
  const due_outcome again = take_tick(reminder, now + 1h);
  EXPECT_EQ(again.fires, last) << "its grace does not hold for a tick that is tried again";
  EXPECT_EQ(reminder.image.due, last + 1h);
  EXPECT_EQ(reminder.plan.left, 9U);
  asked.retry = tick_retry::none();
  auto given_up = made(asked);
  EXPECT_EQ(note_failure(given_up, {last, now}, now + 1s), failure_outcome::given_up);
  EXPECT_EQ(given_up.image.due, last + 1h);
  EXPECT_EQ(given_up.plan.left, 9U);
}

TEST(ReminderRules, TickThatIsGivenUpTakesOnlyWhatItsRunCovered) {
  auto reminder = made({.due_in = 10s, .period = 10s, .retry = tick_retry::none()});
  EXPECT_EQ(note_failure(reminder, {noon + 10s, noon + 20s}, noon + 45s), failure_outcome::given_up);
  EXPECT_EQ(reminder.image.due, noon + 30s);
  EXPECT_EQ(take_tick(reminder, noon + 45s).missed, 1U);
}

TEST(ReminderRules, TickIsPutOffWhereItMayNotBeGivenUp) {
  auto reminder = made({.due_in = 10s, .period = 10s, .retry = tick_retry::none()});
  EXPECT_EQ(note_failure(reminder, {noon + 10s, noon + 10s}, noon + 10s, false), failure_outcome::tried_again);
  EXPECT_EQ(reminder.image.due, noon + 11s);
  EXPECT_EQ(reminder.plan.failed, 1U);
}

TEST(ReminderRules, PausedOneGoesOnWithItsRhythm) {
  auto reminder = made({.due_in = 10s, .period = 1min, .repetitions = 5});
  internal::pause(reminder);
  EXPECT_EQ(reminder.image.due, paused_until());
  EXPECT_EQ(describe(planned_reminder(reminder).finish()).due, noon + 10s);
  EXPECT_TRUE(internal::resume(reminder, noon + 10s + 3 * 1min + 1s));
  EXPECT_EQ(reminder.image.due, noon + 10s + 4 * 1min);
  EXPECT_EQ(reminder.plan.left, 5U) << "a tick that was held up was counted";
}

TEST(ReminderRules, PausedOneThatFiresOnceFiresWhenItIsResumed) {
  auto reminder = made({.due_in = 10s});
  internal::pause(reminder);
  EXPECT_TRUE(internal::resume(reminder, noon + 1h));
  EXPECT_EQ(reminder.image.due, noon + 10s);
  auto ended = made({.due_in = 10s, .period = 1s, .ttl = 1min});
  internal::pause(ended);
  EXPECT_FALSE(internal::resume(ended, noon + 1h));
}

TEST(ReminderRules, PausedOneKeepsATickThatFailed) {
  auto reminder = made({.due_in = 10s, .period = 1h});
  static_cast<void>(fail(reminder, noon + 10s));
  internal::pause(reminder);
  EXPECT_TRUE(internal::resume(reminder, noon + 5min));
  EXPECT_EQ(reminder.image.due, noon + 5min);
  EXPECT_EQ(reminder.tick(), noon + 10s);
}

TEST(ReminderRules, PlanIsReadAsItWasWritten) {
  auto reminder =
      made({.repeat = schedule::cron("0 9 * * *", "Europe/Berlin"),
            .repetitions = 7,
            .until = noon + 1h * 24 * 365,
            .missed = missed_ticks::skip,
            .grace = 5s,
            .retry = {.attempts_max = 3, .first_pause = 5ms, .longest_pause = 7ms, .then = tick_retry::end::drop}});
  reminder.plan.method = "expire";
  static_cast<void>(fail(reminder, reminder.image.due));
  EXPECT_EQ(plan_of(planned_reminder(reminder).finish()), reminder.plan);
  EXPECT_EQ(made({.due_in = 1s, .period = 1s}).finish().plan, "null") << "a plain one needs no plan";
}

TEST(ReminderRules, PlanThatCannotBeReadIsNamed) {
  for (const char* plan :
       {"[]", "{\"repeat\":\"every day\",\"anchor\":0}", "{\"missed\":\"some\"}", "{\"left\":\"x\"}"}) {
    const spi::reminder_image image{"tea", noon, {}, "null", plan};
    try {
      static_cast<void>(plan_of(image));
      ADD_FAILURE() << plan << " was taken";
    } catch (const error& e) {
      EXPECT_EQ(e.kind(), errc::bad_state) << plan;
      EXPECT_NE(std::string_view(e.what()).find("tea"), std::string_view::npos) << e.what();
    }
  }
}

/// What is said of a schedule that cannot be meant.
std::string refused(const reminder_schedule& asked) {
  try {
    static_cast<void>(made(asked));
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), errc::invalid_argument);
    return e.what();
  }
  return "it was taken";
}

TEST(ReminderRules, WhatCannotBeMeantIsRefusedInWords) {
  using ::testing::HasSubstr;
  EXPECT_THAT(refused({.due_in = -1ms}), HasSubstr("due_in is negative (-1 ms)"));
  EXPECT_THAT(refused({.period = -1ms}), HasSubstr("the period is negative"));
  EXPECT_THAT(refused({.ttl = -1ms}), HasSubstr("the ttl is negative"));
  EXPECT_THAT(refused({.grace = -1ms}), HasSubstr("the grace is negative"));
  EXPECT_THAT(refused({.due_in = milliseconds::max()}), HasSubstr("longer than 1,000 years"));
  EXPECT_THAT(refused({.due_at = wall_time(-1ms)}), HasSubstr("due_at lies before 1970"));
  EXPECT_THAT(refused({.period = 1s, .repeat = schedule::every(1s)}), HasSubstr("give one of them"));
  EXPECT_THAT(refused({.ttl = 1s, .until = noon + 1s}), HasSubstr("give one of them"));
  EXPECT_THAT(refused({.until = noon}), HasSubstr("its end (until) has passed"));
  EXPECT_THAT(refused({.due_in = 10s, .ttl = 10s}), HasSubstr("ends before its first tick"));
  EXPECT_THAT(refused({.due_in = 10s, .repetitions = 3}), HasSubstr("neither a period nor a rule"));
  EXPECT_THAT(refused({.repeat = schedule::parse("R5/PT1H"), .repetitions = 3}), HasSubstr("says otherwise"));
  EXPECT_THAT(refused({.retry = {.first_pause = 0ms}}), HasSubstr("the pauses of its retry"));
  EXPECT_THAT(refused({.retry = {.first_pause = 2s, .longest_pause = 1s}}), HasSubstr("the pauses of its retry"));
}

}  // namespace
}  // namespace troupe::internal
