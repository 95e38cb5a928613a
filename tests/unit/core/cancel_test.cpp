#include <chrono>
#include <string>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <gtest/gtest.h>

#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;
using boost::asio::cancellation_type;

class sleeper : public actor {
 public:
  static constexpr std::string_view actor_type = "sleeper";

  task<int> nap(int milliseconds) {
    co_await sleep_for(std::chrono::milliseconds(milliseconds));
    co_return ++awake_.edit().total;
  }
  task<int> sleep_anyway(int milliseconds) {
    try {
      co_await sleep_for(std::chrono::milliseconds(milliseconds));
    } catch (const error&) {
    }
    co_return ++awake_.edit().total;
  }
  task<int> ask(std::string other, int milliseconds) {
    co_return co_await ref<sleeper>(other).call<&sleeper::nap>(milliseconds);
  }
  task<int> wait_for_asio() {
    boost::asio::experimental::channel<void(boost::system::error_code)> never(executor());
    co_await never.async_receive(boost::asio::deferred);
    co_return 1;
  }
  task<int> ask_by_token(std::string other, int milliseconds) {
    co_return co_await ref<sleeper>(other).call<&sleeper::nap>(milliseconds)(boost::asio::deferred);
  }
  int awake() const { return awake_->total; }
  using methods = troupe::methods<&sleeper::nap, &sleeper::sleep_anyway, &sleeper::ask, &sleeper::wait_for_asio,
                                  &sleeper::ask_by_token, &sleeper::awake>;

 private:
  state<page> awake_{*this, "awake"};
};

class Cancel : public ::testing::Test {
 protected:
  Cancel() { rt.host<sleeper>(); }
  [[nodiscard]] actor_ref<sleeper> s(std::string_view key = "s") { return rt.ref<sleeper>(key); }
  [[nodiscard]] auto slotted() { return boost::asio::bind_cancellation_slot(signal.slot(), got.sink()); }
  void emit(cancellation_type type = cancellation_type::terminal) {
    signal.emit(type);
    rt.settle();
  }
  answer got, other;
  boost::asio::cancellation_signal signal;
  test_runtime rt;
};

TEST_F(Cancel, QueuedCallIsTakenOutAndHasNoEffect) {
  s().call<&sleeper::nap>(1'000)(other.sink());
  rt.settle();
  s().call<&sleeper::nap>(0)(slotted());
  rt.settle();
  EXPECT_FALSE(got.done);
  emit();
  const error why = error_in(got.failure);
  EXPECT_EQ(why.kind(), errc::cancelled);
  EXPECT_EQ(why.effect(), effect::none);
  rt.advance(1s);
  EXPECT_EQ(s().call<&sleeper::awake>().get(), 1);
}

TEST_F(Cancel, RunningCallIsAnsweredAtOnceAndItsHandlerIsSignalled) {
  s().call<&sleeper::nap>(10'000)(slotted());
  rt.settle();
  emit();
  const error why = error_in(got.failure);
  EXPECT_EQ(why.kind(), errc::cancelled);
  EXPECT_EQ(why.effect(), effect::unknown);
  EXPECT_EQ(s().call<&sleeper::awake>().get(), 0) << "the sleep went on";
}

TEST_F(Cancel, TotalCancellationWaitsForTheTurnsOwnEnd) {
  s().call<&sleeper::sleep_anyway>(10'000)(slotted());
  rt.settle();
  emit(cancellation_type::total);
  EXPECT_TRUE(got.ok());
  EXPECT_EQ(got.value, 1);
  EXPECT_EQ(s().call<&sleeper::awake>().get(), 1);
}

TEST_F(Cancel, SignalTravelsAlongTheChainOfCalls) {
  s().call<&sleeper::ask>("t", 10'000)(slotted());
  rt.settle();
  emit();
  EXPECT_EQ(error_in(got.failure).kind(), errc::cancelled);
  EXPECT_EQ(s("t").call<&sleeper::awake>().get(), 0) << "t is still asleep";
  EXPECT_LT(rt.wall_now() - manual_clock::default_start, 1s);
}

TEST_F(Cancel, AsioOperationOfTheHandlerIsCancelled) {
  s().call<&sleeper::wait_for_asio>()(slotted());
  rt.settle();
  emit(cancellation_type::total);
  ASSERT_TRUE(got.done);
  EXPECT_THROW(std::rethrow_exception(got.failure), boost::system::system_error);
}

TEST_F(Cancel, CallMadeWithATokenInAHandlerIsCancelledWithIt) {
  s().call<&sleeper::ask_by_token>("t", 10'000)(slotted());
  rt.settle();
  emit(cancellation_type::total);
  ASSERT_TRUE(got.done);
  EXPECT_EQ(error_in(got.failure).kind(), errc::cancelled);
  EXPECT_EQ(s("t").call<&sleeper::awake>().get(), 0);
}

TEST_F(Cancel, OfTypeNoneDoesNothing) {
  s().call<&sleeper::nap>(100)(slotted());
  rt.settle();
  emit(cancellation_type::none);
  s("t").call<&sleeper::nap>(100)(other.sink());
  rt.advance(100ms);
  EXPECT_TRUE(got.ok());
  EXPECT_EQ(got.value, 1);
  EXPECT_TRUE(other.ok());
}

TEST_F(Cancel, AfterTheAnswerItDoesNothing) {
  s().call<&sleeper::nap>(10)(slotted());
  rt.advance(10ms);
  EXPECT_TRUE(got.ok());
  emit();
  EXPECT_EQ(got.value, 1);
}

TEST_F(Cancel, AfterTheEndOfTheRuntimeItDoesNothing) {
  s().call<&sleeper::nap>(10'000)(slotted());
  rt.settle();
  rt.crash();
  EXPECT_EQ(error_in(got.failure).kind(), errc::shutting_down);
  emit();
}

TEST_F(Cancel, CallWhoseCommitIsUnderWayMayHaveHadItsEffect) {
  s().call<&sleeper::awake>().get();
  rt.store().set_plan(held_commits());
  s().call<&sleeper::nap>(0)(slotted());
  rt.settle();
  emit();
  EXPECT_EQ(error_in(got.failure).effect(), effect::unknown);
  rt.store().set_plan({});
  rt.store().release_all();
  EXPECT_EQ(s().call<&sleeper::awake>().get(), 1);
}

}  // namespace
}  // namespace troupe::testing
