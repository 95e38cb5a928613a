#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// An actor that takes its time, and asks others that do.
class slow : public actor {
 public:
  static constexpr std::string_view actor_type = "slow";

  task<int> nap(int milliseconds) {
    co_await sleep_for(std::chrono::milliseconds(milliseconds));
    co_return milliseconds;
  }
  task<int> sleep_then_add(int milliseconds) {
    try {
      co_await sleep_for(std::chrono::milliseconds(milliseconds));
    } catch (const error& early) {
      saw_ = early.kind();
    }
    was_cancelled_ = cancelled();
    co_return ++done_.edit().total;
  }
  task<int> ask(std::string other, int milliseconds) {
    co_return co_await ref<slow>(other).call<&slow::nap>(milliseconds);
  }
  task<int> ask_twice(std::string other, int milliseconds) {
    try {
      co_await ref<slow>(other).call<&slow::nap>(milliseconds);
    } catch (const error& first) {
      saw_ = first.kind();
    }
    co_return co_await ref<slow>(other).call<&slow::done>();
  }
  task<int> ask_within(std::string other, int milliseconds, int timeout) {
    const call_options limit{.timeout = std::chrono::milliseconds(timeout)};
    co_return co_await ref<slow>(other).with(limit).call<&slow::nap>(milliseconds);
  }
  task<std::int64_t> left_at(std::string other) { co_return co_await ref<slow>(other).call<&slow::left>(); }
  std::int64_t left() const {
    const auto span = time_left();
    return span == std::chrono::nanoseconds::max()
               ? -1
               : std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
  }
  int done() const { return done_->total; }
  errc saw() const { return saw_; }
  bool was_cancelled() const { return was_cancelled_; }
  int brisk() { return ++done_.edit().total; }

  using methods = troupe::methods<&slow::nap, &slow::sleep_then_add, &slow::ask, &slow::ask_twice, &slow::ask_within,
                                  &slow::left_at, &slow::left, &slow::done, &slow::saw, &slow::was_cancelled,
                                  timeout_ms<&slow::brisk, 200>>;

 private:
  state<page> done_{*this, "done"};
  errc saw_{};
  bool was_cancelled_ = false;
};

class Deadline : public ::testing::Test {
 protected:
  Deadline() { rt.host<slow>(); }
  [[nodiscard]] actor_ref<slow> s(std::string_view key = "s") { return rt.ref<slow>(key); }
  [[nodiscard]] configured_ref<slow> within(std::chrono::milliseconds timeout, std::string_view key = "s") {
    return s(key).with({.timeout = timeout});
  }
  answer first, second;
  test_runtime rt;
};

TEST_F(Deadline, QueuedCallTimesOutNamesWhatItWaitedBehindAndHadNoEffect) {
  s().with({.timeout = 1min}).call<&slow::nap>(40'000)(first.sink());
  rt.settle();
  within(2s).call<&slow::sleep_then_add>(0)(second.sink());
  rt.advance(2s);
  ASSERT_TRUE(second.done);
  const error why = error_in(second.failure);
  EXPECT_EQ(why.kind(), errc::timeout);
  EXPECT_EQ(why.effect(), effect::none);
  EXPECT_TRUE(has(why, "slow/s.sleep_then_add timed out after 2.0 s")) << why.what();
  EXPECT_TRUE(has(why, "queued for 2.0 s behind nap, running for 2.0 s")) << why.what();
  rt.advance(40s);
  EXPECT_TRUE(first.ok());
  EXPECT_EQ(s().call<&slow::done>().get(), 0);
}

TEST_F(Deadline, QueuedCallSaysHowManyWereInFrontOfIt) {
  s().with({.timeout = 1min}).call<&slow::nap>(40'000)(first.sink());
  for (int i = 0; i < 3; ++i) s().tell<&slow::nap>(1);
  rt.settle();
  const error why = error_of([&] { within(1s).call<&slow::done>().get(); });
  EXPECT_TRUE(has(why, "behind 3 others and nap, running for 1.0 s, which waits for a timer")) << why.what();
}

TEST_F(Deadline, RunningCallTimesOutWithUnknownEffectAndItsHandlerIsSignalled) {
  within(500ms).call<&slow::sleep_then_add>(3'000)(first.sink());
  rt.advance(500ms);
  ASSERT_TRUE(first.done);
  const error why = error_in(first.failure);
  EXPECT_EQ(why.kind(), errc::timeout);
  EXPECT_EQ(why.effect(), effect::unknown);
  EXPECT_TRUE(has(why, "has been running for 500 ms, waiting for a timer")) << why.what();
  EXPECT_EQ(s().call<&slow::saw>().get(), errc::cancelled) << "the sleep went on";
  EXPECT_TRUE(s().call<&slow::was_cancelled>().get());
  EXPECT_EQ(s().call<&slow::done>().get(), 1) << "the turn ended well, so what it did counts";
}

TEST_F(Deadline, RunningCallNamesWhomItWaitsFor) {
  const error why = error_of([&] { within(2s).call<&slow::ask>("t", 9'000).get(); });
  EXPECT_TRUE(has(why, "waiting for slow/t.nap for 2.0 s")) << why.what();
}

TEST_F(Deadline, CallTimesOutWhileItsActorIsBeingActivated) {
  rt.store().set_plan(held(store_operation::load));
  const error why = error_of([&] { within(1s).call<&slow::done>().get(); });
  EXPECT_EQ(why.effect(), effect::none);
  EXPECT_TRUE(has(why, "queued for 1.0 s while the actor was loading its state for 1.0 s")) << why.what();
  rt.store().set_plan({});
  rt.store().release_all();
  EXPECT_EQ(s().call<&slow::done>().get(), 0);
}

TEST_F(Deadline, CallTimesOutWhileItsTurnIsBeingSavedAndTheEffectIsUnknown) {
  s().call<&slow::done>().get();
  rt.store().set_plan(held_commits());
  const error why = error_of([&] { within(1s).call<&slow::sleep_then_add>(0).get(); });
  EXPECT_EQ(why.kind(), errc::timeout);
  EXPECT_EQ(why.effect(), effect::unknown);
  EXPECT_TRUE(has(why, "its turn has ended, and has been saving for 1.0 s")) << why.what();
  rt.store().set_plan({});
  rt.store().release_all();
  EXPECT_EQ(s().call<&slow::done>().get(), 1);
}

TEST_F(Deadline, CallHeldBackByItsCallersCommitsIsNotMade) {
  rt.host<ledger>();
  rt.ref<ledger>("a").call<&ledger::read>().get();
  rt.store().set_plan(held_commits());
  rt.ref<ledger>("a").call<&ledger::add>(1)(first.sink());
  rt.settle();
  const auto a = rt.ref<ledger>("a").with({.timeout = 1s});
  a.call<&ledger::call_add>("b", 5)(second.sink());
  rt.advance(1s);
  ASSERT_TRUE(second.done);
  rt.advance(0s);
  rt.store().set_plan({});
  rt.store().release_all();
  rt.settle();
  EXPECT_EQ(rt.ref<ledger>("b").call<&ledger::read>().get(), 0);
}

TEST_F(Deadline, DefaultsAreTheTypesThenTheMethodsThenTheCalls) {
  const auto time_of = [&](auto&& call) {
    const auto begin = rt.wall_now();
    EXPECT_EQ(error_of([&] { std::move(call).get(); }).kind(), errc::timeout);
    return rt.wall_now() - begin;
  };
  s().with({.timeout = no_timeout}).call<&slow::nap>(500'000)(first.sink());
  rt.settle();
  EXPECT_EQ(time_of(s().call<&slow::done>()), 30s);
  EXPECT_EQ(time_of(s().call<&slow::brisk>()), 200ms);
  EXPECT_EQ(time_of(within(700ms).call<&slow::brisk>()), 700ms);
  rt.advance(500s);
  EXPECT_TRUE(first.ok());
}

TEST_F(Deadline, TypeMayHaveATimeoutOfItsOwn) {
  test_runtime other;
  actor_type_options options;
  options.call_timeout = 3s;
  other.host<slow>(options);
  const auto begin = other.wall_now();
  EXPECT_EQ(error_of([&] { other.ref<slow>("s").call<&slow::nap>(9'000).get(); }).kind(), errc::timeout);
  EXPECT_EQ(other.wall_now() - begin, 3s);
  options.call_timeout = 0s;
  EXPECT_EQ(error_of([&] { test_runtime().host<slow>(options); }).kind(), errc::invalid_argument);
}

TEST_F(Deadline, RemainingTimeTravelsAlongTheChainOfCalls) {
  EXPECT_EQ(within(5s).call<&slow::left_at>("t").get(), 5'000);
  EXPECT_EQ(s().call<&slow::left_at>("t").get(), 30'000);
  EXPECT_EQ(within(no_timeout).call<&slow::left_at>("t").get(), 30'000) << "the inner call has its type's";
  s("t").tell<&slow::nap>(20'000);
  rt.settle();
  within(2s).call<&slow::ask_twice>("t", 1)(first.sink());
  rt.advance(2s);
  EXPECT_TRUE(first.done) << "the inner call had longer than the outer one";
  const errc saw = s().call<&slow::saw>().get();
  EXPECT_TRUE(saw == errc::timeout || saw == errc::cancelled) << make_error_code(saw).message();
}

TEST_F(Deadline, CallMadeWhenTheTimeIsOverIsNotMade) {
  within(1s).call<&slow::ask_twice>("t", 5'000)(first.sink());
  rt.advance(1s);
  EXPECT_EQ(error_in(first.failure).kind(), errc::timeout);
  rt.settle();
  EXPECT_EQ(rt.sent().size(), 1U) << "the second call was sent";
}

TEST_F(Deadline, HandlerMayLimitItsCallAndGoOn) {
  const error why = error_of([&] { s().call<&slow::ask_within>("t", 9'000, 300).get(); });
  EXPECT_EQ(why.kind(), errc::timeout);
  EXPECT_TRUE(has(why, "slow/t.nap timed out after 300 ms")) << why.what();
}

TEST_F(Deadline, GivingUpACallCallsOffWhatItsHandlerWaitsFor) {
  s().call<&slow::ask_within>("t", 9'000, 300)(first.sink());
  rt.advance(300ms);
  EXPECT_TRUE(first.done);
  EXPECT_EQ(s("t").call<&slow::left>().get(), 30'000) << "t is still asleep";
  EXPECT_LT(rt.wall_now() - manual_clock::default_start, 1s);
}

TEST_F(Deadline, OneWayMessageIsDroppedWhenItsTimeIsOverBeforeItRuns) {
  s().with({.timeout = 1min}).call<&slow::nap>(40'000)(first.sink());
  rt.settle();
  within(1s).tell<&slow::brisk>();
  s().tell<&slow::brisk>();
  rt.advance(41s);
  EXPECT_EQ(s().call<&slow::done>().get(), 1);
  ASSERT_FALSE(rt.log_lines().empty());
  EXPECT_NE(rt.log_lines().back().find("slow/s.brisk timed out"), std::string::npos) << rt.log_lines().back();
}

TEST_F(Deadline, KeyOfACallThatTimedOutIsRememberedWithItsTurn) {
  const auto keyed = s().with({.idempotency_key = "k", .timeout = 1s});
  EXPECT_EQ(error_of([&] { keyed.call<&slow::sleep_then_add>(5'000).get(); }).kind(), errc::timeout);
  EXPECT_EQ(keyed.call<&slow::sleep_then_add>(5'000).get(), 1);
  rt.crash();
  EXPECT_EQ(s().with({.idempotency_key = "k"}).call<&slow::sleep_then_add>(5'000).get(), 1);
  EXPECT_EQ(s().call<&slow::done>().get(), 1);
}

TEST_F(Deadline, AnswerOnItsWayAtTheDeadlineWins) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    test_runtime each({.seed = seed});
    each.host<slow>();
    const auto asker = each.ref<slow>("s");
    auto got = std::make_shared<answer>();
    asker.call<&slow::ask_within>("t", 1'000, 1'000)(got->sink());
    each.advance(2s);
    ASSERT_TRUE(got->done);
    if (got->failure) {
      EXPECT_EQ(error_in(got->failure).kind(), errc::timeout);
    } else {
      EXPECT_EQ(got->value, 1'000);
    }
    EXPECT_EQ(asker.call<&slow::done>().get(), 0) << "the actor is not usable";
  }
}

TEST_F(Deadline, ActorWithATimedOutCallMayLeaveMemory) {
  s().call<&slow::ask_within>("t", 9'000, 300)(first.sink());
  rt.advance(1s);
  EXPECT_TRUE(first.done);
  rt.deactivate(s());
  rt.settle();
  EXPECT_EQ(rt.counters().resident_actors, 1U);
  rt.advance(1h);
}

TEST_F(Deadline, ManyCallsThatHaveEndedDoNotDelayTheNextDeadline) {
  s("long").call<&slow::nap>(3'600'000)([](auto...) {});
  for (int i = 0; i < 100'000; ++i) s("quick" + std::to_string(i % 50)).call<&slow::done>()([](auto...) {});
  rt.settle();
  within(50ms, "long").call<&slow::nap>(1)(first.sink());
  within(60ms, "long").call<&slow::nap>(1)(second.sink());
  rt.advance(50ms);
  EXPECT_TRUE(first.done);
  EXPECT_FALSE(second.done);
  rt.advance(10ms);
  EXPECT_TRUE(second.done);
}

TEST_F(Deadline, NegativeTimeoutIsRefused) {
  EXPECT_EQ(error_of([&] { static_cast<void>(within(-1ms)); }).kind(), errc::invalid_argument);
}

}  // namespace
}  // namespace troupe::testing
