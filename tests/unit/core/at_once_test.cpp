#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/current_strand.hpp"
#include "troupe/core/combine.hpp"
#include "unit/core/ledger.hpp"

// Calls that are begun on their caller's thread. Whether one is, the test runtime draws for each step; so each test
// runs by many seeds, and what it says must hold either way.

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

struct log {
  std::vector<std::string> lines;
  int at_once = 0;  ///< handlers that ran inside a call
};

class callee : public actor {
 public:
  static constexpr std::string_view actor_type = "callee";
  explicit callee(log& seen) : seen_(seen) {}

  int add(int value) {
    note();
    seen_.lines.push_back("add " + std::to_string(value));
    return sum_ += value;
  }
  int fail() {
    note();
    throw std::runtime_error("no");
  }
  int save(int value) {
    note();
    return page_.edit().total += value;
  }
  task<int> nap() {
    note();
    co_await sleep_for(1s);
    co_return sum_;
  }
  int leave() {
    note();
    deactivate();
    return ++sum_;
  }
  task<int> down(int levels) {
    note();
    if (levels == 0) co_return 0;
    co_return 1 + co_await ref<callee>("level " + std::to_string(levels)).call<&callee::down>(levels - 1);
  }
  using methods =
      troupe::methods<&callee::add, &callee::fail, &callee::save, &callee::nap, &callee::leave, &callee::down>;

 private:
  void note() { seen_.at_once += internal::calls_at_once.depth > 0 ? 1 : 0; }

  log& seen_;
  int sum_ = 0;
  state<page> page_{*this, "page"};
};

class caller : public actor {
 public:
  static constexpr std::string_view actor_type = "caller";
  explicit caller(log& seen) : seen_(seen) {}

  task<int> add_often(int times) {
    const auto other = ref<callee>("c");
    int last = 0;
    for (int i = 0; i < times; ++i) last = co_await other.call<&callee::add>(1);
    co_return last;
  }
  task<std::string> try_to_fail() {
    try {
      co_await ref<callee>("c").call<&callee::fail>();
    } catch (const std::runtime_error& failure) {
      co_return failure.what();
    }
    co_return "";
  }
  task<int> save() { co_return co_await ref<callee>("c").call<&callee::save>(5); }
  task<int> nap_and_add() {
    const auto other = ref<callee>("c");
    const int before = co_await other.call<&callee::nap>();
    co_return before + co_await other.call<&callee::add>(1);
  }
  task<int> nap_within(int milliseconds) {
    co_return co_await ref<callee>("c").with({.timeout = std::chrono::milliseconds(milliseconds)}).call<&callee::nap>();
  }
  task<int> have_it_leave() {
    const auto other = ref<callee>("c");
    const int first = co_await other.call<&callee::leave>();
    co_return first * 10 + co_await other.call<&callee::leave>();
  }
  task<int> add_to_two() {
    auto both = when_all(ref<callee>("c").call<&callee::add>(1), ref<callee>("d").call<&callee::add>(2));
    const auto [one, two] = co_await std::move(both);
    co_return one + two;
  }
  task<void> tell_then_add() {
    const auto other = ref<callee>("c");
    other.tell<&callee::add>(7);
    co_await other.call<&callee::add>(1);
  }
  using methods =
      troupe::methods<&caller::add_often, &caller::try_to_fail, &caller::save, &caller::nap_and_add,
                      &caller::nap_within, &caller::have_it_leave, &caller::add_to_two, &caller::tell_then_add>;

 private:
  log& seen_;
};

/// One run of each seed.
class AtOnce : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  AtOnce() {
    rt.host<caller>(options_of<caller>(), [this] { return std::make_unique<caller>(seen); });
    rt.host<callee>(options_of<callee>(), [this] { return std::make_unique<callee>(seen); });
    at_rest().call<&callee::add>(0).get();
    seen = {};
  }
  [[nodiscard]] actor_ref<caller> from() { return rt.ref<caller>("a"); }
  [[nodiscard]] actor_ref<callee> at_rest() { return rt.ref<callee>("c"); }

  log seen;
  answer first;
  test_runtime rt{{.seed = GetParam()}};
};
INSTANTIATE_TEST_SUITE_P(Seeds, AtOnce, ::testing::Range<std::uint64_t>(1, 17));

TEST_P(AtOnce, EveryCallIsHandledOnceAndInItsOrder) {
  EXPECT_EQ(from().call<&caller::add_often>(20).get(), 20);
  EXPECT_EQ(seen.lines.size(), 20U);
}

TEST_P(AtOnce, WhatTheHandlerThrowsReachesTheCaller) { EXPECT_EQ(from().call<&caller::try_to_fail>().get(), "no"); }

TEST_P(AtOnce, AnswerWaitsForTheCommit) {
  rt.store().set_plan(held_commits());
  from().call<&caller::save>()(first.sink());
  rt.settle();
  EXPECT_FALSE(first.done) << "answered before it was durable";
  rt.store().set_plan({});
  rt.store().release_all();
  rt.settle();
  EXPECT_EQ(first.value, 5);
}

TEST_P(AtOnce, HandlerThatWaitsLeavesTheThread) {
  from().call<&caller::nap_and_add>()(first.sink());
  rt.settle();
  EXPECT_FALSE(first.done);
  rt.advance(1s);
  EXPECT_EQ(first.value, 1);
}

TEST_P(AtOnce, CallThatWaitsTimesOut) {
  const error why = error_of([&] { from().call<&caller::nap_within>(300).get(); });
  EXPECT_EQ(why.kind(), errc::timeout);
}

TEST_P(AtOnce, CalleeMayLeaveMemoryInIt) { EXPECT_EQ(from().call<&caller::have_it_leave>().get(), 11); }

TEST_P(AtOnce, CallsInsideEachOtherEndWhateverTheirDepth) { EXPECT_EQ(at_rest().call<&callee::down>(200).get(), 200); }

TEST_P(AtOnce, CallsMadeTogetherAreNotBegunInTheMaking) {
  rt.ref<callee>("d").call<&callee::add>(0).get();
  seen = {};
  EXPECT_EQ(from().call<&caller::add_to_two>().get(), 3);
  EXPECT_EQ(seen.at_once, 0);
}

TEST_P(AtOnce, CallOvertakesTheTellsOfItsOwnTurnAsEver) {
  from().call<&caller::tell_then_add>().get();
  rt.settle();
  EXPECT_EQ(seen.lines, (std::vector<std::string>{"add 1", "add 7"}));
}

TEST(AtOnceSeeds, BothWaysAreDrawn) {
  log seen;
  for (std::uint64_t seed = 1; seed <= 16; ++seed) {
    test_runtime rt{{.seed = seed}};
    rt.host<caller>(options_of<caller>(), [&] { return std::make_unique<caller>(seen); });
    rt.host<callee>(options_of<callee>(), [&] { return std::make_unique<callee>(seen); });
    rt.ref<caller>("a").call<&caller::add_often>(20).get();
  }
  EXPECT_GT(seen.at_once, 16);
  EXPECT_LT(seen.at_once, 16 * 20);
}

}  // namespace
}  // namespace troupe::testing
