#include "troupe/core/combine.hpp"

#include <chrono>
#include <stdexcept>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

class juggler : public actor {
 public:
  static constexpr std::string_view actor_type = "juggler";

  task<int> nap(int milliseconds) {
    co_await sleep_for(std::chrono::milliseconds(milliseconds));
    ended_.push_back(milliseconds);
    co_return milliseconds;
  }
  task<int> fail_after(int milliseconds) {
    co_await sleep_for(std::chrono::milliseconds(milliseconds));
    throw std::out_of_range("after " + std::to_string(milliseconds));
  }
  task<std::string> three_kinds() {
    auto [asked, nothing, own] = co_await when_all(ref<juggler>("a").call<&juggler::nap>(30), sleep_for(50ms), nap(20));
    static_assert(std::is_same_v<decltype(nothing), std::monostate>);
    co_return std::to_string(asked) + " " + std::to_string(own);
  }
  task<int> sum_of(std::vector<int> naps) {
    std::vector<call_operation<juggler, &juggler::nap>> calls;
    for (std::size_t i = 0; i < naps.size(); ++i) {
      calls.push_back(ref<juggler>("n" + std::to_string(i)).call<&juggler::nap>(naps[i]));
    }
    int sum = 0;
    for (const int each : co_await when_all(std::move(calls))) sum += each;
    co_return sum;
  }
  task<int> fail_twice() {
    auto both = when_all(fail_after(30), fail_after(10), nap(50));
    const auto [a, b, c] = co_await std::move(both);
    co_return a + b + c;
  }
  task<int> first_of(int call, int pause) {
    const auto first =
        co_await when_any(ref<juggler>("a").call<&juggler::nap>(call), sleep_for(std::chrono::milliseconds(pause)));
    co_return first.index() == 0 ? std::get<0>(first) : -1;
  }
  task<int> first_fails() { co_return static_cast<int>((co_await when_any(fail_after(10), nap(50))).index()); }
  task<int> first_of_many() {
    std::vector<task<int>> naps;
    for (const int each : {30, 10, 20}) naps.push_back(nap(each));
    const auto [index, value] = co_await when_any(std::move(naps));
    co_return static_cast<int>(index) * 1000 + value;
  }
  task<int> none_at_all() {
    const auto all = co_await when_all(std::vector<task<int>>());
    try {
      co_await when_any(std::vector<task<int>>());
    } catch (const error& refused) {
      co_return refused.kind() == errc::invalid_argument&& all.empty() ? 1 : 0;
    }
    co_return 0;
  }
  task<int> one_within_the_other() {
    auto inner = when_any(nap(500), nap(20));
    const auto first = co_await when_any(nap_for_all(), std::move(inner));
    co_return static_cast<int>(first.index());
  }
  task<int> that_is_over_at_once() {
    auto both = when_any(at_once(), nap(10));
    co_return std::get<0>(co_await std::move(both));
  }
  std::vector<int> ended() const { return ended_; }

  using methods =
      troupe::methods<&juggler::nap, &juggler::three_kinds, &juggler::sum_of, &juggler::fail_twice, &juggler::first_of,
                      &juggler::first_fails, &juggler::first_of_many, &juggler::none_at_all,
                      &juggler::one_within_the_other, &juggler::that_is_over_at_once, &juggler::ended>;

 private:
  task<int> at_once() { co_return 7; }
  task<int> nap_for_all() {
    auto both = when_all(nap(300), nap(400));
    const auto [a, b] = co_await std::move(both);
    co_return a + b;
  }
  std::vector<int> ended_;
};

class Combine : public ::testing::Test {
 protected:
  Combine() { rt.host<juggler>(); }
  [[nodiscard]] auto j(std::string_view key = "j") { return rt.ref<juggler>(key); }
  [[nodiscard]] std::chrono::milliseconds passed() const { return rt.wall_now() - manual_clock::default_start; }
  test_runtime rt;
};

TEST_F(Combine, AllWaitsSideBySideAndGivesEveryResult) {
  EXPECT_EQ(j().call<&juggler::three_kinds>().get(), "30 20");
  EXPECT_EQ(passed(), 50ms);
  EXPECT_EQ(j().call<&juggler::sum_of>(std::vector<int>{10, 40, 20}).get(), 70);
  EXPECT_EQ(passed(), 90ms);
}

TEST_F(Combine, AllThrowsTheFirstFailureWhenEveryOneHasEnded) {
  try {
    j().call<&juggler::fail_twice>().get();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const std::out_of_range& failure) {
    EXPECT_STREQ(failure.what(), "after 10");
  }
  EXPECT_EQ(passed(), 50ms);
  EXPECT_EQ(j().call<&juggler::ended>().get(), std::vector<int>{50});
}

TEST_F(Combine, AnyGivesTheFirstAndCallsTheOthersOff) {
  EXPECT_EQ(j().call<&juggler::first_of>(20, 50).get(), 20);
  EXPECT_EQ(passed(), 20ms) << "it waited for the sleep";
  EXPECT_EQ(j().call<&juggler::first_of>(5'000, 50).get(), -1);
  EXPECT_EQ(j("a").call<&juggler::ended>().get(), std::vector<int>{20}) << "the call was not called off";
  EXPECT_EQ(passed(), 70ms);
  EXPECT_EQ(j().call<&juggler::first_of_many>().get(), 1'010);
}

TEST_F(Combine, AnyThrowsWhatTheFirstThrew) {
  EXPECT_THROW(j().call<&juggler::first_fails>().get(), std::out_of_range);
  EXPECT_EQ(passed(), 10ms);
}

TEST_F(Combine, OfNothingIsNothing) { EXPECT_EQ(j().call<&juggler::none_at_all>().get(), 1); }

TEST_F(Combine, NestsAndCallsOffWhatIsNested) {
  EXPECT_EQ(j().call<&juggler::one_within_the_other>().get(), 1);
  EXPECT_EQ(passed(), 20ms);
  EXPECT_EQ(j().call<&juggler::ended>().get(), std::vector<int>{20});
  EXPECT_EQ(j().call<&juggler::that_is_over_at_once>().get(), 7);
  EXPECT_EQ(passed(), 20ms) << "what need not begin began";
}

TEST_F(Combine, CancellingTheTurnCallsEveryOneOff) {
  const error why = error_of([&] {
    j().with({.timeout = 100ms}).call<&juggler::sum_of>(std::vector<int>{5'000, 9'000}).get();
  });
  EXPECT_EQ(why.kind(), errc::timeout);
  EXPECT_TRUE(j("n0").call<&juggler::ended>().get().empty());
  EXPECT_TRUE(j("n1").call<&juggler::ended>().get().empty());
  EXPECT_EQ(passed(), 100ms);
}

TEST_F(Combine, EndOfTheRuntimeDestroysWhatIsUnderWay) {
  answer got;
  j().call<&juggler::sum_of>(std::vector<int>{5'000, 9'000})(got.sink());
  rt.settle();
  rt.crash();
  EXPECT_EQ(error_in(got.failure).kind(), errc::shutting_down);
}

}  // namespace
}  // namespace troupe::testing
