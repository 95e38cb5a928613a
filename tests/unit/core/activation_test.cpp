#include <gtest/gtest.h>

#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// Counts its activations in its state, and does in its hooks what the test wants.
class hooked : public actor {
 public:
  static constexpr std::string_view actor_type = "hooked";

  struct wishes {
    bool throw_on_activate = false;
    bool throw_on_deactivate = false;
    int load_milliseconds = 0;
    std::vector<deactivation_reason> reasons;
  };
  explicit hooked(wishes& w) : wishes_(w) {}

  task<void> on_activate() override {
    page_.edit().total += 1;
    if (wishes_.load_milliseconds > 0) co_await sleep_for(std::chrono::milliseconds(wishes_.load_milliseconds));
    if (wishes_.throw_on_activate) throw std::runtime_error("not today");
  }
  task<void> on_deactivate(deactivation_reason reason) override {
    wishes_.reasons.push_back(reason);
    page_.edit().note += "bye;";
    if (wishes_.throw_on_deactivate) throw std::runtime_error("not tidy");
    co_return;
  }
  int activations() const { return page_->total; }
  std::string note() const { return page_->note; }
  using methods = troupe::methods<&hooked::activations, &hooked::note>;

 private:
  wishes& wishes_;
  state<page> page_{*this, "page"};
};

class unborn : public actor {
 public:
  static constexpr std::string_view actor_type = "unborn";
  void ping() {}
  using methods = troupe::methods<&unborn::ping>;
};

class Activation : public ::testing::Test {
 protected:
  Activation() {
    rt.host<hooked>({}, [this] { return std::make_unique<hooked>(wishes); });
    rt.host<ledger>({.idle_timeout = 1s});
  }
  [[nodiscard]] std::size_t resident() const { return rt.counters().resident_actors; }

  hooked::wishes wishes;
  test_runtime rt{{.resident_actors_max = 3}};
};

TEST_F(Activation, HookRunsBeforeTheFirstMessageAndItsEditsAreDurable) {
  EXPECT_EQ(rt.ref<hooked>("a").call<&hooked::activations>().get(), 1);
  EXPECT_EQ(rt.stored({"hooked", "a"}).stamp.version, 1U);
  rt.crash();
  EXPECT_EQ(rt.ref<hooked>("a").call<&hooked::activations>().get(), 2);
}

TEST_F(Activation, ThrowInTheHookFailsTheWaitingMessagesAndLeavesNothing) {
  wishes.throw_on_activate = true;
  answer first;
  answer second;
  rt.ref<hooked>("a").call<&hooked::activations>()(first.sink());
  rt.ref<hooked>("a").call<&hooked::activations>()(second.sink());
  rt.settle();
  for (const answer* each : {&first, &second}) {
    const error why = error_in(each->failure);
    EXPECT_EQ(why.kind(), errc::activation_failed);
    EXPECT_TRUE(has(why, "hooked/a") && has(why, "not today")) << why.what();
  }
  EXPECT_EQ(rt.stored({"hooked", "a"}).stamp.version, 0U);
  wishes.throw_on_activate = false;
  EXPECT_EQ(rt.ref<hooked>("a").call<&hooked::activations>().get(), 1);
}

TEST_F(Activation, FactoryThatThrowsFailsTheActivation) {
  rt.host<unborn>({}, []() -> std::unique_ptr<unborn> { throw std::runtime_error("no parts"); });
  const error why = error_of([&] { rt.ref<unborn>("a").call<&unborn::ping>().get(); });
  EXPECT_EQ(why.kind(), errc::activation_failed);
  EXPECT_TRUE(has(why, "no parts")) << why.what();
}

TEST_F(Activation, DeactivateHookMayEditAndLearnsTheReason) {
  auto a = rt.ref<hooked>("a");
  a.call<&hooked::note>().get();
  rt.deactivate(a);
  rt.settle();
  EXPECT_EQ(resident(), 0U);
  EXPECT_EQ(wishes.reasons, std::vector{deactivation_reason::requested});
  EXPECT_EQ(a.call<&hooked::note>().get(), "bye;");
  rt.restart();
  EXPECT_EQ(wishes.reasons.back(), deactivation_reason::shutdown);
}

TEST_F(Activation, ThrowInTheDeactivateHookIsLoggedAndRolledBack) {
  wishes.throw_on_deactivate = true;
  auto a = rt.ref<hooked>("a");
  a.call<&hooked::note>().get();
  rt.deactivate(a);
  rt.settle();
  EXPECT_EQ(resident(), 0U);
  ASSERT_EQ(rt.log_lines().size(), 1U);
  EXPECT_NE(rt.log_lines()[0].find("on_deactivate of hooked/a failed: not tidy"), std::string::npos);
  EXPECT_EQ(a.call<&hooked::note>().get(), "");
}

TEST_F(Activation, MessageDuringDeactivationActivatesAfresh) {
  auto a = rt.ref<ledger>("a");
  a.call<&ledger::add>(1).get();
  rt.store().set_plan(held_commits());
  answer leaving;
  answer next;
  a.call<&ledger::add_and_leave>(1)(leaving.sink());
  rt.settle();
  a.call<&ledger::read>()(next.sink());
  rt.settle();
  EXPECT_EQ(resident(), 1U) << "left before its last commit";
  EXPECT_FALSE(next.done);
  rt.store().release_all();
  rt.settle();
  EXPECT_EQ(leaving.value, 2);
  EXPECT_EQ(next.value, 2);
  EXPECT_EQ(rt.counters().activations, 2U);
}

TEST_F(Activation, DeactivationAskedForWhileItLoadsLosesNoMessage) {
  wishes.load_milliseconds = 10;
  auto a = rt.ref<hooked>("a");
  answer first;
  a.call<&hooked::activations>()(first.sink());
  rt.settle();
  rt.deactivate(a);
  rt.advance(100ms);
  EXPECT_TRUE(first.ok());
}

TEST_F(Activation, IdleTimeCountsFromTheLastMessage) {
  auto a = rt.ref<ledger>("a");
  a.call<&ledger::read>().get();
  rt.advance(900ms);
  a.call<&ledger::read>().get();
  rt.advance(900ms);
  EXPECT_EQ(resident(), 1U);
  rt.advance(200ms);
  EXPECT_EQ(resident(), 0U);
}

TEST_F(Activation, RunningTurnIsNotIdle) {
  answer slow;
  rt.ref<ledger>("a").call<&ledger::add_slowly>(1, 5'000)(slow.sink());
  rt.advance(4s);
  EXPECT_EQ(resident(), 1U);
  rt.advance(2s);
  EXPECT_EQ(slow.value, 1);
}

TEST_F(Activation, KeepAliveHoldsOffIdlenessAndALaterCallReplacesIt) {
  auto a = rt.ref<ledger>("a");
  a.call<&ledger::keep_for>(60'000).get();
  rt.advance(59s);
  EXPECT_EQ(resident(), 1U);
  rt.advance(1100ms);
  EXPECT_EQ(resident(), 0U);
  a.call<&ledger::keep_for>(60'000).get();
  a.call<&ledger::keep_for>(0).get();
  rt.advance(1500ms);
  EXPECT_EQ(resident(), 0U);
}

TEST_F(Activation, TypeWithoutIdleTimeoutStays) {
  rt.ref<hooked>("a").call<&hooked::note>().get();
  rt.advance(14min);
  EXPECT_EQ(resident(), 1U);
  rt.advance(2min);
  EXPECT_EQ(resident(), 0U) << "the default is 15 minutes";
  test_runtime forever;
  forever.host<ledger>({.idle_timeout = 0s});
  forever.ref<ledger>("a").call<&ledger::read>().get();
  forever.advance(24h);
  EXPECT_EQ(forever.counters().resident_actors, 1U);
}

TEST_F(Activation, CapEvictsTheColdestOfAllTypes) {
  rt.ref<hooked>("cold").call<&hooked::note>().get();
  for (const char* key : {"a", "b"}) {
    rt.advance(1ms);
    rt.ref<ledger>(key).call<&ledger::keep_for>(60'000).get();
  }
  rt.advance(1ms);
  rt.ref<ledger>("c").call<&ledger::read>().get();
  rt.settle();
  EXPECT_EQ(resident(), 3U);
  EXPECT_EQ(wishes.reasons, std::vector{deactivation_reason::evicted});
}

TEST_F(Activation, CapSparesWhatWasUsedLast) {
  for (const char* key : {"a", "b", "c"}) {
    rt.ref<ledger>(key).call<&ledger::read>().get();
    rt.advance(1ms);
  }
  rt.ref<ledger>("a").call<&ledger::read>().get();
  const auto loads = rt.store().counts().loads;
  rt.ref<ledger>("d").call<&ledger::read>().get();
  rt.settle();
  for (const char* key : {"a", "c", "d"}) rt.ref<ledger>(key).call<&ledger::read>().get();
  EXPECT_EQ(rt.store().counts().loads, loads + 1) << "a, c or d was evicted instead of b";
}

TEST_F(Activation, LoadFailureFailsTheWaitingCallsAndTheNextOneWorks) {
  rt.store().set_plan(every(store_operation::load, {.what = fault::outcome::unavailable}));
  const error why = error_of([&] { rt.ref<ledger>("a").call<&ledger::read>().get(); });
  EXPECT_EQ(why.kind(), errc::unavailable);
  EXPECT_TRUE(has(why, "ledger/a could not be loaded")) << why.what();
  rt.store().set_plan({});
  EXPECT_EQ(rt.ref<ledger>("a").call<&ledger::read>().get(), 0);
}

}  // namespace
}  // namespace troupe::testing
