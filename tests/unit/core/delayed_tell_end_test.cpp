#include <chrono>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "core/activation.hpp"
#include "runtime/parts.hpp"
#include "testing/seeded_executor.hpp"
#include "troupe/core/host.hpp"
#include "troupe/stores/memory.hpp"
#include "unit/core/ledger.hpp"

// What delayed tells leave behind in a runtime, seen from inside.

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

class DelayedTellEnd : public ::testing::Test {
 protected:
  DelayedTellEnd() {
    internal::parts_options made;
    made.store = stores::memory_store({});
    made.executor = executor;
    made.clock = clock;
    made.entropy = entropy;
    made.log = [](log_level, std::string_view) {};
    parts = std::make_unique<internal::parts>(std::move(made));
    parts->system().host(detail::describe_actor<ledger>({.idle_timeout = 1min}, &detail::make_by_default<ledger>));
    parts->start();
  }
  [[nodiscard]] actor_ref<ledger> at(std::string_view key) {
    return actor_ref<ledger>(parts->system().find("ledger", typeid(ledger), key));
  }
  [[nodiscard]] std::size_t places() { return parts->system().directory().size(); }

  class counting final : public spi::entropy {
   public:
    [[nodiscard]] std::uint64_t next() noexcept override { return ++last_; }

   private:
    std::uint64_t last_ = 0;
  };
  std::shared_ptr<manual_clock> clock = std::make_shared<manual_clock>();
  std::shared_ptr<counting> entropy = std::make_shared<counting>();
  std::shared_ptr<seeded_executor> executor = std::make_shared<seeded_executor>(1, *clock);
  std::unique_ptr<internal::parts> parts;
};

TEST_F(DelayedTellEnd, LeavesNothingBehind) {
  for (int i = 0; i < 100; ++i) at("l" + std::to_string(i)).with({.delay = 10s}).tell<&ledger::erase_all>();
  EXPECT_EQ(places(), 100U);
  executor->advance(5s);
  EXPECT_EQ(places(), 100U);
  EXPECT_EQ(parts->system().resident(), 0U);
  executor->advance(5s);
  EXPECT_EQ(places(), 0U);
  EXPECT_EQ(parts->system().delayed().waiting(), 0U);
  EXPECT_EQ(parts->system().load().read().messages, 0);
  EXPECT_EQ(parts->system().load().read().bytes, 0);
}

TEST_F(DelayedTellEnd, CountsWhatItDrops) {
  for (int i = 0; i < 10; ++i) at("a").with({.delay = 10s}).tell<&ledger::add>(1);
  bool drained = false;
  parts->system().drain([&] { drained = true; });
  EXPECT_TRUE(drained) << "it waits for what is not due";
  EXPECT_EQ(internal::read_counters(parts->system()).dropped_delayed_tells, 10U);
  EXPECT_EQ(places(), 0U);
  at("a").with({.delay = 10s}).tell<&ledger::add>(1);  // as any message from outside
  executor->advance(1min);
  EXPECT_EQ(internal::read_counters(parts->system()).turns, 0U);
}

TEST_F(DelayedTellEnd, CallByNameWithADelayIsRefused) {
  const auto target = parts->system().find("ledger", "a");
  const error refusal = error_of([&] {
    internal::send_by_name(target, "add", "[1]", detail::call_settings({.delay = 1s}),
                           [](const std::exception_ptr&, const std::string&) { FAIL() << "it was made"; });
  });
  EXPECT_EQ(refusal.kind(), errc::invalid_argument);
  EXPECT_TRUE(has(refusal, "tell it")) << refusal.what();
}

TEST_F(DelayedTellEnd, ReferenceThatOutlivesTheRuntimeTellsNobody) {
  auto late = at("a").with({.delay = 1s});
  parts.reset();
  late.tell<&ledger::add>(1);
}

}  // namespace
}  // namespace troupe::testing
