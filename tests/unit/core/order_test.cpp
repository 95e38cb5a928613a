#include <gtest/gtest.h>

#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// Writes down what it hears, in order.
class hearer : public actor {
 public:
  static constexpr std::string_view actor_type = "hearer";

  std::string hear(std::string word) { return heard_.edit() += word; }
  task<void> hear_slowly(std::string word) {
    co_await sleep_for(10ms);
    heard_.edit() += word;
  }
  std::string all() const { return *heard_; }
  void leave() { deactivate(); }
  using methods = troupe::methods<&hearer::hear, &hearer::hear_slowly, &hearer::all, &hearer::leave>;

 private:
  state<std::string> heard_{*this, "heard"};
};

class talker : public actor {
 public:
  static constexpr std::string_view actor_type = "talker";

  void tell_letters(std::string to, int count) {
    for (int i = 0; i < count; ++i) ref<hearer>(to).tell<&hearer::hear>(std::string(1, static_cast<char>('a' + i)));
  }
  task<std::string> tell_then_call(std::string to) {
    ref<hearer>(to).tell<&hearer::hear>("told;");
    co_return co_await ref<hearer>(to).call<&hearer::hear>("called;");
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
    const int below = co_await ref<talker>(std::to_string(depth - 1)).call<&talker::dive>(depth - 1);
    co_return below + 1;
  }
  using methods = troupe::methods<&talker::tell_letters, &talker::tell_then_call, &talker::ask_many, &talker::tell_many,
                                  &talker::dive>;
};

class Order : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  Order() {
    rt.host<hearer>();
    rt.host<talker>();
    rt.host<ledger>();
  }
  [[nodiscard]] actor_ref<hearer> ear() { return rt.ref<hearer>("ear"); }
  [[nodiscard]] std::string heard() {
    rt.settle();
    return ear().call<&hearer::all>().get();
  }
  test_runtime rt{{.seed = GetParam()}};
};
INSTANTIATE_TEST_SUITE_P(Seeds, Order, ::testing::Range<std::uint64_t>(1, 9));

TEST_P(Order, TellsOfOneTurnArriveInTheirOrder) {
  rt.ref<talker>("s").call<&talker::tell_letters>("ear", 20).get();
  EXPECT_EQ(heard(), "abcdefghijklmnopqrst");
}

TEST_P(Order, TurnsOfOneSenderArriveInTheirOrder) {
  for (int i = 0; i < 3; ++i) rt.ref<talker>("s").tell<&talker::tell_letters>("ear", 3);
  EXPECT_EQ(heard(), "abcabcabc");
}

TEST_P(Order, CallsFromOutsideAreHandledInTheirOrder) {
  for (const char* word : {"1", "2", "3"}) ear().tell<&hearer::hear>(word);
  ear().tell<&hearer::hear_slowly>("4");
  ear().tell<&hearer::hear>("5");
  rt.advance(20ms);
  EXPECT_EQ(heard(), "12345");
}

TEST_P(Order, OrderIsKeptAcrossDeactivation) {
  ear().tell<&hearer::hear>("1");
  ear().tell<&hearer::leave>();
  ear().tell<&hearer::hear>("2");
  ear().tell<&hearer::leave>();
  for (const char* word : {"3", "4"}) ear().tell<&hearer::hear>(word);
  EXPECT_EQ(heard(), "1234");
  EXPECT_EQ(rt.counters().activations, 3U);
}

TEST_P(Order, CallOvertakesTheTellsOfItsOwnTurn) {
  EXPECT_EQ(rt.ref<talker>("s").call<&talker::tell_then_call>("ear").get(), "called;");
  EXPECT_EQ(heard(), "called;told;");
}

TEST_P(Order, LargeFanOutsArriveWhole) {
  EXPECT_EQ(rt.ref<talker>("s").call<&talker::ask_many>(500).get(), 500);
  rt.ref<talker>("s").call<&talker::tell_many>(500).get();
  rt.settle();
  for (int i = 0; i < 500; i += 99) {
    EXPECT_EQ(rt.ref<ledger>(std::to_string(i)).call<&ledger::read>().get(), 2);
  }
}

TEST_P(Order, CallsNestDeeply) { EXPECT_EQ(rt.ref<talker>("1000").call<&talker::dive>(1000).get(), 1000); }

TEST(Seed, SameSeedGivesTheSameRun) {
  const auto trace = [](std::uint64_t seed) {
    test_runtime rt{{.seed = seed}};
    rt.host<hearer>();
    rt.host<talker>();
    for (int i = 0; i < 20; ++i) rt.ref<talker>(std::to_string(i)).tell<&talker::tell_letters>("ear", 3);
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
