#include <atomic>
#include <chrono>
#include <cstdint>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "integration/runtime/storm.hpp"
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
  int sum() const { return sum_; }
  using methods = troupe::methods<&counter::add, &counter::occupy, &counter::flood, &counter::sum>;

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

/// Outside threads and actors on every worker, past the bounds of the actors and of the runtime at once.
TEST(OverloadThreads, WhatEverySenderSendsIsHandledRefusedOrCounted) {
  constexpr int callers = 4;
  constexpr int rounds = 60;
  constexpr int tells = 150;
  constexpr int targets = 3;
  std::atomic<int> adds{0}, floods{0}, other{0};
  std::latch done(callers * rounds * 11);
  runtime_options options = on_threads(4);
  options.overload.queued_messages_max = 250;
  runtime rt(std::move(options));
  rt.host<counter>();
  const auto sink = [&](std::atomic<int>& well) {
    return [&](const std::exception_ptr& failure, int) {
      if (!failure) {
        ++well;
      } else if (code_in(failure) != errc::overloaded) {
        ++other;
      }
      done.count_down();
    };
  };
  std::vector<std::jthread> threads;
  for (std::uint64_t t = 0; t < callers; ++t) {
    threads.emplace_back([&, t] {
      storm_draws draws(t);
      for (int i = 0; i < rounds; ++i) {
        const auto target = [&] { return "c" + std::to_string(draws.below(targets)); };
        rt.ref<counter>("f" + std::to_string(draws.below(8))).call<&counter::flood>(target(), tells)(sink(floods));
        for (int n = 0; n < 10; ++n) rt.ref<counter>(target()).call<&counter::add>()(sink(adds));
      }
    });
  }
  threads.clear();
  done.wait();
  EXPECT_EQ(other, 0);
  EXPECT_GT(rt.counters().refused_messages, 0U) << "it was no overload";
  // Nothing waits any more, and no message is still counted as if it did.
  while (rt.counters().queued_messages != 0 || rt.counters().queued_bytes != 0) std::this_thread::yield();
  const auto handled = [&] {
    std::uint64_t sum = 0;
    for (int c = 0; c < targets; ++c) {
      sum += static_cast<std::uint64_t>(rt.ref<counter>("c" + std::to_string(c)).call<&counter::sum>().get());
    }
    return sum;
  };
  EXPECT_EQ(handled() + rt.counters().dropped_tells, static_cast<std::uint64_t>(adds + floods * tells));
}

}  // namespace
}  // namespace troupe
