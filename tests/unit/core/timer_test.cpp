#include <deque>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// Ticks into its state.
class ticker : public actor {
 public:
  static constexpr std::string_view actor_type = "ticker";

  explicit ticker(timer_keeps_alive keeps) : timer_(*this, keeps) {}

  void start(int delay, int period) {
    timer_.start(std::chrono::milliseconds(delay), std::chrono::milliseconds(period), [this] { ++page_.edit().total; });
  }
  void start_slow(int period, int takes) {
    timer_.start(0ms, std::chrono::milliseconds(period), [this, takes]() -> task<void> {
      ++page_.edit().total;
      co_await sleep_for(std::chrono::milliseconds(takes));
    });
  }
  void start_named(int takes) {
    timer_.set_name("the nightly count");
    start_slow(0, takes);
  }
  void start_throwing(int period) {
    timer_.start(0ms, std::chrono::milliseconds(period), [this] {
      page_.edit().total += 100;
      ++attempts_;
      throw std::runtime_error("no tick");
    });
  }
  void start_that_stops(int period) {
    timer_.start(0ms, std::chrono::milliseconds(period), [this] {
      if (++page_.edit().total == 2) timer_.stop();
    });
  }
  /// Several timers that are due at the same time, and one before them.
  void start_many() {
    for (int i = 0; i < 5; ++i) {
      more_.emplace_back(*this).start(5ms, [this, i] { order_ += static_cast<char>('a' + i); });
    }
    more_.emplace_back(*this).start(4ms, [this] { order_ += '-'; });
  }
  std::string order() const { return order_; }
  void start_for_ever(bool delay) {
    const auto longest = std::chrono::nanoseconds::max();
    timer_.start(delay ? longest : 1ms, longest, [this] { ++attempts_; });
  }
  void start_movable_only() {
    timer_.start(1ms, [this, added = std::make_unique<int>(3)] { attempts_ += *added; });
  }
  void start_aligned() {
    struct alignas(64) wide {
      int value = 4;
    };
    timer_.start(1ms, [this, added = wide()] { attempts_ += added.value; });
  }
  void stop() { timer_.stop(); }
  bool running() const { return timer_.running(); }
  int count() const { return page_->total; }
  int attempts() const { return attempts_; }
  task<void> wait(int milliseconds) { co_await sleep_for(std::chrono::milliseconds(milliseconds)); }
  using methods = troupe::methods<&ticker::start, &ticker::start_slow, &ticker::start_throwing,
                                  &ticker::start_that_stops, &ticker::start_named, &ticker::stop, &ticker::running,
                                  &ticker::count, &ticker::attempts, &ticker::wait, &ticker::start_many, &ticker::order,
                                  &ticker::start_for_ever, &ticker::start_movable_only, &ticker::start_aligned>;

 private:
  state<page> page_{*this, "page"};
  timer timer_;
  std::deque<timer> more_;
  std::string order_;
  int attempts_ = 0;
};

class Timer : public ::testing::Test {
 protected:
  Timer() { host(timer_keeps_alive::yes); }
  void host(timer_keeps_alive keeps) {
    rt = std::make_unique<test_runtime>();
    rt->host<ticker>({.idle_timeout = 1s}, [keeps] { return std::make_unique<ticker>(keeps); });
  }
  [[nodiscard]] actor_ref<ticker> a() { return rt->ref<ticker>("a"); }
  [[nodiscard]] int stored() { return nlohmann::json::parse(rt->stored({"ticker", "a"}).cells.at(0).json)["total"]; }

  std::unique_ptr<test_runtime> rt;
};

TEST_F(Timer, TicksAreTurnsThatCommit) {
  a().call<&ticker::start>(100, 50).get();
  rt->advance(99ms);
  EXPECT_EQ(rt->stored({"ticker", "a"}).stamp.version, 0U);
  rt->advance(1ms);
  EXPECT_EQ(stored(), 1);
  rt->advance(100ms);
  EXPECT_EQ(stored(), 3);
}

TEST_F(Timer, PeriodZeroTicksOnce) {
  a().call<&ticker::start>(10, 0).get();
  EXPECT_TRUE(a().call<&ticker::running>().get());
  rt->advance(500ms);
  EXPECT_EQ(stored(), 1);
  EXPECT_FALSE(a().call<&ticker::running>().get());
}

TEST_F(Timer, NextTickBeginsAPeriodAfterTheEndOfTheLast) {
  a().call<&ticker::start_slow>(10, 100).get();
  rt->advance(105ms);
  EXPECT_EQ(stored(), 1);
  rt->advance(10ms);
  rt->advance(100ms);
  EXPECT_EQ(stored(), 2);
}

TEST_F(Timer, TicksDoNotPileUpWhenTheyTakeLongerThanThePeriod) {
  a().call<&ticker::start_slow>(1, 100).get();
  rt->advance(1009ms);
  EXPECT_EQ(stored(), 10);
  a().call<&ticker::stop>().get();
  rt->advance(5s);
  EXPECT_EQ(stored(), 10);
}

TEST_F(Timer, ThoseDueAtTheSameTimeTickInTheOrderOfTheirStart) {
  a().call<&ticker::start_many>().get();
  rt->advance(5ms);
  EXPECT_EQ(a().call<&ticker::order>().get(), "-abcde");
}

TEST_F(Timer, LongestDelayAndPeriodNeverEnd) {
  rt = std::make_unique<test_runtime>();
  rt->host<ticker>({.idle_timeout = 0s}, [] { return std::make_unique<ticker>(timer_keeps_alive::no); });
  for (const bool delay : {true, false}) {
    a().call<&ticker::start_for_ever>(delay).get();
    rt->advance(std::chrono::hours(24) * 30);
    EXPECT_EQ(a().call<&ticker::attempts>().get(), delay ? 0 : 1);
    EXPECT_TRUE(a().call<&ticker::running>().get());
  }
}

TEST_F(Timer, TicksOfAnyTypeAreCalled) {
  a().call<&ticker::start_movable_only>().get();
  rt->advance(1ms);
  EXPECT_EQ(a().call<&ticker::attempts>().get(), 3);
  a().call<&ticker::start_aligned>().get();
  rt->advance(1ms);
  EXPECT_EQ(a().call<&ticker::attempts>().get(), 7);
}

TEST_F(Timer, TickWaitsItsTurn) {
  a().call<&ticker::start>(10, 0).get();
  a().call<&ticker::wait>(100)([](const std::exception_ptr&) {});
  rt->advance(50ms);
  EXPECT_EQ(rt->stored({"ticker", "a"}).stamp.version, 0U) << "a tick overlapped a turn";
  rt->advance(50ms);
  EXPECT_EQ(stored(), 1);
}

TEST_F(Timer, StopsAlsoFromWithinATick) {
  a().call<&ticker::start_that_stops>(10).get();
  rt->advance(500ms);
  EXPECT_EQ(stored(), 2);
  EXPECT_FALSE(a().call<&ticker::running>().get());
  a().call<&ticker::start>(10, 10).get();
  a().call<&ticker::stop>().get();
  rt->advance(500ms);
  EXPECT_EQ(stored(), 2);
}

TEST_F(Timer, StartingAgainReplacesTheRunningOne) {
  a().call<&ticker::start>(10, 10).get();
  a().call<&ticker::start>(100, 0).get();
  rt->advance(99ms);
  EXPECT_EQ(rt->stored({"ticker", "a"}).stamp.version, 0U);
  rt->advance(500ms);
  EXPECT_EQ(stored(), 1);
}

TEST_F(Timer, ThrowIsLoggedRolledBackAndDoesNotStopIt) {
  a().call<&ticker::start_throwing>(10).get();
  rt->advance(25ms);
  EXPECT_EQ(a().call<&ticker::attempts>().get(), 3);
  EXPECT_EQ(a().call<&ticker::count>().get(), 0);
  ASSERT_EQ(rt->log_lines().size(), 3U);
  EXPECT_NE(rt->log_lines()[0].find("a timer of ticker/a failed: no tick"), std::string::npos);
}

TEST_F(Timer, TicksKeepTheActorAliveOnlyIfTheyAreSaidTo) {
  a().call<&ticker::start>(100, 100).get();
  rt->advance(5s);
  EXPECT_EQ(rt->counters().resident_actors, 1U);
  host(timer_keeps_alive::no);
  a().call<&ticker::start>(100, 100).get();
  rt->advance(5s);
  EXPECT_EQ(rt->counters().resident_actors, 0U);
}

TEST_F(Timer, IsGoneWithTheActivation) {
  host(timer_keeps_alive::no);
  a().call<&ticker::start>(100, 100).get();
  rt->advance(2s);
  const int then = stored();
  EXPECT_GE(then, 9);
  EXPECT_FALSE(a().call<&ticker::running>().get());
  rt->advance(500ms);
  EXPECT_EQ(stored(), then);
}

TEST_F(Timer, TimeoutNamesTheTickThatACallWaitedBehind) {
  for (const bool named : {false, true}) {
    if (named) {
      a().call<&ticker::start_named>(60'000).get();
    } else {
      a().call<&ticker::start_slow>(0, 60'000).get();
    }
    rt->advance(10s);
    const error late = error_of([&] { a().with({.timeout = 1s}).call<&ticker::count>().get(); });
    EXPECT_EQ(late.kind(), errc::timeout);
    const std::string behind = named ? "behind the nightly count" : "behind timer";
    EXPECT_NE(std::string(late.what()).find(behind), std::string::npos) << late.what();
    rt->advance(60s);
  }
}

TEST_F(Timer, RefusesNegativeTimes) {
  EXPECT_EQ(error_of([&] { a().call<&ticker::start>(-1, 0).get(); }).kind(), errc::invalid_argument);
  EXPECT_EQ(error_of([&] { a().call<&ticker::start>(0, -1).get(); }).kind(), errc::invalid_argument);
}

}  // namespace
}  // namespace troupe::testing
