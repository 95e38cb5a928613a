#include "unit/core/overload.hpp"

namespace troupe::testing {
namespace {

TEST_F(Overload, FullMailboxRefusesCallsAtOnceAndSaysWhenToTryAgain) {
  call_many(500, calls);
  rt.settle();  // no time passes
  EXPECT_EQ(calls.answered, 0);
  EXPECT_GT(calls.overloaded, 500 - 200);
  EXPECT_LT(calls.overloaded, 500 - 130) << "one sender alone may use about three quarters";
  EXPECT_EQ(calls.other, 0);
  EXPECT_GE(calls.hint, 1ms);
  EXPECT_NE(calls.what.find("actor desk/d is overloaded"), std::string::npos) << calls.what;
  EXPECT_NE(calls.what.find("the bound is 200"), std::string::npos) << calls.what;
  EXPECT_NE(calls.what.find("retry after " + std::to_string(calls.hint.count()) + " ms"), std::string::npos);
  rt.advance(5s);
  EXPECT_EQ(calls.answered, 500 - calls.overloaded) << "what was accepted is answered";
  EXPECT_EQ(rt.counters().refused_messages, static_cast<std::uint64_t>(calls.overloaded));
}

TEST_F(Overload, RefusedActorTakesMessagesAgain) {
  call_many(500, calls);
  rt.advance(5s);
  call_many(100, more);
  rt.advance(5s);
  EXPECT_EQ(more.answered, 100);
  EXPECT_EQ(rt.counters().queued_messages, 0U);
  EXPECT_EQ(rt.counters().queued_bytes, 0U);
}

TEST_F(Overload, HintFollowsThePaceOfTheActor) {
  call_many(100, calls);
  rt.advance(300ms);  // it serves one in 10 ms
  call_many(500, more);
  rt.settle();
  ASSERT_GT(more.overloaded, 0);
  EXPECT_GT(more.hint, 600ms) << "half of about 150 messages";
  EXPECT_LT(more.hint, 1000ms);
}

TEST_F(Overload, FloodingSenderDoesNotShutOthersOut) {
  rt.ref<customer>("flooder").call<&customer::tell_many>(1000).get();
  rt.settle();
  EXPECT_GT(rt.counters().dropped_tells, 700U);
  for (const char* name : {"A", "B", "C", "D"}) {
    rt.ref<customer>(name).call<&customer::ask>(name)(
        [&, name](const std::exception_ptr& failure, const std::string&) { of[name].note(failure); });
  }
  rt.settle();
  rt.ref<customer>("flooder").call<&customer::tell_many>(1000).get();
  rt.advance(100ms);
  for (const char* name : {"A", "B", "C", "D"}) EXPECT_EQ(of[name].answered, 1) << name << ": " << of[name].what;
}

TEST_F(Overload, OthersAreServedBetweenTheMessagesOfAFlooder) {
  rt.ref<customer>("flooder").call<&customer::tell_many>(120).get();
  rt.ref<customer>("A").call<&customer::ask>("A")(
      [&](const std::exception_ptr& failure, const std::string&) { calls.note(failure); });
  rt.settle();
  rt.advance(100ms);
  EXPECT_EQ(calls.answered, 1) << "it waited behind all that the flooder had sent";
}

TEST_F(Overload, TellsThatFindNoRoomAreDroppedCountedAndReportedOnceASecond) {
  rt.ref<customer>("a").call<&customer::tell_many>(1000).get();
  rt.settle();
  const std::uint64_t dropped = rt.counters().dropped_tells;
  EXPECT_GT(dropped, 1000U - 200U);
  ASSERT_EQ(rt.log_lines().size(), 1U);
  EXPECT_NE(rt.log_lines()[0].find("dropped for overload, the last a \"serve\" to desk/d"), std::string::npos)
      << rt.log_lines()[0];
  rt.advance(1s);
  rt.ref<customer>("a").call<&customer::tell_many>(1000).get();
  rt.settle();
  EXPECT_EQ(rt.log_lines().size(), 2U);
  rt.advance(10s);
  EXPECT_EQ(rt.ref<desk>("d").call<&desk::served>().get().size(), 2000 - rt.counters().dropped_tells);
}

TEST_F(Overload, TimersAreNeverRefused) {
  rt.ref<desk>("d").call<&desk::tick_soon>().get();
  call_many(500, calls);
  rt.advance(5s);
  EXPECT_NE(rt.ref<desk>("d").call<&desk::served>().get().find('T'), std::string::npos);
}

TEST_F(Overload, RepliesAreNeverRefused) {
  // The customer is full itself when the answer comes that its turn waits for.
  for (int i = 0; i < 12'000; ++i) {
    rt.ref<customer>("c").call<&customer::ask>("c")(
        [&](const std::exception_ptr& failure, const std::string&) { calls.note(failure); });
  }
  rt.advance(50ms);
  EXPECT_GT(calls.answered, 2);
  EXPECT_GT(calls.overloaded, 0);
  EXPECT_EQ(calls.other, 0);
}

/// Sends another actor for something that the other one asks it for.
class errand : public actor {
 public:
  static constexpr std::string_view actor_type = "errand";
  static constexpr auto persistence = durability::none();
  static constexpr std::size_t mailbox_max = 16;

  task<int> go(std::string other) {
    co_return co_await ref<errand>(other).call<&errand::come_back>(std::string(key()));
  }
  task<int> come_back(std::string to) {
    co_await sleep_for(10ms);  // meanwhile `to` is flooded
    co_return co_await ref<errand>(to).call<&errand::inner>();
  }
  int inner() { return 7; }
  task<void> call_plain(std::string to) { co_await ref<errand>(to).call<&errand::plain>(); }
  void plain() {}
  void flood(std::string to, int count) {
    for (int i = 0; i < count; ++i) ref<errand>(to).tell<&errand::plain>();
  }
  using methods = troupe::methods<&errand::go, &errand::come_back, call_chain<&errand::inner>, &errand::call_plain,
                                  &errand::plain, &errand::flood>;
};

TEST_F(Overload, CallThatComesBackIsNotRefused) {
  rt.host<errand>();
  answer got;
  rt.ref<errand>("a").call<&errand::go>("b")(got.sink());
  for (int i = 0; i < 60; ++i) rt.ref<errand>("c" + std::to_string(i)).tell<&errand::flood>("a", 5);
  rt.settle();
  ASSERT_GT(rt.counters().dropped_tells, 200U);
  EXPECT_EQ(error_of([&] { rt.ref<errand>("d").call<&errand::call_plain>("a").get(); }).kind(), errc::overloaded)
      << "there is no seat, for whomever";
  ASSERT_FALSE(got.done);
  rt.advance(10ms);
  ASSERT_TRUE(got.ok()) << error_in(got.failure).what();
  EXPECT_EQ(got.value, 7);
  EXPECT_EQ(rt.counters().queued_messages, 0U);
}

TEST_F(Overload, MailboxWithoutABoundTakesAll) {
  auto options = options_of<ledger>();
  EXPECT_EQ(options.mailbox_max, 10'000U);
  options.mailbox_max = 0;
  outcomes all;
  test_runtime open;
  open.host<ledger>(options);
  constexpr int many = 100'000;  // more than a mailbox counts
  for (int i = 0; i < many; ++i) {
    open.ref<ledger>("l").call<&ledger::read>()([&](const std::exception_ptr& failure, int) { all.note(failure); });
  }
  open.settle();
  EXPECT_EQ(all.answered, many);
}

TEST_F(Overload, BoundsOutOfRangeAreRefused) {
  for (const std::size_t bound : {std::size_t{1}, std::size_t{15}, std::size_t{1'000'001}}) {
    auto options = options_of<ledger>();
    options.mailbox_max = bound;
    test_runtime other;
    try {
      other.host<ledger>(options);
      FAIL() << bound;
    } catch (const error& e) {
      EXPECT_EQ(e.kind(), errc::invalid_argument);
      EXPECT_NE(std::string(e.what()).find("mailbox_max is " + std::to_string(bound)), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace troupe::testing
