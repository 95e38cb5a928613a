#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "troupe/core/actor.hpp"
#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

/// Its turns overlap, so a call that comes back to it waits for nobody.
class hall : public actor {
 public:
  static constexpr std::string_view actor_type = "hall";

  task<int> enter(std::string by);
  int pass() { return 1; }
  task<int> look_in(std::string by) const;
  int look() const { return 1; }
  int clean() { return 1; }
  using methods = troupe::methods<interleave<&hall::enter>, interleave<&hall::pass>, read_only<&hall::look_in>,
                                  read_only<&hall::look>, exclusive<&hall::clean>>;
};

class visitor : public actor {
 public:
  static constexpr std::string_view actor_type = "visitor";

  task<int> visit(std::string whom) { co_return co_await ref<hall>(whom).call<&hall::pass>(); }
  task<int> peep(std::string whom) { co_return co_await ref<hall>(whom).call<&hall::look>(); }
  using methods = troupe::methods<&visitor::visit, &visitor::peep>;
};

task<int> hall::enter(std::string by) { co_return co_await ref<visitor>(by).call<&visitor::visit>(key()); }
task<int> hall::look_in(std::string by) const { co_return co_await ref<visitor>(by).call<&visitor::peep>(key()); }

/// In a crowd of senders a call waits for many runs of its actor, long enough for a probe to come round.
template <auto Enter, auto Visit>
void come_back_through_a_crowd() {
  constexpr int visitors = 500;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::vector<answer> answers(visitors + 1);
    test_runtime rt({.seed = seed});
    rt.host<hall>();
    rt.host<visitor>();
    for (int i = 0; i < visitors; ++i) {
      if (i == visitors / 2) rt.ref<hall>("h").call<Enter>("last")(answers.back().sink());
      rt.ref<visitor>("v" + std::to_string(i)).call<Visit>("h")(answers[static_cast<std::size_t>(i)].sink());
    }
    rt.settle();
    for (const answer& each : answers) {
      ASSERT_TRUE(each.done) << "seed " << seed;
      ASSERT_FALSE(each.failure) << "seed " << seed << ": " << error_in(each.failure).what();
    }
  }
}

TEST(DeadlockOverlap, CallThatMayRunBesideTheTurnItComesBackToIsNone) {
  come_back_through_a_crowd<&hall::enter, &visitor::visit>();
  come_back_through_a_crowd<&hall::look_in, &visitor::peep>();
}

/// The call that comes back waits for nobody until one in front of it has to wait for the turn it comes back to.
TEST(DeadlockOverlap, CircleIsFoundWhenOneThatMustWaitComesToTheFront) {
  constexpr std::size_t visitors = 300;
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    std::vector<answer> answers(visitors);
    answer entered, cleaned;
    test_runtime rt({.seed = seed});
    rt.host<hall>();
    rt.host<visitor>();
    const auto h = rt.ref<hall>("h");
    for (std::size_t i = 0; i < visitors; ++i) {
      if (i == 10) h.call<&hall::enter>("last")(entered.sink());
      rt.ref<visitor>("v" + std::to_string(i)).call<&visitor::visit>("h")(answers[i].sink());
    }
    for (std::uint64_t steps = 100 + seed * 10; steps > 0 && rt.step();) --steps;
    h.call<&hall::clean>()(cleaned.sink());
    rt.advance(std::chrono::milliseconds(2));
    for (const answer& each : answers) ASSERT_TRUE(each.ok()) << "seed " << seed;
    ASSERT_TRUE(cleaned.ok() && entered.done) << "seed " << seed;
    if (!entered.failure) continue;
    EXPECT_EQ(error_in(entered.failure).kind(), errc::deadlock);
    ++found;
  }
  EXPECT_GT(found, 0);
}

}  // namespace
}  // namespace troupe::testing
