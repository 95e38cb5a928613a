#include <gtest/gtest.h>

#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// Writes down its ticks in its state.
class waker : public actor {
 public:
  static constexpr std::string_view actor_type = "waker";

  void set(std::string name, int due_in, int period) {
    schedule_reminder(name, {.due_in = std::chrono::seconds(due_in),
                             .due_at = {},
                             .period = std::chrono::seconds(period),
                             .data = name + "!"});
  }
  void set_at(std::string name, std::int64_t seconds) {
    schedule_reminder(name,
                      {.due_in = {}, .due_at = wall_time(std::chrono::seconds(seconds)), .period = {}, .data = {}});
  }
  void set_then_throw(std::string name) {
    set(name, 10, 0);
    throw std::runtime_error("no");
  }
  void set_many(int count) {
    for (int i = 0; i < count; ++i) set(std::to_string(i), 3600, 0);
  }
  bool cancel(std::string name) { return cancel_reminder(name); }
  int known() const { return static_cast<int>(reminders().size()); }
  void cheer_up() { heard_.edit().total = 1; }
  std::string heard() const { return heard_->note; }
  void forget_all() { erase(); }

  task<void> on_reminder(reminder_tick tick) override {
    heard_.edit().note += tick.name + "(" + std::to_string(tick.missed) + "," + tick.data.dump() + ");";
    if (tick.name == "grumpy" && heard_->total == 0) throw std::runtime_error("too early");
    co_return;
  }
  using methods = troupe::methods<&waker::set, &waker::set_at, &waker::set_then_throw, &waker::set_many, &waker::cancel,
                                  &waker::known, &waker::cheer_up, &waker::heard, &waker::forget_all>;

 private:
  state<page> heard_{*this, "heard"};
};

class Reminder : public ::testing::Test {
 protected:
  Reminder() { rt.host<waker>({.idle_timeout = 1s}); }
  [[nodiscard]] actor_ref<waker> w() { return rt.ref<waker>("w"); }
  [[nodiscard]] std::string heard() { return w().call<&waker::heard>().get(); }
  [[nodiscard]] auto image() { return rt.stored({"waker", "w"}); }
  void set(const std::string& name, int due_in, int period = 0) { w().call<&waker::set>(name, due_in, period).get(); }

  test_runtime rt;
};

TEST_F(Reminder, WakesTheActorWithItsDataAndIsGoneAfterwards) {
  set("tea", 10);
  rt.advance(9s);
  EXPECT_EQ(rt.counters().resident_actors, 0U);
  EXPECT_EQ(rt.counters().reminders_fired, 0U);
  rt.advance(1s);
  EXPECT_EQ(heard(), "tea(0,\"tea!\");");
  EXPECT_TRUE(image().reminders.empty());
  rt.advance(1h);
  EXPECT_EQ(rt.counters().reminders_fired, 1U);
}

TEST_F(Reminder, IsAcknowledgedInTheCommitOfItsTurn) {
  set("tea", 10);
  const auto before = image().stamp.version;
  rt.advance(10s);
  EXPECT_EQ(image().stamp.version, before + 1) << "state and acknowledgement were committed apart";
}

TEST_F(Reminder, PeriodCountsFromDueTimeToDueTime) {
  set("beat", 10, 60);
  rt.advance(10s + 3 * 60s);
  EXPECT_EQ(rt.counters().reminders_fired, 4U);
  ASSERT_EQ(image().reminders.size(), 1U);
  EXPECT_EQ(image().reminders[0].due, manual_clock::default_start + 10s + 4 * 60s);
}

TEST_F(Reminder, OneTickCoversWhatAnOutageMissed) {
  set("beat", 10, 60);
  rt.set_wall(rt.wall_now() + 10min);
  rt.crash();
  rt.advance(1ms);
  EXPECT_EQ(heard(), "beat(9,\"beat!\");");
  EXPECT_EQ(image().reminders.at(0).due, manual_clock::default_start + 10s + 10 * 60s);
}

TEST_F(Reminder, SurvivesCrashAndRestart) {
  set("tea", 100);
  rt.crash();
  rt.advance(50s);
  rt.restart();
  rt.advance(49s);
  EXPECT_EQ(rt.counters().reminders_fired, 0U);
  rt.advance(2s);
  EXPECT_EQ(heard(), "tea(0,\"tea!\");");
}

TEST_F(Reminder, FarOnesAreFoundWhenTheirTimeComes) {
  set("far", 3 * 24 * 3600);
  rt.advance(72h - 1s);
  EXPECT_EQ(rt.counters().reminders_fired, 0U);
  rt.advance(1s);
  EXPECT_EQ(heard(), "far(0,\"far!\");");
}

TEST_F(Reminder, SetAndCancelledWithItsTurn) {
  EXPECT_THROW(w().call<&waker::set_then_throw>("tea").get(), std::runtime_error);
  EXPECT_EQ(w().call<&waker::known>().get(), 0);
  set("tea", 10);
  EXPECT_TRUE(w().call<&waker::cancel>("tea").get());
  EXPECT_FALSE(w().call<&waker::cancel>("tea").get());
  rt.advance(1min);
  EXPECT_EQ(heard(), "");
}

TEST_F(Reminder, SameNameIsReplaced) {
  set("tea", 10);
  set("tea", 30);
  EXPECT_EQ(w().call<&waker::known>().get(), 1);
  rt.advance(29s);
  EXPECT_EQ(rt.counters().reminders_fired, 0U);
  rt.advance(1s);
  EXPECT_EQ(rt.counters().reminders_fired, 1U);
}

TEST_F(Reminder, SeveralOfOneActorFireByDueTime) {
  set("b", 20);
  set("a", 10);
  set("c", 20);
  rt.advance(20s);
  EXPECT_EQ(heard().substr(0, 10), "a(0,\"a!\");");
  EXPECT_EQ(rt.counters().reminders_fired, 3U);
}

TEST_F(Reminder, OneThatHasPassedFiresAtOnce) {
  w().call<&waker::set_at>("past", 0).get();
  rt.advance(1ms);
  EXPECT_EQ(heard(), "past(0,null);");
}

TEST_F(Reminder, ThrowLeavesItDueAndItIsFiredAgainAfterGrowingPauses) {
  set("grumpy", 10);
  rt.advance(10s);
  EXPECT_EQ(rt.counters().reminders_fired, 1U);
  EXPECT_EQ(image().reminders.size(), 1U);
  ASSERT_FALSE(rt.log_lines().empty());
  EXPECT_NE(rt.log_lines()[0].find("a reminder of waker/w failed: too early"), std::string::npos);
  rt.advance(1s);
  EXPECT_EQ(rt.counters().reminders_fired, 2U);
  rt.advance(1s);
  EXPECT_EQ(rt.counters().reminders_fired, 2U) << "no pause before the third try";
  rt.advance(1s);
  EXPECT_EQ(rt.counters().reminders_fired, 3U);
  EXPECT_EQ(heard(), "");
  w().call<&waker::cheer_up>().get();
  rt.advance(4s);
  EXPECT_EQ(heard(), "grumpy(0,\"grumpy!\");");
  EXPECT_TRUE(image().reminders.empty());
}

/// The next commit of any turn announced the overdue time again, and the reminder was fired at once.
TEST_F(Reminder, OtherTurnsDoNotShortenThePauseAfterAThrow) {
  set("grumpy", 10);
  rt.advance(10s);
  ASSERT_EQ(rt.counters().reminders_fired, 1U);
  for (int i = 0; i < 5; ++i) {
    set("later", 3600 + i);
    rt.advance(10ms);
  }
  EXPECT_EQ(rt.counters().reminders_fired, 1U);
  rt.advance(950ms);
  EXPECT_EQ(rt.counters().reminders_fired, 2U);
  set("later", 3600);
  rt.advance(1'999ms);
  EXPECT_EQ(rt.counters().reminders_fired, 2U);
  rt.advance(1ms);
  EXPECT_EQ(rt.counters().reminders_fired, 3U);
}

/// Forgotten with the reminder: another one of the actor does not have to wait for it.
TEST_F(Reminder, PauseEndsWhenTheOneThatThrowsIsCancelled) {
  set("grumpy", 10);
  rt.advance(10s + 1s + 2s + 4s);
  ASSERT_EQ(rt.counters().reminders_fired, 4U);
  EXPECT_TRUE(w().call<&waker::cancel>("grumpy").get());
  set("tea", 1);
  rt.advance(1s);
  EXPECT_EQ(heard(), "tea(0,\"tea!\");");
}

/// Takes its time to wake up, and to fail.
class sleeper : public actor {
 public:
  static constexpr std::string_view actor_type = "sleeper";
  void set() { schedule_reminder("wake up", {.due_in = 10s, .due_at = {}, .period = {}, .data = {}}); }
  task<void> on_activate() override { co_await sleep_for(20ms); }
  task<void> on_reminder(reminder_tick) override { throw std::runtime_error("five more minutes"); }
  using methods = troupe::methods<&sleeper::set>;
};

/// The load told of the overdue reminder that the actor was being woken for, and a second tick was sent after the
/// first.
TEST_F(Reminder, OneThatWakesItsActorIsFiredOnce) {
  rt.host<sleeper>({.idle_timeout = 1s});
  rt.ref<sleeper>("s").call<&sleeper::set>().get();
  rt.advance(9s);
  ASSERT_EQ(rt.counters().resident_actors, 0U);
  rt.advance(1'500ms);
  EXPECT_EQ(rt.counters().reminders_fired, 1U);
  rt.advance(1s);
  EXPECT_EQ(rt.counters().reminders_fired, 2U);
}

TEST_F(Reminder, CrashBeforeTheCommitFiresItAgainAndAfterwardsNot) {
  for (const auto when : {fault::hold::before, fault::hold::after}) {
    const std::string key = when == fault::hold::before ? "before" : "after";
    rt.ref<waker>(key).call<&waker::set>("tea", 10, 0).get();
    rt.store().set_plan(every(store_operation::commit, {.what = {}, .when = when, .only = {}}));
    rt.advance(10s);
    ASSERT_EQ(rt.store().held().size(), 1U);
    rt.crash();
    rt.store().set_plan({});
    static_cast<void>(rt.ref<waker>(key));
    rt.advance(1min);
    EXPECT_EQ(rt.ref<waker>(key).call<&waker::heard>().get(), "tea(0,\"tea!\");") << key;
  }
}

TEST_F(Reminder, FailedCommitFiresItAgain) {
  set("tea", 10);
  rt.store().set_plan(first(1, store_operation::commit, {.what = fault::outcome::conflict}));
  rt.advance(1min);
  EXPECT_EQ(heard(), "tea(0,\"tea!\");");
  EXPECT_EQ(rt.counters().reminders_fired, 2U);
}

TEST_F(Reminder, ScanThatIsNeverAnsweredIsMadeAgain) {
  rt.put({"waker", "w"}, {}, {{.name = "tea", .due = rt.wall_now() + 10s, .period = 0ms, .data = "0"}});
  rt.store().set_plan(first(1, store_operation::scan_due, {.what = {}, .when = fault::hold::before, .only = {}}));
  static_cast<void>(w());
  rt.advance(14s);
  EXPECT_EQ(rt.counters().reminders_fired, 0U);
  rt.advance(2s);
  EXPECT_EQ(heard(), "tea(0,0);");
}

TEST_F(Reminder, EraseTakesThemAlong) {
  set("tea", 10);
  w().call<&waker::forget_all>().get();
  rt.advance(1min);
  EXPECT_EQ(rt.counters().reminders_fired, 0U);
}

TEST_F(Reminder, NumberPerActorIsLimited) {
  w().call<&waker::set_many>(static_cast<int>(reminders_per_actor_max)).get();
  const error why = error_of([this] { set("one more", 1); });
  EXPECT_EQ(why.kind(), errc::too_large);
  EXPECT_TRUE(has(why, "waker/w") && has(why, "1000")) << why.what();
  EXPECT_EQ(w().call<&waker::known>().get(), static_cast<int>(reminders_per_actor_max));
  set("5", 1);
}

TEST_F(Reminder, BadSchedulesAreRefused) {
  EXPECT_EQ(error_of([this] { set("", 1); }).kind(), errc::invalid_argument);
  EXPECT_EQ(error_of([this] { set(std::string(129, 'n'), 1); }).kind(), errc::invalid_argument);
  EXPECT_EQ(error_of([this] { set("tea", -1); }).kind(), errc::invalid_argument);
  EXPECT_EQ(error_of([this] { set("tea", 1, -1); }).kind(), errc::invalid_argument);
  for (const std::int64_t seconds : {std::int64_t{-1}, std::int64_t{1} << 36U}) {
    EXPECT_EQ(error_of([&] { w().call<&waker::set_at>("tea", seconds).get(); }).kind(), errc::invalid_argument);
  }
}

/// Sums made of the times in the row overflowed, and the tick moved the reminder on by one period at a time.
TEST_F(Reminder, TimesOutOfRangeThatSomebodyElseStoredFireOnce) {
  const auto longest = std::chrono::milliseconds::max();
  rt.put({"waker", "w"}, {},
         {{.name = "ancient", .due = wall_time::min(), .period = 1ms, .data = "0"},
          {.name = "slow", .due = wall_time::min(), .period = longest, .data = "0"}});
  static_cast<void>(w());
  rt.advance(10ms);
  EXPECT_LE(rt.counters().reminders_fired, 13U);
  EXPECT_GT(image().reminders.at(0).due, manual_clock::default_start);
  EXPECT_GT(image().reminders.at(1).due, manual_clock::default_start);
}

/// Does not override `on_reminder`.
class deaf : public actor {
 public:
  static constexpr std::string_view actor_type = "deaf";
  void remind() { schedule_reminder("never", {}); }
  void write(int n) { page_.edit().total = n; }
  using methods = troupe::methods<&deaf::remind, &deaf::write>;

 private:
  state<page> page_{*this, "page"};
};

class stateless : public actor {
 public:
  static constexpr std::string_view actor_type = "stateless";
  void ping() {}
  using methods = troupe::methods<&stateless::ping>;
};

TEST_F(Reminder, ClassThatDoesNotHandleThemCannotSetOne) {
  rt.host<deaf>();
  EXPECT_THROW(rt.ref<deaf>("d").call<&deaf::remind>().get(), std::logic_error);
}

TEST_F(Reminder, StoredOneThatTheClassDoesNotHandleIsKeptAndLogged) {
  rt.host<deaf>();
  rt.host<stateless>();
  for (const char* type : {"deaf", "stateless"}) {
    rt.put({type, "d"}, {}, {{.name = "old", .due = rt.wall_now(), .period = 0ms, .data = "null"}});
  }
  rt.advance(20s);
  for (const char* type : {"deaf", "stateless"}) EXPECT_EQ(rt.stored({type, "d"}).reminders.size(), 1U) << type;
  ASSERT_FALSE(rt.log_lines().empty());
  EXPECT_NE(rt.log_lines()[0].find("does not override on_reminder"), std::string::npos) << rt.log_lines()[0];
}

}  // namespace
}  // namespace troupe::testing
