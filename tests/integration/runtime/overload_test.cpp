#include <atomic>
#include <chrono>
#include <cstdint>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "troupe/core/timer.hpp"
#include "troupe/runtime/runtime.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;

class counter : public actor {
 public:
  static constexpr std::string_view actor_type = "counter";
  static constexpr std::size_t mailbox_max = 100;

  int add() { return ++sum_; }
  void occupy(std::shared_ptr<std::latch> until) { until->wait(); }
  task<int> flood(std::string whom, int times) {
    for (int i = 0; i < times; ++i) ref<counter>(whom).tell<&counter::add>();
    co_return co_await ref<counter>("other").call<&counter::add>();
  }
  using methods = troupe::methods<&counter::add, &counter::occupy, &counter::flood>;

 private:
  int sum_ = 0;
};

class RuntimeFlood : public ::testing::Test {
 protected:
  RuntimeFlood() { rt.host<counter>(); }

  void call_from(int threads, int each, const std::string& key) {
    std::vector<std::jthread> callers;
    for (int t = 0; t < threads; ++t) {
      callers.emplace_back([this, each, key] {
        const auto target = rt.ref<counter>(key);
        for (int i = 0; i < each; ++i) {
          target.call<&counter::add>()([this](const std::exception_ptr& failure, int) {
            try {
              if (failure) std::rethrow_exception(failure);
              ++answered;
            } catch (const error& e) {
              ++(e.kind() == errc::overloaded && e.retry_after() > 0ms ? refused : other);
            }
            done.count_down();
          });
        }
      });
    }
  }

  std::latch done{40'000};
  std::atomic<int> answered{0}, refused{0}, other{0};
  runtime rt{{.threads = 2}};
};

TEST_F(RuntimeFlood, EveryCallOfManyThreadsIsAnsweredOrRefused) {
  call_from(4, 10'000, "c");
  done.wait();
  EXPECT_EQ(other, 0);
  EXPECT_EQ(answered + refused, 40'000);
  EXPECT_EQ(rt.ref<counter>("c").call<&counter::add>().get(), answered + 1) << "refused ones had no effect";
  EXPECT_EQ(rt.counters().refused_messages, static_cast<std::uint64_t>(refused));
}

TEST_F(RuntimeFlood, ActorThatIsStuckHoldsNoMoreThanItsBound) {
  const auto until = std::make_shared<std::latch>(1);
  rt.ref<counter>("c").tell<&counter::occupy>(until);
  call_from(4, 10'000, "c");
  EXPECT_LE(40'000 - rt.counters().refused_messages, 101U + 4 * 4)
      << "a thread may push one that another was about to fill";
  until->count_down();
  done.wait();
  EXPECT_EQ(answered + refused, 40'000);
}

TEST_F(RuntimeFlood, TellsOfManyActorsAreHandledOrCounted) {
  std::vector<std::jthread> callers;
  for (int t = 0; t < 4; ++t) {
    callers.emplace_back([this, t] {
      for (int i = 0; i < 20; ++i) {
        rt.ref<counter>("f" + std::to_string(t)).call<&counter::flood>("c", 500).get();
      }
    });
  }
  callers.clear();
  // Its senders take turns, so a call from here overtakes tells: asked until all are done.
  std::uint64_t handled = 0;
  for (std::uint64_t asked = 1; handled + rt.counters().dropped_tells < 4U * 20 * 500;) {
    try {
      handled = static_cast<std::uint64_t>(rt.ref<counter>("c").call<&counter::add>().get()) - asked;
      ++asked;
    } catch (const error& e) {
      ASSERT_EQ(e.kind(), errc::overloaded);
    }
  }
  EXPECT_EQ(handled + rt.counters().dropped_tells, 4U * 20 * 500);
}

}  // namespace
}  // namespace troupe
