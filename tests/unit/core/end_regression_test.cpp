#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/deferred.hpp>
#include <gtest/gtest.h>

#include "unit/core/ledger.hpp"

// Mistakes that were made once where something ends: a runtime, an activation that fails, a result on its way.

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// A result that refuses to be moved once too often.
struct fragile {
  fragile() = default;
  explicit fragile(int moves) : moves_left(moves) {}
  fragile(const fragile& other) : moves_left(other.moves_left - 1) {
    if (moves_left < 0) throw std::range_error("moved too often");
  }
  fragile& operator=(const fragile&) = default;
  int moves_left = 1'000;
};

class patient : public actor {
 public:
  static constexpr std::string_view actor_type = "patient";
  task<void> hang() { co_await sleep_for(24h); }
  task<void> wait_for(std::string other) { co_await ref<patient>(other).call<&patient::hang>()(boost::asio::deferred); }
  fragile give(int moves) { return fragile(moves); }
  using methods = troupe::methods<&patient::hang, &patient::wait_for, &patient::give>;
};

/// The answer of an abandoned call woke actors that were about to be destroyed, and took away references they had.
TEST(EndRegression, CrashWhileHandlersAwaitCallsThroughAsioLeavesTheReferencesGood) {
  test_runtime rt;
  rt.host<patient>();
  std::vector<actor_ref<patient>> kept;
  for (int i = 0; i < 20; ++i) {
    kept.push_back(rt.ref<patient>("waits" + std::to_string(i)));
    kept.back().tell<&patient::wait_for>("hangs" + std::to_string(i));
  }
  rt.settle();
  ASSERT_EQ(rt.counters().resident_actors, 40U);
  rt.crash();
  for (const auto& each : kept) {
    EXPECT_EQ(error_of([&] { each.call<&patient::hang>().get(); }).kind(), errc::shutting_down);
  }
}

/// The constructor's absence was taken for an actor.
TEST(EndRegression, FactoryThatReturnsNullFailsTheActivation) {
  test_runtime rt;
  rt.host<patient>({}, [] { return std::unique_ptr<patient>(); });
  const error why = error_of([&] { rt.ref<patient>("p").call<&patient::hang>().get(); });
  EXPECT_EQ(why.kind(), errc::activation_failed);
  EXPECT_TRUE(has(why, "patient/p") && has(why, "factory returned null")) << why.what();
}

/// A result whose move threw ended the process.
TEST(EndRegression, ResultThatCannotBeMovedToItsCallerIsAnError) {
  test_runtime rt;
  rt.host<patient>();
  int failures = 0;
  for (int moves = 0; moves < 8; ++moves) {
    try {
      static_cast<void>(rt.ref<patient>("p").call<&patient::give>(moves).get());
    } catch (const std::range_error&) {
      ++failures;
    }
    try {
      rt.ref<patient>("p").call<&patient::give>(moves)([&](const std::exception_ptr& why, const fragile&) {
        if (why) ++failures;
      });
      rt.settle();
    } catch (const std::range_error&) {
      ++failures;
    }
  }
  EXPECT_GE(failures, 4);
}

}  // namespace
}  // namespace troupe::testing
