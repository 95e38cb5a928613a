#include <gtest/gtest.h>

#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// Writes down what it hears, in order.
class listener : public actor {
 public:
  static constexpr std::string_view actor_type = "listener";

  std::string hear(std::string word) { return heard_.edit() += word; }
  task<void> hear_slowly(std::string word) {
    co_await sleep_for(10ms);
    heard_.edit() += word;
  }
  std::string all() const { return *heard_; }
  void leave() { deactivate(); }
  using methods = troupe::methods<&listener::hear, &listener::hear_slowly, &listener::all, &listener::leave>;

 private:
  state<std::string> heard_{*this, "heard"};
};

class speaker : public actor {
 public:
  static constexpr std::string_view actor_type = "speaker";

  void tell_letters(std::string to, int count) {
    for (int i = 0; i < count; ++i) ref<listener>(to).tell<&listener::hear>(std::string(1, static_cast<char>('a' + i)));
  }
  task<std::string> tell_then_call(std::string to) {
    ref<listener>(to).tell<&listener::hear>("told;");
    co_return co_await ref<listener>(to).call<&listener::hear>("called;");
  }
  task<int> ask_many(int count) {
    int sum = 0;
    for (int i = 0; i < count; ++i) sum += co_await ref<ledger>(std::to_string(i)).call<&ledger::add>(1);
    co_return sum;
  }
  void tell_many(int count) {
    for (int i = 0; i < count; ++i) ref<ledger>(std::to_string(i)).tell<&ledger::add>(1);
  }
  task<int> dive(int depth) {
    if (depth == 0) co_return 0;
    const int below = co_await ref<speaker>(std::to_string(depth - 1)).call<&speaker::dive>(depth - 1);
    co_return below + 1;
  }
  using methods = troupe::methods<&speaker::tell_letters, &speaker::tell_then_call, &speaker::ask_many,
                                  &speaker::tell_many, &speaker::dive>;
};

class Order : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  Order() {
    rt.host<listener>();
    rt.host<speaker>();
    rt.host<ledger>();
  }
  [[nodiscard]] actor_ref<listener> ear() { return rt.ref<listener>("ear"); }
  [[nodiscard]] std::string heard() {
    rt.settle();
    return ear().call<&listener::all>().get();
  }
  test_runtime rt{{.seed = GetParam()}};
};
INSTANTIATE_TEST_SUITE_P(Seeds, Order, ::testing::Range<std::uint64_t>(1, 9));

TEST_P(Order, TellsOfOneTurnArriveInTheirOrder) {
  rt.ref<speaker>("s").call<&speaker::tell_letters>("ear", 20).get();
  EXPECT_EQ(heard(), "abcdefghijklmnopqrst");
}

TEST_P(Order, TurnsOfOneSenderArriveInTheirOrder) {
  for (int i = 0; i < 3; ++i) rt.ref<speaker>("s").tell<&speaker::tell_letters>("ear", 3);
  EXPECT_EQ(heard(), "abcabcabc");
}

TEST_P(Order, CallsFromOutsideAreHandledInTheirOrder) {
  for (const char* word : {"1", "2", "3"}) ear().tell<&listener::hear>(word);
  ear().tell<&listener::hear_slowly>("4");
  ear().tell<&listener::hear>("5");
  rt.advance(20ms);
  EXPECT_EQ(heard(), "12345");
}

TEST_P(Order, OrderIsKeptAcrossDeactivation) {
  ear().tell<&listener::hear>("1");
  ear().tell<&listener::leave>();
  ear().tell<&listener::hear>("2");
  ear().tell<&listener::leave>();
  for (const char* word : {"3", "4"}) ear().tell<&listener::hear>(word);
  EXPECT_EQ(heard(), "1234");
  EXPECT_EQ(rt.counters().activations, 3U);
}

TEST_P(Order, CallOvertakesTheTellsOfItsOwnTurn) {
  EXPECT_EQ(rt.ref<speaker>("s").call<&speaker::tell_then_call>("ear").get(), "called;");
  EXPECT_EQ(heard(), "called;told;");
}

TEST_P(Order, LargeFanOutsArriveWhole) {
  EXPECT_EQ(rt.ref<speaker>("s").call<&speaker::ask_many>(500).get(), 500);
  rt.ref<speaker>("s").call<&speaker::tell_many>(500).get();
  rt.settle();
  for (int i = 0; i < 500; i += 99) {
    EXPECT_EQ(rt.ref<ledger>(std::to_string(i)).call<&ledger::read>().get(), 2);
  }
}

TEST_P(Order, CallsNestDeeply) { EXPECT_EQ(rt.ref<speaker>("1000").call<&speaker::dive>(1000).get(), 1000); }

TEST(Seed, SameSeedGivesTheSameRun) {
  const auto trace = [](std::uint64_t seed) {
    test_runtime rt{{.seed = seed}};
    rt.host<listener>();
    rt.host<speaker>();
    for (int i = 0; i < 20; ++i) rt.ref<speaker>(std::to_string(i)).tell<&speaker::tell_letters>("ear", 3);
    rt.settle();
    std::string senders;
    for (const auto& message : rt.sent()) senders += message.from.key + ",";
    return senders;
  };
  EXPECT_EQ(trace(7), trace(7));
  EXPECT_NE(trace(7), trace(8)) << "the seed draws nothing";
}

}  // namespace
}  // namespace troupe::testing
