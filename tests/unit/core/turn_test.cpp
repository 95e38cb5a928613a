#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "troupe/core/state.hpp"
#include "troupe/core/timer.hpp"
#include "troupe/testing/test_runtime.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;

struct tally {
  int value = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(tally, value)

class counter : public actor {
 public:
  static constexpr std::string_view actor_type = "counter";

  int add(int n) { return first_.edit().value += n; }
  int read() const { return first_->value; }
  int add_then_throw(int n) {
    first_.edit().value += n;
    throw std::out_of_range("refused");
  }
  task<int> add_slowly(int n) {
    co_await sleep_for(10ms);
    first_.edit().value += n;
    co_return first_->value;
  }
  task<int> forward(std::string to, int n) { co_return co_await ref<counter>(to).call<&counter::add>(n); }
  void tell_then_throw(std::string to) {
    ref<counter>(to).tell<&counter::add>(1);
    throw std::runtime_error("no");
  }
  void tell(std::string to) {
    first_.edit().value += 1;
    ref<counter>(to).tell<&counter::add>(1);
  }

  using methods = troupe::methods<&counter::add, &counter::read, &counter::add_then_throw, &counter::add_slowly,
                                  &counter::forward, &counter::tell_then_throw, &counter::tell>;

 private:
  state<tally> first_{*this, "first"};
};

TEST(Turn, ReplyMeansTheStateIsStored) {
  testing::test_runtime rt;
  rt.host<counter>();
  EXPECT_EQ(rt.ref<counter>("a").call<&counter::add>(3).get(), 3);
  const auto image = rt.stored({"counter", "a"});
  EXPECT_EQ(image.stamp.version, 1U);
  ASSERT_EQ(image.cells.size(), 1U);
  EXPECT_EQ(image.cells[0].json, R"({"value":3})");
}

TEST(Turn, ThrowLeavesNoTraceAndReachesTheCallerWithItsType) {
  testing::test_runtime rt;
  rt.host<counter>();
  auto a = rt.ref<counter>("a");
  a.call<&counter::add>(3).get();
  EXPECT_THROW(a.call<&counter::add_then_throw>(5).get(), std::out_of_range);
  EXPECT_EQ(a.call<&counter::read>().get(), 3);
  EXPECT_EQ(a.call<&counter::add>(1).get(), 4);
}

TEST(Turn, CrashKeepsWhatWasAcknowledged) {
  testing::test_runtime rt;
  rt.host<counter>();
  rt.ref<counter>("a").call<&counter::add>(3).get();
  rt.crash();
  EXPECT_EQ(rt.ref<counter>("a").call<&counter::read>().get(), 3);
}

TEST(Turn, ReplyWaitsBehindTheGateUntilTheCommitAnswers) {
  testing::test_runtime rt;
  rt.host<counter>();
  auto a = rt.ref<counter>("a");
  a.call<&counter::read>().get();
  rt.store().set_plan([](const testing::operation_info& operation) {
    testing::fault fault;
    if (operation.kind == testing::store_operation::commit) fault.when = testing::fault::hold::after;
    return fault;
  });
  int written = 0;
  int read = 0;
  a.call<&counter::add>(2)([&](const std::exception_ptr&, int value) { written = value; });
  a.call<&counter::read>()([&](const std::exception_ptr&, int value) { read = value; });
  rt.settle();
  EXPECT_EQ(written, 0);
  EXPECT_EQ(read, 0) << "a reply that shows uncommitted state left the actor";
  rt.store().release_all();
  rt.settle();
  EXPECT_EQ(written, 2);
  EXPECT_EQ(read, 2);
}

TEST(Turn, CoroutineHandlerHoldsTheActorWhileItWaits) {
  testing::test_runtime rt;
  rt.host<counter>();
  auto a = rt.ref<counter>("a");
  int slow = 0;
  int fast = 0;
  a.call<&counter::add_slowly>(1)([&](const std::exception_ptr&, int value) { slow = value; });
  a.call<&counter::add>(10)([&](const std::exception_ptr&, int value) { fast = value; });
  rt.settle();
  EXPECT_EQ(fast, 0);
  rt.advance(10ms);
  EXPECT_EQ(slow, 1);
  EXPECT_EQ(fast, 11);
}

TEST(Turn, CallBetweenActorsAnswers) {
  testing::test_runtime rt;
  rt.host<counter>();
  EXPECT_EQ(rt.ref<counter>("a").call<&counter::forward>("b", 7).get(), 7);
}

TEST(Turn, MessagesOfATurnThatThrewAreNotSent) {
  testing::test_runtime rt;
  rt.host<counter>();
  EXPECT_THROW(rt.ref<counter>("a").call<&counter::tell_then_throw>("b").get(), std::runtime_error);
  rt.settle();
  EXPECT_EQ(rt.ref<counter>("b").call<&counter::read>().get(), 0);
  rt.ref<counter>("a").call<&counter::tell>("b").get();
  rt.settle();
  EXPECT_EQ(rt.ref<counter>("b").call<&counter::read>().get(), 1);
}

TEST(Turn, IdleActorLeavesMemoryAndComesBack) {
  testing::test_runtime rt;
  rt.host<counter>({.idle_timeout = 1s});
  auto a = rt.ref<counter>("a");
  a.call<&counter::add>(3).get();
  EXPECT_EQ(rt.counters().resident_actors, 1U);
  rt.advance(900ms);
  EXPECT_EQ(rt.counters().resident_actors, 1U);
  rt.advance(200ms);
  EXPECT_EQ(rt.counters().resident_actors, 0U);
  EXPECT_EQ(a.call<&counter::read>().get(), 3);
}

TEST(Turn, IdempotencyKeyRunsOnceAlsoAcrossACrash) {
  testing::test_runtime rt;
  rt.host<counter>();
  EXPECT_EQ(rt.ref<counter>("a").with({.idempotency_key = "k"}).call<&counter::add>(3).get(), 3);
  rt.crash();
  EXPECT_EQ(rt.ref<counter>("a").with({.idempotency_key = "k"}).call<&counter::add>(3).get(), 3);
  EXPECT_EQ(rt.ref<counter>("a").call<&counter::read>().get(), 3);
}

}  // namespace
}  // namespace troupe
