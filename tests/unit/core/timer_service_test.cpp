#include "core/timer_service.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;
using internal::alarm_ptr;
using internal::make_alarm;

class TimerService : public ::testing::Test {
 protected:
  [[nodiscard]] alarm_ptr start(std::chrono::nanoseconds at, const std::string& name) {
    alarm_ptr made = make_alarm([this, name] { rung += name; });
    timers.start(steady_time(at), made);
    return made;
  }

  std::string rung;
  std::vector<steady_time> told;
  internal::timer_service timers{[this](steady_time when) { told.push_back(when); }};
};

/// Rings again and again, without being made anew.
class again final : public internal::alarm {
 public:
  explicit again(internal::timer_service& timers) : timers_(timers) {}
  void ring() noexcept override {
    ++rung;
    if (rung < 3) timers_.start(when() + 1ms, alarm_ptr(this));
  }
  int rung = 0;

 private:
  internal::timer_service& timers_;
};

TEST_F(TimerService, RingsByTimeThenByStart) {
  for (const char* name : {"a", "b"}) static_cast<void>(start(2ms, name));
  static_cast<void>(start(1ms, "c"));
  static_cast<void>(start(2ms, "d"));
  timers.ring_due(steady_time(2ms - 1ns));
  EXPECT_EQ(rung, "c");
  EXPECT_EQ(timers.next_due(), steady_time(2ms));
  timers.ring_due(steady_time(5s));
  EXPECT_EQ(rung, "cabd");
  EXPECT_EQ(timers.next_due(), std::nullopt);
}

TEST_F(TimerService, IsWokenOnlyEarlierThanItWasArranged) {
  static_cast<void>(start(10ms, "a"));
  static_cast<void>(start(20ms, "b"));
  static_cast<void>(start(10ms, "c"));
  EXPECT_EQ(told, (std::vector{steady_time(10ms)}));
  alarm_ptr early = start(5ms, "d");
  EXPECT_EQ(told, (std::vector{steady_time(10ms), steady_time(5ms)}));
  timers.cancel(early);
  static_cast<void>(start(7ms, "e"));  // that it is woken at 5 ms is arranged
  EXPECT_EQ(told.size(), 2U);
  timers.ring_due(steady_time(5ms));
  ASSERT_EQ(told.size(), 3U);
  EXPECT_LE(told.back(), steady_time(7ms));
  timers.ring_due(steady_time(10ms));
  EXPECT_EQ(rung, "eac");
  EXPECT_EQ(told.back(), steady_time(20ms));
  timers.ring_due(steady_time(20ms));
  EXPECT_EQ(told.size(), 4U) << "it wants to be woken for nothing";
}

TEST_F(TimerService, CancelSaysWhetherItWasPendingAndLetsGo) {
  auto kept = std::make_shared<int>();
  alarm_ptr pending = make_alarm([kept] {});
  timers.start(steady_time(1ms), pending);
  const alarm_ptr same = pending;
  EXPECT_TRUE(timers.cancel(pending));
  EXPECT_EQ(pending, nullptr);
  EXPECT_EQ(kept.use_count(), 1) << "what it keeps goes with the alarm, not with those who keep the alarm";
  alarm_ptr none;
  EXPECT_FALSE(timers.cancel(none));
  alarm_ptr over = start(1ms, "a");
  timers.ring_due(steady_time(1ms));
  EXPECT_FALSE(timers.cancel(over));
  EXPECT_EQ(rung, "a");
}

TEST_F(TimerService, AlarmThatRangKeepsNothing) {
  auto kept = std::make_shared<int>();
  const alarm_ptr rings = make_alarm([kept] {});
  timers.start(steady_time(1ms), rings);
  timers.ring_due(steady_time(1ms));
  EXPECT_EQ(kept.use_count(), 1);
}

TEST_F(TimerService, RingsOutsideItsLock) {
  alarm_ptr victim = start(1ms + 1ns, "victim");
  timers.start(steady_time(1ms), make_alarm([&] {
                 EXPECT_TRUE(timers.cancel(victim)) << "due, but it has not rung yet";
                 static_cast<void>(start(1ms, "a"));
               }));
  timers.ring_due(steady_time(2ms));
  EXPECT_EQ(rung, "a");
}

TEST_F(TimerService, AlarmStartsAgainWhileItRings) {
  const boost::intrusive_ptr<again> repeated(new again(timers));
  timers.start(steady_time(1ms), repeated);
  timers.ring_due(steady_time(1ms));
  EXPECT_EQ(repeated->rung, 1);
  EXPECT_EQ(timers.next_due(), steady_time(2ms));
  timers.ring_due(steady_time(1s));
  EXPECT_EQ(repeated->rung, 3);
}

TEST_F(TimerService, ForgetsWithoutRinging) {
  auto kept = std::make_shared<int>();
  {
    internal::timer_service others([](steady_time) {});
    const alarm_ptr mine = make_alarm([kept] { FAIL(); });
    others.start(steady_time(1ms), mine);
    others.clear();
    EXPECT_EQ(kept.use_count(), 1);
    EXPECT_EQ(others.next_due(), std::nullopt);
    others.start(steady_time(1ms), make_alarm([kept] { FAIL(); }));
  }
  EXPECT_EQ(kept.use_count(), 1) << "what was started later goes with the service";
}

}  // namespace
}  // namespace troupe::testing
