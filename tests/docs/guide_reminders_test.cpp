// The code of docs/guide/03-time.md on reminders that repeat, end, are missed, fail, and are set from outside.
#include <chrono>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <troupe/testing/test_runtime.hpp>
#include <troupe/troupe.hpp>

using namespace std::chrono_literals;
using troupe::missed_ticks;
using troupe::schedule;
using troupe::tick_retry;
using troupe::testing::test_runtime;

class account : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "plan";

  void begin(std::string customer) {
    schedule_reminder<&account::bill>("bill", {.repeat = schedule::cron("30 9 1 * *", "Europe/Berlin")}, customer);
    schedule_reminder<&account::nudge>("nudge", {.due_in = 24h, .period = 24h, .repetitions = 3});
    schedule_reminder<&account::nudge>("offer", {.repeat = schedule::parse("@daily"), .ttl = 24h * 30});
    schedule_reminder<&account::count>("meter", {.due_in = 1h, .period = 1h, .missed = missed_ticks::all});
    schedule_reminder<&account::greet>("greet", {.due_in = 12h, .missed = missed_ticks::skip, .grace = 1h});
    schedule_reminder<&account::renew>("renew", {.due_in = 2h, .retry = {.attempts_max = 5, .longest_pause = 10min}});
  }
  void bill(std::string customer) { said_.edit() += "bill " + customer + ";"; }
  void nudge() { said_.edit() += "nudge;"; }
  void count() { ++hours_.edit(); }
  void greet() { said_.edit() += "greet;"; }
  void renew() { throw std::runtime_error("the bank is closed"); }
  std::string said() const { return *said_; }
  int hours() const { return *hours_; }
  using methods = troupe::methods<&account::begin, &account::bill, &account::nudge, &account::count, &account::greet,
                                  &account::renew, &account::said, &account::hours>;

 private:
  troupe::state<std::string> said_{*this, "said"};
  troupe::state<int> hours_{*this, "hours"};
};

TEST(Guide, RemindersRepeatEndAndAreGivenUp) {
  test_runtime rt;
  rt.host<account>();
  const auto plan = rt.ref<account>("p");
  plan.call<&account::begin>("ann").get();
  rt.advance(24h * 4);
  EXPECT_EQ(plan.call<&account::hours>().get(), 96);
  const auto said = plan.call<&account::said>().get();
  EXPECT_NE(said.find("greet;"), std::string::npos);
  EXPECT_NE(said.find("nudge;"), std::string::npos);
  const auto letters = rt.dead_letters({"plan", "p"});
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].error, "the bank is closed");
}

TEST(Guide, RemindersFromOutside) {
  test_runtime rt;
  rt.host<account>();
  const auto plan = rt.ref<account>("p");
  plan.schedule_reminder<&account::bill>("trial ends", {.due_in = 24h * 14}, "ann").get();
  plan.pause_reminder("trial ends").get();
  for (const troupe::reminder_info& each : plan.reminders().get()) {
    EXPECT_TRUE(each.paused);
  }
  plan.resume_reminder("trial ends").get();
  plan.cancel_reminder("trial ends").get();
  EXPECT_EQ(rt.count_reminders(), 0U);
  plan.call<&account::begin>("ann").get();
  const auto due = rt.list_reminders({.type = "plan", .name_prefix = "bill"});
  EXPECT_EQ(due.reminders.size(), 1U);
  const auto report = rt.cancel_reminders({.type = "plan", .key_prefix = "p", .name_prefix = "nudge"});
  EXPECT_EQ(report.changed, 1U);
}
