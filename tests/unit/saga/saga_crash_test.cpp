#include <set>
#include <string>

#include "unit/saga/dies_at.hpp"
#include "unit/saga/transfer.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// Begins a transfer, again and again, until it is accepted; lets it end; and says where the money is.
struct outcome {
  saga_status status;
  int a = 0;
  int b = 0;
  int in_hand = 0;
  std::size_t operations = 0;
};

void begin_stubbornly(test_runtime& rt, const order& wanted) {
  for (int i = 0; i < 50; ++i) {
    try {
      rt.ref<transfer>("t").call<&transfer::begin>("t1", wanted).get();
      return;
    } catch (const error& failure) {
      ASSERT_TRUE(may_succeed_later(failure.kind())) << failure.what();
    }
  }
  FAIL() << "it could not be begun";
}

template <class Call>
auto stubborn(Call call) {
  for (int i = 0;; ++i) {
    try {
      return call().get();
    } catch (const error& failure) {
      if (i == 50 || !may_succeed_later(failure.kind())) throw;
    }
  }
}

outcome end_of(test_runtime& rt) {
  outcome found;
  found.status = stubborn([&] { return rt.ref<transfer>("t").call<&transfer::status>(); });
  found.a = stubborn([&] { return rt.ref<purse>("a").call<&purse::pence>(); });
  found.b = stubborn([&] { return rt.ref<purse>("b").call<&purse::pence>(); });
  found.in_hand = stubborn([&] { return rt.ref<transfer>("t").call<&transfer::in_hand>(); });
  return found;
}

void host_all(test_runtime& rt) {
  rt.host<purse>();
  rt.host<transfer>();
  rt.host<customer>();
  rt.put({"purse", "a"}, {{"pence", 1, "100"}});
}

void expect_whole(const outcome& found, const std::string& to) {
  EXPECT_TRUE(found.status.ended()) << nlohmann::json(found.status).dump();
  EXPECT_EQ(found.in_hand, 0);
  if (to == "b") {
    EXPECT_EQ(found.status.phase, saga_phase::completed) << found.status.reason;
    EXPECT_EQ(found.a, 70);
    EXPECT_EQ(found.b, 30);
  } else {
    EXPECT_EQ(found.status.phase, saga_phase::compensated);
    EXPECT_EQ(found.a, 100);
  }
}

class SagaCrash : public ::testing::TestWithParam<std::string> {};

TEST_P(SagaCrash, AtEachStoreOperationLosesAndDoublesNothing) {
  const order wanted{"a", GetParam(), 30};
  std::uint64_t points = 0;
  for (const auto when : {fault::hold::before, fault::hold::after}) {
    bool reached = true;
    for (std::uint64_t number = 0; reached; ++number) {
      SCOPED_TRACE("operation " + std::to_string(number) + (when == fault::hold::before ? " not" : "") + " applied");
      reached = false;
      test_runtime rt({.seed = number + 1});
      host_all(rt);
      rt.store().set_plan(dies_at(number, when, reached));
      rt.ref<transfer>("t").call<&transfer::begin>("t1", wanted)([](const std::exception_ptr&) {});
      rt.settle();
      if (!reached) rt.advance(1s);
      if (reached) ++points;
      rt.crash();
      begin_stubbornly(rt, wanted);  // whoever got no answer asks again
      rt.advance(2min);
      expect_whole(end_of(rt), wanted.to);
      if (::testing::Test::HasFailure()) return;
    }
  }
  EXPECT_GE(points, 18U) << "the process did not die where it should";
}

INSTANTIATE_TEST_SUITE_P(Outcome, SagaCrash, ::testing::Values("b", "nobody"),
                         [](const auto& param) { return param.param == "b" ? "Completed" : "Compensated"; });

TEST(SagaFaults, WhateverTheStoreDoesNothingIsLostOrDoubled) {
  std::set<std::uint64_t> troubled;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const order wanted{"a", seed % 3 == 0 ? "nobody" : "b", 30};
    test_runtime rt({.seed = seed});
    host_all(rt);
    rt.store().set_plan(seeded_faults(
        seed, {.unavailable = 100, .conflict = 100, .lost_answer = 100, .lost_call = 50, .held_before = 0}));
    begin_stubbornly(rt, wanted);
    for (int crash = 0; crash < 3; ++crash) {
      rt.advance(std::chrono::milliseconds(seed * 7 * (crash + 1)));
      rt.crash();
      rt.store().set_plan(seeded_faults(seed + 1000 * (crash + 1),
                                        {.unavailable = 100, .conflict = 100, .lost_answer = 100, .lost_call = 50}));
      begin_stubbornly(rt, wanted);
    }
    rt.advance(10s);
    if (rt.store().counts().faults > 0) troubled.insert(seed);
    rt.store().set_plan({});
    rt.advance(3min);
    expect_whole(end_of(rt), wanted.to);
    if (::testing::Test::HasFailure()) return;
  }
  EXPECT_GE(troubled.size(), 30U);
}

}  // namespace
}  // namespace troupe::testing
