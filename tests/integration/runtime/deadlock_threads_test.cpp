#include <cstdint>
#include <future>
#include <latch>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "integration/runtime/storm.hpp"

namespace troupe {
namespace {

using meeting = std::shared_ptr<std::latch>;
using keys = std::vector<std::string>;

/// Its turns begin together, each on a thread of its own, and then wait for one another.
class link : public actor {
 public:
  static constexpr std::string_view actor_type = "link";

  /// Returns how many of its calls were deadlocks.
  task<int> meet_and_touch(meeting all, keys others) {
    all->arrive_and_wait();
    std::vector<task<int>> calls;
    calls.reserve(others.size());
    for (const std::string& other : others) calls.push_back(try_touch(other));
    co_return co_await sum(std::move(calls));
  }
  task<int> sum(std::vector<task<int>> calls) {
    auto all_of_them = when_all(std::move(calls));
    const std::vector<int> each = co_await std::move(all_of_them);
    co_return std::accumulate(each.begin(), each.end(), 0);
  }
  task<int> try_touch(std::string other) {
    try {
      co_await ref<link>(other).call<&link::touch>();
    } catch (const error& failure) {
      if (failure.kind() != errc::deadlock || failure.effect() != effect::none) throw;
      co_return 1;
    }
    co_return 0;
  }
  /// Goes along a way of actors, all of which wait until its end; where `all` is not null the last one goes on when
  /// all have met.
  task<int> walk(keys way, meeting all, std::string further) {
    if (way.empty()) {
      if (all) all->arrive_and_wait();
      co_return further.empty() ? 0 : co_await try_touch(further);
    }
    const std::string next = way.front();
    way.erase(way.begin());
    co_return co_await ref<link>(next).call<&link::walk>(std::move(way), all, further);
  }
  task<int> fan(keys leaves) {
    std::vector<task<int>> calls;
    calls.reserve(leaves.size());
    for (const std::string& leaf : leaves) calls.push_back(ask(leaf));
    co_return co_await sum(std::move(calls));
  }
  task<int> ask(std::string leaf) {
    const std::string back(leaf.starts_with("back") ? key() : "");
    co_return co_await ref<link>(leaf).call<&link::walk>(keys{}, nullptr, back);
  }
  void touch() { ++touched_; }
  int touched() const { return touched_; }
  using methods = troupe::methods<&link::meet_and_touch, &link::walk, &link::fan, &link::touch, &link::touched>;

 private:
  int touched_ = 0;
};

class DeadlockThreads : public ::testing::Test {
 protected:
  DeadlockThreads() { rt.host<link>(options()); }
  [[nodiscard]] actor_ref<link> l(const std::string& key) { return rt.ref<link>(key); }
  [[nodiscard]] static actor_type_options options() {
    actor_type_options made = options_of<link>();
    made.call_timeout = no_timeout;  // a circle that is not found hangs
    return made;
  }
  runtime rt{on_threads(9)};
};

std::string name_of(int round, const char* part, int i) {
  return std::string(part) + std::to_string(round) + "-" + std::to_string(i);
}

TEST_F(DeadlockThreads, RingEndsWithOneErrorAndTheOthersGoOn) {
  for (int round = 0; round < 140; ++round) {
    const int size = 2 + round % 7;
    const auto all = std::make_shared<std::latch>(size);
    std::vector<std::future<int>> outcomes;
    for (int i = 0; i < size; ++i) {
      outcomes.push_back(
          l(name_of(round, "r", i))
              .call<&link::meet_and_touch>(all, keys{name_of(round, "r", (i + 1) % size)})(boost::asio::use_future));
    }
    int found = 0;
    for (auto& each : outcomes) found += each.get();
    EXPECT_EQ(found, 1) << size << " actors, round " << round;
    int touched = 0;
    for (int i = 0; i < size; ++i) touched += l(name_of(round, "r", i)).call<&link::touched>().get();
    EXPECT_EQ(touched, size - 1) << "a call that failed had an effect, or one that did not had none";
  }
}

/// Two rings that share an actor, which waits for both of its neighbours: each ring has an error of its own.
TEST_F(DeadlockThreads, RingsThatShareAnActorEndWithAnErrorEach) {
  for (int round = 0; round < 60; ++round) {
    storm_draws draws(static_cast<std::uint64_t>(round));
    const int left = 1 + draws.below(4);
    const int right = 1 + draws.below(4);
    const auto all = std::make_shared<std::latch>(left + right + 1);
    const std::string shared = name_of(round, "shared", 0);
    std::vector<std::future<int>> outcomes;
    const auto chain = [&](const char* part, int length) {
      for (int i = 0; i < length; ++i) {
        const std::string next = i + 1 < length ? name_of(round, part, i + 1) : shared;
        outcomes.push_back(
            l(name_of(round, part, i)).call<&link::meet_and_touch>(all, keys{next})(boost::asio::use_future));
      }
    };
    chain("left", left);
    chain("right", right);
    outcomes.push_back(l(shared).call<&link::meet_and_touch>(
        all, keys{name_of(round, "left", 0), name_of(round, "right", 0)})(boost::asio::use_future));
    int found = 0;
    for (auto& each : outcomes) found += each.get();
    EXPECT_EQ(found, 2) << left << " and " << right << " beside the shared one";
  }
}

TEST_F(DeadlockThreads, TwoChainsThatCloseACircleTogetherEndWithOneError) {
  for (int round = 0; round < 100; ++round) {
    storm_draws draws(static_cast<std::uint64_t>(round));
    const auto way = [&](const char* part, int length) {
      keys made;
      for (int i = 0; i < length; ++i) made.push_back(name_of(round, part, i));
      return made;
    };
    const keys here = way("here", 1 + draws.below(6));
    const keys there = way("there", 1 + draws.below(6));
    const auto both = std::make_shared<std::latch>(2);
    const auto go = [&](const keys& along, const keys& onto) {
      return l(along.front())
          .call<&link::walk>(
              keys(along.begin() + 1, along.end()), both,
              onto[static_cast<std::size_t>(draws.below(static_cast<int>(onto.size())))])(boost::asio::use_future);
    };
    auto one = go(here, there);
    auto other = go(there, here);
    EXPECT_EQ(one.get() + other.get(), 1);
  }
}

TEST_F(DeadlockThreads, EachCallThatComesBackThroughAFanIsFound) {
  for (int round = 0; round < 40; ++round) {
    storm_draws draws(static_cast<std::uint64_t>(round));
    std::vector<std::future<int>> outcomes;
    int expected = 0;
    for (int f = 0; f < 4; ++f) {
      keys leaves;
      for (int i = 2 + draws.below(30); i > 0; --i) {
        const bool back = draws.below(3) == 0;
        expected += back ? 1 : 0;
        leaves.push_back(name_of(round, back ? "back" : "leaf", f * 100 + i));
      }
      outcomes.push_back(l(name_of(round, "fan", f)).call<&link::fan>(leaves)(boost::asio::use_future));
    }
    int found = 0;
    for (auto& each : outcomes) found += each.get();
    EXPECT_EQ(found, expected);
  }
}

/// Every chain goes from lower numbers to higher ones, so there is no circle, however long they wait for each other.
TEST_F(DeadlockThreads, DeepChainsThatCrossAreNone) {
  for (int round = 0; round < 10; ++round) {
    storm_draws draws(static_cast<std::uint64_t>(round));
    std::vector<std::future<int>> outcomes;
    for (int chain = 0; chain < 60; ++chain) {
      keys way;
      for (int i = draws.below(4); i < 100; i += 1 + draws.below(6)) way.push_back("deep" + std::to_string(100 + i));
      const std::string first = way.front();
      way.erase(way.begin());
      outcomes.push_back(l(first).call<&link::walk>(std::move(way), nullptr, "end")(boost::asio::use_future));
    }
    for (auto& each : outcomes) EXPECT_EQ(each.get(), 0);
  }
}

/// Calls come back to actors whose turns overlap, in a crowd of others that do the same.
class plaza : public actor {
 public:
  static constexpr std::string_view actor_type = "plaza";

  task<int> cross(keys way) {
    if (way.empty()) co_return 1;
    const std::string next = way.front();
    way.erase(way.begin());
    co_return co_await ref<plaza>(next).call<&plaza::cross>(std::move(way));
  }
  task<int> look(keys way) const {
    if (way.empty()) co_return 1;
    const std::string next = way.front();
    way.erase(way.begin());
    co_return co_await ref<plaza>(next).call<&plaza::look>(std::move(way));
  }
  using methods = troupe::methods<interleave<&plaza::cross>, read_only<&plaza::look>>;
};

template <auto Method>
void go_round_and_round(runtime& rt, storm_draws& draws) {
  std::vector<std::future<int>> outcomes;
  for (int i = 0; i < 300; ++i) {
    keys way;
    for (int step = 0; step < 12; ++step) way.push_back(std::to_string(draws.below(5)));
    outcomes.push_back(
        rt.ref<plaza>(std::to_string(draws.below(5))).call<Method>(std::move(way))(boost::asio::use_future));
  }
  for (auto& each : outcomes) EXPECT_EQ(each.get(), 1);
}

TEST_F(DeadlockThreads, CallsThatComeBackToOverlappingTurnsAreNone) {
  rt.host<plaza>();
  for (int round = 0; round < 5; ++round) {
    storm_draws draws(static_cast<std::uint64_t>(round));
    go_round_and_round<&plaza::cross>(rt, draws);
    go_round_and_round<&plaza::look>(rt, draws);
  }
}

}  // namespace
}  // namespace troupe
