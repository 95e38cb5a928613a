#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "troupe/core/combine.hpp"
#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// Calls along a way of keys, one actor after the other.
class node : public actor {
 public:
  static constexpr std::string_view actor_type = "node";

  task<int> walk(std::vector<std::string> way) {
    if (way.empty()) co_return 0;
    const std::string next = way.front();
    way.erase(way.begin());
    co_return 1 + co_await ref<node>(next).call<&node::walk>(std::move(way));
  }
  task<int> nap_then_walk(int milliseconds, std::vector<std::string> way) {
    co_await sleep_for(std::chrono::milliseconds(milliseconds));
    co_return co_await walk(std::move(way));
  }
  task<int> walk_all(std::vector<std::string> here, std::vector<std::string> there) {
    auto both = when_all(walk(std::move(here)), walk(std::move(there)));
    const auto [a, b] = co_await std::move(both);
    co_return a + b;
  }
  task<int> walk_any(std::vector<std::string> way, int milliseconds) {
    auto either = when_any(walk(std::move(way)), sleep_for(std::chrono::milliseconds(milliseconds)));
    const auto first = co_await std::move(either);
    co_return static_cast<int>(first.index());
  }
  task<std::string> try_walk(std::vector<std::string> way) {
    try {
      co_await walk(std::move(way));
    } catch (const error& failure) {
      co_return failure.what();
    }
    co_return "arrived";
  }
  task<int> walk_and_note(std::vector<std::string> way) {
    page_.edit().total += 1;
    co_return co_await walk(std::move(way));
  }
  using methods = troupe::methods<&node::walk, &node::nap_then_walk, &node::walk_all, &node::walk_any, &node::try_walk,
                                  &node::walk_and_note>;

 private:
  state<page> page_{*this, "page"};
};

using keys = std::vector<std::string>;

class Deadlock : public ::testing::Test {
 protected:
  Deadlock() { rt.host<node>(); }
  [[nodiscard]] actor_ref<node> n(std::string_view key) { return rt.ref<node>(key); }
  [[nodiscard]] std::chrono::milliseconds passed() const { return rt.wall_now() - manual_clock::default_start; }
  answer first, second, third;
  test_runtime rt;
};

TEST_F(Deadlock, ActorThatCallsItselfFailsAtOnce) {
  const error why = error_of([&] { n("a").call<&node::walk>(keys{"a"}).get(); });
  EXPECT_EQ(why.kind(), errc::deadlock);
  EXPECT_EQ(why.effect(), effect::none);
  EXPECT_TRUE(has(why, "node/a -> node/a")) << why.what();
  EXPECT_EQ(passed(), 0ms);
}

TEST_F(Deadlock, CircleIsSpeltOutFromTheCallThatClosesIt) {
  const error why = error_of([&] { n("a").call<&node::walk>(keys{"b", "c", "a"}).get(); });
  EXPECT_EQ(why.kind(), errc::deadlock);
  EXPECT_TRUE(has(why, "the call of node/a.walk would wait for ever: node/c -> node/a -> node/b -> node/c"))
      << why.what();
  EXPECT_TRUE(has(why, "node/a waits for node/b.walk, node/b waits for node/c.walk")) << why.what();
  EXPECT_EQ(passed(), 0ms);
}

TEST_F(Deadlock, CircleMayHaveAnyNumberOfActors) {
  keys way;
  for (int i = 1; i < 300; ++i) way.push_back("n" + std::to_string(i));
  way.emplace_back("n0");
  const error why = error_of([&] { n("n0").call<&node::walk>(way).get(); });
  EXPECT_EQ(why.kind(), errc::deadlock);
  EXPECT_TRUE(has(why, "more ...")) << why.what();
  EXPECT_LT(std::string_view(why.what()).size(), 2'000U);
}

TEST_F(Deadlock, CallerMayCatchItAndGoOn) {
  const std::string why = n("a").call<&node::try_walk>(keys{"b", "a"}).get();
  EXPECT_NE(why.find("deadlock"), std::string::npos) << why;
  EXPECT_EQ(n("a").call<&node::walk>(keys{"b"}).get(), 1);
}

TEST_F(Deadlock, ChainsThatCloseACircleTogetherAreFoundOnce) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    test_runtime each({.seed = seed});
    each.host<node>();
    auto x = std::make_shared<answer>();
    auto y = std::make_shared<answer>();
    each.ref<node>("a").call<&node::walk>(keys{"b"})(x->sink());
    each.ref<node>("b").call<&node::walk>(keys{"a"})(y->sink());
    each.advance(1ms);
    ASSERT_TRUE(x->done && y->done) << "seed " << seed;
    EXPECT_LE((x->failure ? 1 : 0) + (y->failure ? 1 : 0), 1) << "seed " << seed;
    for (const auto& each_answer : {x, y}) {
      if (!each_answer->failure) continue;
      EXPECT_EQ(error_in(each_answer->failure).kind(), errc::deadlock);
    }
  }
}

TEST_F(Deadlock, CircleThroughParallelCallsIsFound) {
  const error why = error_of([&] { n("a").call<&node::walk_all>(keys{"b"}, keys{"c", "a"}).get(); });
  EXPECT_EQ(why.kind(), errc::deadlock);
  EXPECT_TRUE(has(why, "node/c -> node/a -> node/c")) << why.what();
}

TEST_F(Deadlock, CirclesThatShareACallAreAllOpened) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    test_options options;
    options.seed = seed;
    answer one, other;
    test_runtime each(options);
    each.host<node>();
    each.ref<node>("a").call<&node::walk_all>(keys{"b"}, keys{"b"})(one.sink());
    each.ref<node>("b").call<&node::walk>(keys{"a"})(other.sink());
    each.advance(5ms);
    ASSERT_TRUE(one.done && other.done);
    EXPECT_TRUE(one.failure || other.failure);
  }
}

TEST_F(Deadlock, CallThatAnotherBranchMayOvertakeIsNoDeadlock) {
  EXPECT_EQ(n("a").call<&node::walk_any>(keys{"b", "a"}, 50).get(), 1);
  EXPECT_EQ(passed(), 50ms);
}

TEST_F(Deadlock, WaitingBehindABusyActorIsNoDeadlock) {
  n("b").call<&node::nap_then_walk>(500, keys{"c"})(first.sink());
  rt.settle();
  n("a").call<&node::walk>(keys{"b"})(second.sink());
  n("c").call<&node::walk>(keys{"b"})(third.sink());
  rt.advance(500ms);
  ASSERT_TRUE(first.done && second.done && third.done);
  EXPECT_TRUE(second.ok());
  EXPECT_EQ((first.failure ? 1 : 0) + (third.failure ? 1 : 0), 1) << "b and c do wait for each other by then";
}

TEST_F(Deadlock, CircleThatClosesLaterIsFoundThen) {
  n("a").call<&node::nap_then_walk>(100, keys{"b"})(first.sink());
  rt.settle();
  n("b").call<&node::walk>(keys{"a"})(second.sink());
  rt.advance(99ms);
  EXPECT_FALSE(first.done || second.done);
  rt.advance(2ms);
  ASSERT_TRUE(first.done && second.done);
  EXPECT_TRUE(first.failure || second.failure);
}

TEST_F(Deadlock, ManyThatWaitDoNotHideACircle) {
  n("a").call<&node::nap_then_walk>(1, keys{"x", "y"})(first.sink());
  std::vector<std::unique_ptr<answer>> others;
  for (int i = 0; i < 200; ++i) {
    others.push_back(std::make_unique<answer>());
    n("o" + std::to_string(i)).call<&node::walk>(keys{"a"})(others.back()->sink());
  }
  n("y").call<&node::walk>(keys{"a"})(second.sink());
  rt.advance(3ms);
  ASSERT_TRUE(first.done && second.done) << "not found within 2 ms of virtual time";
  EXPECT_TRUE(first.failure || second.failure);
  for (const auto& each : others) EXPECT_TRUE(each->ok());
}

TEST_F(Deadlock, CallBehindACommitThatIsUnderWayIsNoPartOfACircle) {
  n("a").call<&node::walk>(keys{}).get();
  n("b").call<&node::walk>(keys{}).get();
  rt.store().set_plan(held_commits());
  n("a").call<&node::walk_and_note>(keys{})(first.sink());
  rt.settle();
  n("a").call<&node::walk>(keys{"b"})(second.sink());  // held back by a's commit
  n("b").call<&node::walk>(keys{"a"})(third.sink());
  rt.advance(100ms);
  EXPECT_FALSE(second.done || third.done);
  rt.store().set_plan({});
  rt.store().release_all();
  rt.advance(1ms);
  ASSERT_TRUE(second.done && third.done);
  EXPECT_EQ((second.failure ? 1 : 0) + (third.failure ? 1 : 0), 1);
}

}  // namespace
}  // namespace troupe::testing
