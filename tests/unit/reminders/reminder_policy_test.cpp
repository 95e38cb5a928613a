#include <gtest/gtest.h>

#include "troupe/schedule/time_text.hpp"
#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// Sets reminders as it is told, and writes down what comes of them.
class clerk : public actor {
 public:
  static constexpr std::string_view actor_type = "clerk";

  void set(std::string name, reminder_schedule when) { schedule_reminder(name, when); }
  void set_typed(std::string name, reminder_schedule when, int n, std::string text) {
    schedule_reminder<&clerk::note>(name, when, n, text);
  }
  void note(int n, std::string text) {
    page_.edit().note += text + std::to_string(n) + ";";
    if (page_->total != 0) throw std::runtime_error("not now");
  }
  task<int> note_slowly(int n) {
    co_await sleep_for(10s);
    page_.edit().note += "slow" + std::to_string(n) + ";";
    co_return n;
  }
  void be_cross(int mood) { page_.edit().total = mood; }
  std::string heard() const { return page_->note; }
  bool hold(std::string name) { return pause_reminder(name); }
  bool go_on(std::string name) { return resume_reminder(name); }
  void cancel_then_throw() {
    cancel_reminders("");
    throw std::runtime_error("no");
  }

  task<void> on_reminder(reminder_tick tick) override {
    page_.edit().note += tick.name + "@" + std::to_string((tick.due - manual_clock::default_start) / 1s) + "+" +
                         std::to_string(tick.missed) + "#" + std::to_string(tick.attempt) + ";";
    if (page_->total != 0) throw std::runtime_error("not now");
    co_return;
  }

  using methods = troupe::methods<&clerk::set, &clerk::set_typed, &clerk::note, &clerk::note_slowly, &clerk::be_cross,
                                  &clerk::heard, &clerk::hold, &clerk::go_on, &clerk::cancel_then_throw>;

 private:
  state<page> page_{*this, "page"};
};

/// Has nothing in the store of its own.
class bell : public actor {
 public:
  static constexpr std::string_view actor_type = "bell";
  void ring(int times) { rung += times; }
  using methods = troupe::methods<&bell::ring>;
  inline static int rung = 0;
};

class ReminderPolicy : public ::testing::Test {
 protected:
  ReminderPolicy() { host(); }
  void host() {
    rt.host<clerk>({.idle_timeout = 1s});
    rt.host<bell>({.idle_timeout = 1s});
  }
  [[nodiscard]] actor_ref<clerk> c(const std::string& key = "c") { return rt.ref<clerk>(key); }
  [[nodiscard]] std::string heard() { return c().call<&clerk::heard>().get(); }
  void set(const std::string& name, reminder_schedule when) { c().schedule_reminder(name, std::move(when)).get(); }

  test_runtime rt;
};

TEST_F(ReminderPolicy, TypedHandlerGetsItsArguments) {
  c().call<&clerk::set_typed>("tea", reminder_schedule{.due_in = 10s, .period = 60s}, 7, "cups").get();
  c().schedule_reminder<&clerk::note>("cake", {.due_in = 20s}, 1, "plate").get();
  rt.advance(75s);
  EXPECT_EQ(heard(), "cups7;plate1;cups7;");
}

TEST_F(ReminderPolicy, TypedHandlerMayAwaitAndItsResultIsDropped) {
  c().schedule_reminder<&clerk::note_slowly>("walk", {.due_in = 10s}, 3).get();
  rt.advance(30s);
  EXPECT_EQ(heard(), "slow3;");
  EXPECT_TRUE(rt.stored({"clerk", "c"}).reminders.empty());
}

TEST_F(ReminderPolicy, TypedHandlerNeedsNeitherStateNorOnReminder) {
  bell::rung = 0;
  rt.ref<bell>("b").schedule_reminder<&bell::ring>("noon", {.due_in = 10s, .period = 10s}, 2).get();
  rt.advance(25s);
  EXPECT_EQ(bell::rung, 4);
  EXPECT_TRUE(rt.ref<bell>("b").cancel_reminder("noon").get());
  rt.advance(1min);
  EXPECT_EQ(bell::rung, 4);
}

TEST_F(ReminderPolicy, MethodThatIsGoneKeepsTheReminderAndNoOtherWaiting) {
  rt.put({"clerk", "c"}, {},
         {{.name = "cake", .due = rt.wall_now(), .data = "[1]", .plan = R"({"method":"bake"})"},
          {.name = "tea", .due = rt.wall_now() + 1s, .data = "null"}});
  rt.advance(1s);
  EXPECT_EQ(heard(), "tea@1+0#1;");
  rt.advance(5min);
  const auto left = rt.stored({"clerk", "c"}).reminders;
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].name, "cake");
  ASSERT_FALSE(rt.log_lines().empty());
  EXPECT_NE(rt.log_lines()[0].find("clerk.bake"), std::string::npos) << rt.log_lines()[0];
  EXPECT_LE(rt.log_lines().size(), 12U) << "it is tried again without a pause";
}

TEST_F(ReminderPolicy, OutsideSetsReplacesListsAndCancels) {
  set("tea", {.due_in = 10s});
  set("tea", {.due_in = 20s, .period = 30s, .repetitions = 4});
  set("cake", {.due_in = 1h});
  rt.advance(15s);
  EXPECT_EQ(heard(), "");
  const auto list = c().reminders().get();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[1].name, "tea");
  EXPECT_EQ(list[1].period, 30s);
  EXPECT_EQ(list[1].left, 4U);
  EXPECT_EQ(list[0].left, 1U);
  EXPECT_TRUE(c().cancel_reminder("tea").get());
  EXPECT_FALSE(c().cancel_reminder("tea").get());
  EXPECT_EQ(c().cancel_reminders("c").get(), 1U);
  rt.advance(2h);
  EXPECT_EQ(heard(), "");
}

TEST_F(ReminderPolicy, SettingFromOutsideIsDurableWhenItIsAnswered) {
  set("tea", {.due_in = 10s});
  rt.crash();
  static_cast<void>(c());
  rt.advance(11s);
  EXPECT_EQ(heard(), "tea@10+0#1;");
}

TEST_F(ReminderPolicy, CancellingIsUndoneWithItsTurn) {
  set("tea", {.due_in = 10s});
  EXPECT_THROW(c().call<&clerk::cancel_then_throw>().get(), std::runtime_error);
  rt.advance(11s);
  EXPECT_EQ(heard(), "tea@10+0#1;");
}

TEST_F(ReminderPolicy, AllFiresEveryTickOfAnOutage) {
  set("beat", {.due_in = 10s, .period = 60s, .missed = missed_ticks::all});
  rt.set_wall(rt.wall_now() + 4min);
  rt.crash();
  static_cast<void>(c());
  rt.advance(1s);
  EXPECT_EQ(heard(), "beat@10+0#1;beat@70+0#1;beat@130+0#1;beat@190+0#1;");
}

TEST_F(ReminderPolicy, SkipFiresNothingThatIsTooLate) {
  set("beat", {.due_in = 10s, .period = 60s, .missed = missed_ticks::skip, .grace = 5s});
  rt.set_wall(rt.wall_now() + 4min);
  rt.crash();
  static_cast<void>(c());
  rt.advance(5s);
  EXPECT_EQ(heard(), "");
  rt.advance(10s);
  EXPECT_EQ(heard(), "beat@250+0#1;");
}

TEST_F(ReminderPolicy, RepetitionsEnd) {
  set("beat", {.due_in = 10s, .period = 60s, .repetitions = 2});
  rt.advance(10min);
  EXPECT_EQ(heard(), "beat@10+0#1;beat@70+0#1;");
  EXPECT_TRUE(rt.stored({"clerk", "c"}).reminders.empty());
}

TEST_F(ReminderPolicy, NothingFiresBehindItsEnd) {
  set("beat", {.due_in = 10s, .period = 60s, .ttl = 100s});
  rt.advance(10min);
  EXPECT_EQ(heard(), "beat@10+0#1;beat@70+0#1;");
  set("late", {.due_in = 10s, .ttl = 20s});
  rt.set_wall(rt.wall_now() + 1min);
  rt.advance(1min);
  EXPECT_EQ(heard(), "beat@10+0#1;beat@70+0#1;") << "a tick was fired after its end";
  EXPECT_TRUE(rt.stored({"clerk", "c"}).reminders.empty());
}

TEST_F(ReminderPolicy, CronFiresByTheClockOfItsZone) {
  const wall_time start = parse_time("2026-03-28T20:00:00Z");
  rt.set_wall(start);
  set("report", {.repeat = schedule::cron("30 2 * * *", "Europe/Berlin")});
  const auto due = [&] { return c().reminders().get().at(0).due; };
  EXPECT_EQ(due(), parse_time("2026-03-29T01:00:00Z")) << "02:30 does not exist that night: the end of the gap";
  rt.advance(6h);
  EXPECT_EQ(due(), parse_time("2026-03-30T00:30:00Z"));
  EXPECT_EQ(rt.counters().reminders_fired, 1U);
}

TEST_F(ReminderPolicy, FailedTickIsPutOffDurably) {
  c().call<&clerk::be_cross>(1).get();
  set("tea", {.due_in = 10s, .retry = tick_retry::constant(30s, 5)});
  rt.advance(15s);
  const auto list = c().reminders().get();
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].failed, 1U);
  EXPECT_EQ(list[0].due, manual_clock::default_start + 10s);
  EXPECT_EQ(list[0].retry_at, manual_clock::default_start + 40s);
  rt.crash();
  c().call<&clerk::be_cross>(0).get();
  rt.advance(20s);
  EXPECT_EQ(heard(), "") << "the pause was forgotten with the process";
  rt.advance(10s);
  EXPECT_EQ(heard(), "tea@10+0#2;");
}

TEST_F(ReminderPolicy, FailingOneHoldsNoOtherUp) {
  c().call<&clerk::be_cross>(1).get();
  set("tea", {.due_in = 10s, .retry = tick_retry::constant(1h, 9)});
  rt.advance(11s);
  c().call<&clerk::be_cross>(0).get();
  set("cake", {.due_in = 1s});
  rt.advance(2s);
  EXPECT_EQ(heard(), "cake@12+0#1;");
}

TEST_F(ReminderPolicy, GivenUpTickBecomesADeadLetterThatCanBeRedriven) {
  c().call<&clerk::be_cross>(1).get();
  set("tea", {.due_in = 10s, .period = 1h, .data = {{"cups", 2}}, .retry = tick_retry::constant(1s, 3)});
  c().schedule_reminder<&clerk::note>("cake", {.due_in = 20s, .retry = {.attempts_max = 1}}, 4, "plate").get();
  rt.advance(1min);
  const auto letters = rt.dead_letters({"clerk", "c"});
  ASSERT_EQ(letters.size(), 2U);
  EXPECT_EQ(letters[0].method, "on_reminder");
  EXPECT_EQ(letters[0].attempts, 3U);
  EXPECT_EQ(letters[0].sent, manual_clock::default_start + 10s);
  EXPECT_NE(letters[0].error.find("not now"), std::string::npos);
  EXPECT_NE(letters[0].arguments.find("\"cups\":2"), std::string::npos) << letters[0].arguments;
  EXPECT_EQ(letters[1].method, "note");
  EXPECT_EQ(letters[1].arguments, R"([4,"plate"])");
  c().call<&clerk::be_cross>(0).get();
  rt.redrive_dead_letter({"clerk", "c"}, letters[0].id);
  rt.redrive_dead_letter({"clerk", "c"}, letters[1].id);
  EXPECT_EQ(heard(), "tea@10+0#4;plate4;");
  EXPECT_TRUE(rt.dead_letters({"clerk", "c"}).empty());
  rt.advance(1h);
  EXPECT_EQ(heard(), "tea@10+0#4;plate4;tea@3610+0#1;") << "it did not go on with its next tick";
}

TEST_F(ReminderPolicy, DroppedTickLeavesNothing) {
  c().call<&clerk::be_cross>(1).get();
  set("tea", {.due_in = 10s, .retry = tick_retry::none()});
  rt.advance(1min);
  EXPECT_TRUE(rt.dead_letters({"clerk", "c"}).empty());
  EXPECT_TRUE(rt.stored({"clerk", "c"}).reminders.empty());
  ASSERT_EQ(rt.log_lines().size(), 1U);
  EXPECT_NE(rt.log_lines()[0].find("not now"), std::string::npos);
}

TEST_F(ReminderPolicy, StoreThatIsDownDoesNotCountAsAnAttempt) {
  set("tea", {.due_in = 10s, .retry = tick_retry::none()});
  rt.store().set_plan(first(2, store_operation::commit, {.what = fault::outcome::conflict}));
  rt.advance(1min);
  EXPECT_EQ(heard(), "tea@10+0#1;");
}

TEST_F(ReminderPolicy, PausedOneFiresNothingUntilItIsResumed) {
  set("beat", {.due_in = 10s, .period = 60s});
  set("once", {.due_in = 30s});
  EXPECT_TRUE(c().pause_reminder("beat").get());
  EXPECT_TRUE(c().call<&clerk::hold>("once").get());
  EXPECT_FALSE(c().pause_reminder("tea").get());
  rt.advance(3min);
  rt.crash();
  EXPECT_EQ(heard(), "");
  ASSERT_TRUE(c().reminders().get().at(0).paused);
  EXPECT_EQ(c().reminders().get().at(0).due, manual_clock::default_start + 10s);
  EXPECT_TRUE(c().resume_reminder("beat").get());
  EXPECT_TRUE(c().call<&clerk::go_on>("once").get());
  rt.advance(1s);
  EXPECT_EQ(heard(), "once@30+0#1;");
  rt.advance(10s);
  EXPECT_EQ(heard(), "once@30+0#1;beat@190+0#1;");
}

TEST_F(ReminderPolicy, PeriodShorterThanTheHandlerIsCovered) {
  c().schedule_reminder<&clerk::note_slowly>("walk", {.due_in = 1s, .period = 1s}, 1).get();
  rt.advance(60s);
  EXPECT_LE(rt.counters().reminders_fired, 7U) << "ticks piled up behind a slow handler";
  EXPECT_GE(rt.counters().reminders_fired, 5U);
}

TEST_F(ReminderPolicy, WallClockThatIsSetForwardFiresWithinASecond) {
  set("tea", {.due_in = 50s});
  rt.set_wall(rt.wall_now() + 1min);
  rt.advance(1s);
  EXPECT_EQ(heard(), "tea@50+0#1;");
}

TEST_F(ReminderPolicy, WallClockThatIsSetBackFiresNothingTwice) {
  set("beat", {.due_in = 10s, .period = 60s});
  rt.advance(11s);
  EXPECT_EQ(heard(), "beat@10+0#1;");
  rt.set_wall(rt.wall_now() - 1h);
  rt.advance(30min);
  EXPECT_EQ(heard(), "beat@10+0#1;");
  rt.advance(31min);
  EXPECT_EQ(heard(), "beat@10+0#1;beat@70+0#1;");
}

TEST_F(ReminderPolicy, BulkListsCountsPausesAndCancels) {
  for (int n = 0; n < 30; ++n) {
    const std::string key = (n < 10 ? "a" : "b") + std::to_string(n);
    c(key).schedule_reminder("tea", {.due_in = 10min}).get();
    c(key).schedule_reminder("cake", {.due_in = 20min}).get();
  }
  rt.ref<bell>("b").schedule_reminder<&bell::ring>("tea", {.due_in = 10min}, 1).get();
  EXPECT_EQ(rt.count_reminders(), 61U);
  EXPECT_EQ(rt.count_reminders({.type = "clerk", .key_prefix = "a"}), 20U);
  EXPECT_EQ(rt.count_reminders({.name_prefix = "t"}), 31U);
  const auto page = rt.list_reminders({.type = "clerk", .name_prefix = "c"}, {}, 10);
  ASSERT_EQ(page.reminders.size(), 10U);
  EXPECT_EQ(page.reminders[0].actor, (actor_id{"clerk", "a0"}));
  EXPECT_EQ(page.reminders[0].reminder.name, "cake");
  ASSERT_TRUE(page.next);
  EXPECT_EQ(rt.list_reminders({.type = "clerk", .name_prefix = "c"}, page.next, 100).reminders.size(), 20U);
  auto report = rt.pause_reminders({.type = "clerk", .key_prefix = "b"}, {.actors_at_once = 7});
  EXPECT_EQ(report.changed, 40U);
  EXPECT_EQ(report.seen, 20U);
  EXPECT_EQ(rt.pause_reminders({.type = "clerk", .key_prefix = "b"}).changed, 0U) << "they are paused already";
  report = rt.cancel_reminders({.type = "clerk", .key_prefix = "a"});
  EXPECT_EQ(report.changed, 20U);
  EXPECT_EQ(report.failed, 0U);
  rt.advance(30min);
  EXPECT_EQ(rt.counters().reminders_fired, 1U);
  EXPECT_EQ(rt.resume_reminders({.type = "clerk", .name_prefix = "te"}).changed, 20U);
  rt.advance(1s);
  EXPECT_EQ(rt.counters().reminders_fired, 21U);
}

TEST_F(ReminderPolicy, BulkGoesOnBehindAnActorThatFails) {
  set("tea", {.due_in = 10min});
  rt.put({"stranger", "s"}, {}, {{.name = "tea", .due = rt.wall_now() + 1h, .data = "null"}});
  const auto report = rt.cancel_reminders({});
  EXPECT_EQ(report.changed, 1U);
  EXPECT_EQ(report.failed, 1U);
  ASSERT_EQ(report.failures.size(), 1U);
  EXPECT_EQ(report.failures[0].actor, (actor_id{"stranger", "s"}));
  EXPECT_NE(report.failures[0].error.find("stranger"), std::string::npos);
  EXPECT_EQ(error_of([this] { static_cast<void>(rt.list_reminders({}, {}, 0)); }).kind(), errc::invalid_argument);
  EXPECT_EQ(error_of([this] { rt.cancel_reminders({}, {.actors_at_once = 0}); }).kind(), errc::invalid_argument);
}

TEST_F(ReminderPolicy, TypedOneWithDataIsRefused) {
  const error why = error_of([this] { c().schedule_reminder<&clerk::note>("tea", {.data = 5}, 1, "x").get(); });
  EXPECT_EQ(why.kind(), errc::invalid_argument);
}

TEST_F(ReminderPolicy, OverdueOnesBeginAtABoundedRate) {
  test_options options;
  options.reminders.overdue_per_second = 100;
  test_runtime slow(options);
  slow.host<clerk>({.idle_timeout = 1s});
  for (int n = 0; n < 1000; ++n) {
    slow.put({"clerk", std::to_string(n)}, {},
             {{.name = "tea", .due = slow.wall_now() - std::chrono::minutes(n + 1), .data = "null"}});
  }
  static_cast<void>(slow.ref<clerk>("0"));
  slow.advance(1s);
  EXPECT_LE(slow.counters().reminders_fired, 110U);
  EXPECT_GE(slow.counters().reminders_fired, 90U);
  EXPECT_TRUE(slow.stored({"clerk", "999"}).reminders.empty()) << "the longest overdue was not the first";
  EXPECT_FALSE(slow.stored({"clerk", "0"}).reminders.empty());
  slow.advance(10s);
  EXPECT_EQ(slow.counters().reminders_fired, 1000U);
}

}  // namespace
}  // namespace troupe::testing
