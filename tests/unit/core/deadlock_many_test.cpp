#include <bit>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <gtest/gtest.h>

#include "troupe/core/combine.hpp"
#include "unit/core/ledger.hpp"

// Many who look for circles at once: how many messages it takes, and that nobody's circle is forgotten.

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// Calls others by number.
class peer : public actor {
 public:
  static constexpr std::string_view actor_type = "peer";

  int touch() { return 1; }
  task<int> call(int other) { co_return co_await ref<peer>(std::to_string(other)).call<&peer::touch>(); }
  task<int> call_all(std::vector<int> others) {
    std::vector<task<int>> calls;
    for (const int other : others) calls.push_back(call(other));
    auto all = when_all(std::move(calls));
    co_await std::move(all);
    co_return 1;
  }
  /// On to the next ones, `steps` of them; all wait for the last.
  task<int> pass(int steps, int size) {
    if (steps == 0) co_return 0;
    co_return 1 + co_await ref<peer>(std::to_string((number() + 1) % size)).call<&peer::pass>(steps - 1, size);
  }
  task<int> nap() {
    co_await sleep_for(100ms);
    co_return 1;
  }
  using methods = troupe::methods<&peer::touch, &peer::call, &peer::call_all, &peer::pass, &peer::nap>;

 private:
  [[nodiscard]] int number() const { return std::stoi(std::string(key())); }
};

class DeadlockMany : public ::testing::Test {
 protected:
  static actor_ref<peer> p(test_runtime& rt, int number) { return rt.ref<peer>(std::to_string(number)); }
  static std::size_t deadlocks(const std::vector<answer>& answers) {
    std::size_t found = 0;
    for (const answer& each : answers) {
      EXPECT_TRUE(each.done);
      if (!each.failure) continue;
      EXPECT_EQ(error_in(each.failure).kind(), errc::deadlock);
      ++found;
    }
    return found;
  }
};

TEST_F(DeadlockMany, RingThatClosesAtOnceTakesFewProbes) {
  for (const int size : {10, 1'000, 3'000}) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      SCOPED_TRACE(::testing::Message() << size << " actors, seed " << seed);
      std::vector<answer> answers(static_cast<std::size_t>(size));
      test_runtime rt({.seed = seed});
      rt.host<peer>();
      for (int i = 0; i < size; ++i)
        p(rt, i).call<&peer::call>((i + 1) % size)(answers[static_cast<std::size_t>(i)].sink());
      rt.settle();
      EXPECT_EQ(deadlocks(answers), 1U);
      const auto n = static_cast<std::uint64_t>(size);
      EXPECT_LT(rt.counters().deadlock_probes, n * (3 + static_cast<std::uint64_t>(std::bit_width(n))));
    }
  }
}

TEST_F(DeadlockMany, LongCircleIsFoundByOneProbe) {
  constexpr int size = 20'000;
  std::vector<answer> answers(1);
  test_runtime rt;
  rt.host<peer>();
  p(rt, 0).call<&peer::pass>(size, size)(answers[0].sink());
  rt.settle();
  EXPECT_EQ(deadlocks(answers), 1U);
  EXPECT_EQ(rt.counters().deadlock_probes, 2U * size) << "once to find it, and once to be sure";
}

/// Layers of actors, each of which waits for two of the next layer: there are 2^layers ways through.
struct web {
  static constexpr int layers = 40;
  static constexpr int in_layer = 4;
  static constexpr int size = layers * in_layer;

  static std::vector<int> next(int number) {
    const int layer = (number / in_layer + 1) % layers * in_layer;
    return {layer + number % in_layer, layer + (number + 1) % in_layer};
  }
};

TEST_F(DeadlockMany, WebWithoutACircleTakesFewProbes) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    std::vector<answer> answers(web::size);
    test_runtime rt({.seed = seed});
    rt.host<peer>();
    for (int i = 0; i < web::size; ++i) {
      auto sink = answers[static_cast<std::size_t>(i)].sink();
      if (i >= web::size - web::in_layer) {
        p(rt, i).call<&peer::nap>()(sink);
      } else {
        p(rt, i).call<&peer::call_all>(web::next(i))(sink);
      }
    }
    rt.advance(100ms);
    EXPECT_EQ(deadlocks(answers), 0U);
    // Each of the actors looks a few times, and each look goes along each of 2 x 160 calls at most.
    EXPECT_LT(rt.counters().deadlock_probes, 10U * web::size * web::size);
  }
}

TEST_F(DeadlockMany, WebOfCirclesIsOpenedWithFewProbes) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    std::vector<answer> answers(web::size);
    test_runtime rt({.seed = seed});
    rt.host<peer>();
    for (int i = 0; i < web::size; ++i)
      p(rt, i).call<&peer::call_all>(web::next(i))(answers[static_cast<std::size_t>(i)].sink());
    rt.advance(20s);
    EXPECT_GT(deadlocks(answers), 0U);
    EXPECT_LT(rt.counters().deadlock_probes, 30U * web::size * web::size);
  }
}

/// A ring, and beside it some that wait for it and are waited for: their probes go round the ring too and stop others,
/// and they give up while these are under way.
TEST_F(DeadlockMany, CircleIsFoundWhenTheStrongestThatLooksForItGivesUp) {
  constexpr int ring = 5;
  constexpr int outsiders = 6;
  int found_later = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    std::vector<answer> answers(ring), behind(outsiders), gave_up(outsiders);
    std::vector<boost::asio::cancellation_signal> signals(outsiders);
    test_runtime rt({.seed = seed});
    rt.host<peer>();
    const int base = static_cast<int>(seed) * 100;  // other lots each time
    for (int i = 0; i < ring; ++i)
      p(rt, base + i).call<&peer::call>(base + (i + 1) % ring)(answers[static_cast<std::size_t>(i)].sink());
    for (std::size_t i = 0; i < outsiders; ++i) {
      const int me = base + ring + static_cast<int>(i);
      p(rt, me).call<&peer::call>(base + static_cast<int>(i) % ring)(
          boost::asio::bind_cancellation_slot(signals[i].slot(), gave_up[i].sink()));
      p(rt, me + outsiders).call<&peer::call>(me)(behind[i].sink());
    }
    for (std::uint64_t steps = 10 + seed % 40; steps > 0 && rt.step();) --steps;
    for (auto& signal : signals) signal.emit(boost::asio::cancellation_type::terminal);
    rt.settle();
    found_later += answers[0].done ? 0 : 1;
    rt.advance(2ms);
    EXPECT_EQ(deadlocks(answers), 1U);
    for (const answer& each : behind) EXPECT_TRUE(each.ok());
    for (const answer& each : gave_up) EXPECT_TRUE(each.done);
  }
  EXPECT_GT(found_later, 0) << "no ring was ever looked for a second time";
}

}  // namespace
}  // namespace troupe::testing
