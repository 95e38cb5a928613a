#include <algorithm>

#include "unit/core/overload.hpp"

namespace troupe::testing {
namespace {

class RuntimeOverload : public Overload {
 protected:
  RuntimeOverload() : Overload({.overload = {.queued_messages_max = 400}}) {}
};

TEST_F(RuntimeOverload, RefusesTheOutsideAndLetsWorkThatHasBegunGoOn) {
  for (int i = 0; i < 100; ++i) {
    for (int n = 0; n < 10; ++n) {
      rt.ref<desk>("d" + std::to_string(i))
          .call<&desk::serve>("o")([&](const std::exception_ptr& failure, const std::string&) { calls.note(failure); });
    }
  }
  rt.settle();
  EXPECT_NEAR(calls.overloaded, 1000 - 400 - 400 / 9, 10) << "beside those that wait, one is under way at each actor";
  EXPECT_NE(calls.what.find("the runtime is overloaded"), std::string::npos) << calls.what;
  EXPECT_GE(calls.hint, 1ms);
  rt.advance(5s);
  EXPECT_EQ(calls.answered + calls.overloaded, 1000);
  EXPECT_EQ(rt.counters().queued_messages, 0U);
  EXPECT_EQ(rt.ref<desk>("d").call<&desk::serve>("x").get(), "x");
}

TEST_F(RuntimeOverload, ActorsMaySendAQuarterMore) {
  for (int i = 0; i < 100; ++i) {
    for (int n = 0; n < 10; ++n) {
      rt.ref<desk>("d" + std::to_string(i))
          .call<&desk::serve>("o")([&](const std::exception_ptr& failure, const std::string&) { calls.note(failure); });
    }
    if (i == 0) rt.ref<customer>("c").tell<&customer::tell_many>(60);
  }
  rt.settle();
  EXPECT_GT(calls.overloaded, 0);
  EXPECT_EQ(rt.counters().dropped_tells, 0U);
  EXPECT_GT(rt.counters().queued_messages, 400U);
}

class ByteOverload : public Overload {
 protected:
  ByteOverload() : Overload({.overload = {.queued_messages_max = 0, .queued_bytes_max = 1'000'000}}) {}
};

TEST_F(ByteOverload, CountsTheMemoryOfArguments) {
  for (int i = 0; i < 100; ++i) {
    rt.ref<desk>("d").call<&desk::serve>(std::string(100'000, 'x'))(
        [&](const std::exception_ptr& failure, const std::string&) { calls.note(failure); });
  }
  rt.settle();
  EXPECT_NEAR(calls.overloaded, 100 - 10, 3);
  rt.advance(5s);
  EXPECT_EQ(calls.answered + calls.overloaded, 100);
  EXPECT_EQ(rt.counters().queued_bytes, 0U);
}

class ActivationStorm : public Overload {
 protected:
  ActivationStorm() : Overload({.overload = {.loads_max = 4, .loads_waiting_max = 20}}) {}
  void wake(int first, int count) {
    for (int i = first; i < first + count; ++i) {
      rt.ref<ledger>("l" + std::to_string(i)).call<&ledger::add>(1)([&](const std::exception_ptr& failure, int) {
        calls.note(failure);
      });
    }
  }
};

TEST_F(ActivationStorm, LoadsBeyondTheBoundWaitAndThoseInMemoryGoOn) {
  ASSERT_EQ(rt.ref<ledger>("here").call<&ledger::add>(1).get(), 1);
  rt.store().set_plan(held(store_operation::load));
  wake(0, 20);
  rt.settle();
  EXPECT_EQ(rt.ref<ledger>("here").call<&ledger::add>(1).get(), 2);
  EXPECT_EQ(calls.answered, 0);
  std::size_t most = 0;
  while (!rt.store().held().empty()) {
    const held_operation batch = rt.store().held().front();
    most = std::max(most, batch.actors.size());
    rt.store().release(batch.ticket);
    rt.settle();
  }
  EXPECT_EQ(calls.answered, 20);
  EXPECT_GT(most, 1U);
  EXPECT_LE(most, 4U) << "loads under way";
}

TEST_F(ActivationStorm, PastTheBoundOfThoseThatWaitCallsAreRefused) {
  rt.store().set_plan(held(store_operation::load));
  wake(0, 50);
  rt.settle();
  EXPECT_EQ(calls.overloaded, 50 - 4 - 20);
  EXPECT_NE(calls.what.find("others wait for their state to be loaded"), std::string::npos) << calls.what;
  EXPECT_GE(calls.hint, 1ms);
  rt.store().set_plan({});
  rt.store().release_all();
  rt.settle();
  EXPECT_EQ(calls.answered, 24);
  wake(0, 10);
  rt.settle();
  EXPECT_EQ(calls.answered, 34) << "it takes messages again";
}

TEST_F(ActivationStorm, FailedLoadsLetTheNextOnesIn) {
  rt.store().set_plan(held(store_operation::load));
  wake(0, 20);
  rt.settle();
  rt.advance(11s);  // the store is silent for longer than its timeout
  EXPECT_EQ(calls.other, 4) << "unavailable";
  rt.store().set_plan({});
  rt.store().release_all();
  rt.settle();
  EXPECT_EQ(calls.answered, 16);
}

TEST_F(ActivationStorm, CrashAmidstLeavesNoCallHanging) {
  rt.store().set_plan(held(store_operation::load));
  wake(0, 50);
  rt.settle();
  rt.crash();
  EXPECT_EQ(calls.answered, 0);
  EXPECT_EQ(calls.overloaded + calls.other, 50);
  EXPECT_EQ(rt.ref<ledger>("l1").call<&ledger::add>(1).get(), 1);
}

/// Sleeps until its reminder wakes it.
class napper : public actor {
 public:
  static constexpr std::string_view actor_type = "napper";
  void set() { schedule_reminder("wake up", {.due_in = 10s, .due_at = {}, .period = {}, .data = {}}); }
  task<void> on_reminder(reminder_tick) override {
    ++woken_.edit();
    co_return;
  }
  int woken() const { return *woken_; }
  using methods = troupe::methods<&napper::set, &napper::woken>;

 private:
  state<int> woken_{*this, "woken"};
};

TEST_F(ActivationStorm, ActorThatAReminderWakesIsNotRefused) {
  rt.host<napper>();
  rt.ref<napper>("s").call<&napper::set>().get();
  rt.deactivate(rt.ref<napper>("s"));
  rt.advance(9s);
  rt.store().set_plan(held(store_operation::load));
  wake(0, 50);
  rt.settle();
  ASSERT_EQ(calls.overloaded, 50 - 4 - 20);
  rt.advance(2s);
  rt.store().set_plan({});
  rt.store().release_all();
  rt.settle();
  EXPECT_EQ(rt.ref<napper>("s").call<&napper::woken>().get(), 1);
  EXPECT_TRUE(rt.log_lines().empty());
}

}  // namespace
}  // namespace troupe::testing
