// What keeps a reminder from being handled, and does not keep others from it.
#include <gtest/gtest.h>

#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// Fails as it is told.
class waiter : public actor {
 public:
  static constexpr std::string_view actor_type = "waiter";

  void be(std::string mood) { mood_.edit() = mood; }
  std::string heard() const { return *heard_; }
  task<void> on_reminder(reminder_tick tick) override {
    heard_.edit() += tick.name + "@" + std::to_string((tick.due - manual_clock::default_start) / 1s) + "#" +
                     std::to_string(tick.attempt) + ";";
    if (tick.name == "tea" && *mood_ == "hindered") throw error(errc::unavailable, "the kitchen is closed");
    if (tick.name == "tea" && *mood_ == "cross") throw std::runtime_error("not now");
    co_return;
  }
  using methods = troupe::methods<&waiter::be, &waiter::heard>;

 private:
  state<std::string> heard_{*this, "heard"};
  state<std::string> mood_{*this, "mood"};
};

/// Takes its time over each tick.
class slow_bell : public actor {
 public:
  static constexpr std::string_view actor_type = "slow_bell";

  task<void> on_reminder(reminder_tick) override {
    co_await sleep_for(9ms);
    ++rings_.edit();
  }
  using methods = troupe::methods<>;

 private:
  state<int> rings_{*this, "rings"};
};

class ReminderTrouble : public ::testing::Test {
 protected:
  ReminderTrouble() { rt.host<waiter>({.idle_timeout = 10min, .messages = {.letters_max = 1}}); }
  [[nodiscard]] actor_ref<waiter> w() { return rt.ref<waiter>("w"); }
  [[nodiscard]] std::string heard() { return w().call<&waiter::heard>().get(); }

  test_runtime rt;
};

TEST_F(ReminderTrouble, HinderedTickHoldsNoOtherUp) {
  w().call<&waiter::be>("hindered").get();
  w().schedule_reminder("tea", {.due_in = 10s}).get();
  w().schedule_reminder("cake", {.due_in = 10s, .period = 1s, .repetitions = 5}).get();
  rt.advance(20s);
  EXPECT_EQ(heard(), "cake@10#1;cake@11#1;cake@12#1;cake@13#1;cake@14#1;");
  w().call<&waiter::be>("well").get();
  rt.advance(60s);
  EXPECT_EQ(heard(), "cake@10#1;cake@11#1;cake@12#1;cake@13#1;cake@14#1;tea@10#1;");
  EXPECT_TRUE(rt.stored({"waiter", "w"}).reminders.empty());
}

TEST_F(ReminderTrouble, HinderedTickIsTriedAgainAfterPausesThatGrow) {
  w().call<&waiter::be>("hindered").get();
  w().schedule_reminder("tea", {.due_in = 10s}).get();
  rt.advance(10min);
  const auto tried = rt.counters().reminders_fired;
  EXPECT_GE(tried, 12U);
  EXPECT_LE(tried, 16U) << "1 + 2 + 4 + 8 + 16 + 32 s, then every 60 s";
}

TEST_F(ReminderTrouble, ShutdownDoesNotWaitForThoseThatRepeat) {
  rt.host<slow_bell>();
  for (int n = 0; n < 3; ++n) {  // one of them is always awake
    rt.ref<slow_bell>(std::to_string(n))
        .schedule_reminder("ring", {.due_in = 10ms + n * 3ms, .period = 10ms, .repetitions = 300})
        .get();
  }
  rt.advance(100ms);
  const wall_time asked = rt.wall_now();
  rt.restart();
  EXPECT_LT(rt.wall_now() - asked, 20ms);
  for (int n = 0; n < 3; ++n) EXPECT_EQ(rt.stored({"slow_bell", std::to_string(n)}).reminders.size(), 1U);
}

TEST_F(ReminderTrouble, FullLetterBoxKeepsATickAndHoldsNoOtherUp) {
  w().call<&waiter::be>("cross").get();
  w().schedule_reminder("tea", {.due_in = 10s, .period = 10s, .retry = {.attempts_max = 1}}).get();
  w().schedule_reminder("cake", {.due_in = 35s}).get();
  rt.advance(40s);
  const auto letters = rt.dead_letters({"waiter", "w"});
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(heard(), "cake@35#1;");
  w().call<&waiter::be>("well").get();
  rt.advance(60s);
  EXPECT_NE(heard().find("tea@20#"), std::string::npos) << heard();
}

TEST_F(ReminderTrouble, UnreadablePlanIsListedAndLeavesTheOthersToBeChanged) {
  rt.put({"waiter", "w"}, {},
         {{.name = "cake", .due = rt.wall_now() + 1h, .data = "null"},
          {.name = "tea", .due = rt.wall_now() + 1h, .data = "null", .plan = R"({"repeat":"@daily","zone":"Moon"})"}});
  const auto listed = rt.list_reminders();
  ASSERT_EQ(listed.reminders.size(), 2U);
  EXPECT_EQ(listed.reminders[0].reminder.problem, "");
  EXPECT_NE(listed.reminders[1].reminder.problem.find("Moon"), std::string::npos);
  EXPECT_EQ(w().reminders().get().size(), 2U);
  const auto report = rt.pause_reminders({});
  EXPECT_EQ(report.changed, 1U);
  ASSERT_EQ(report.failures.size(), 1U);
  EXPECT_NE(report.failures[0].error.find("Moon"), std::string::npos) << report.failures[0].error;
}

TEST_F(ReminderTrouble, WallClockThatIsSetBehindTheWindowFiresWithinASecond) {
  w().schedule_reminder("cake", {.due_in = 30min}).get();
  rt.advance(5s);
  rt.set_wall(rt.wall_now() + 1h);
  rt.advance(1s);
  EXPECT_EQ(heard(), "cake@1800#1;");
}

TEST_F(ReminderTrouble, WhatIsSetRightAfterTheWallClockIsKnown) {
  rt.advance(5s);
  rt.set_wall(rt.wall_now() + 1h);
  w().schedule_reminder("cake", {.due_in = 2s}).get();
  rt.advance(2s);
  EXPECT_EQ(heard(), "cake@3607#1;");
}

TEST(ReminderPauses, FollowTheSteadyClock) {
  test_runtime rt;
  rt.put({"waiter", "w"}, {}, {{.name = "cake", .due = rt.wall_now() + 1s, .data = "null"}});
  rt.advance(2s);  // nobody hosts its class: it cannot be woken
  rt.set_wall(rt.wall_now() - 1h);
  rt.advance(2h);
  rt.host<waiter>();
  rt.advance(61s);
  EXPECT_TRUE(rt.stored({"waiter", "w"}).reminders.empty());
}

TEST(ReminderScan, ThatTakesLongerThanAQuarterOfTheWindowCounts) {
  test_runtime rt({.reminders = {.window = 4s}});
  rt.put({"waiter", "w"}, {}, {{.name = "cake", .due = rt.wall_now() + 2s, .data = "null"}});
  rt.store().set_plan(first(1, store_operation::scan_due, {.what = {}, .when = fault::hold::after, .only = {}}));
  rt.host<waiter>();
  static_cast<void>(rt.ref<waiter>("w"));
  rt.advance(5s);
  EXPECT_EQ(rt.counters().reminders_fired, 0U);
  rt.store().release_all();
  rt.advance(1ms);
  EXPECT_EQ(rt.counters().reminders_fired, 1U);
}

TEST(ReminderScan, ThatIsGivenUpIsLogged) {
  test_runtime rt;
  rt.store().set_plan(first(1, store_operation::scan_due, {.what = {}, .when = fault::hold::before, .only = {}}));
  rt.host<waiter>();
  static_cast<void>(rt.ref<waiter>("w"));
  rt.advance(20s);
  ASSERT_EQ(rt.log_lines().size(), 1U);
  EXPECT_NE(rt.log_lines()[0].find("no answer for 15 s"), std::string::npos) << rt.log_lines()[0];
}

}  // namespace
}  // namespace troupe::testing
