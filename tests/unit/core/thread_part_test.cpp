#include "core/thread_part.hpp"

#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/light_mutex.hpp"
#include "core/queue_load.hpp"

namespace troupe::internal {
namespace {

constexpr int threads = 4;
constexpr int times = 20'000;

template <class Function>
void on_threads(Function function) {
  std::vector<std::jthread> all;
  for (int i = 0; i < threads; ++i) all.emplace_back([&function, i] { function(i); });
}

TEST(SpreadCount, AddsUpWhatAllThreadsCount) {
  spread_count count;
  on_threads([&](int) {
    for (int i = 0; i < times; ++i) count.add_one();
  });
  EXPECT_EQ(count.read(), std::uint64_t{threads} * times);
}

TEST(SpreadCount, AddsUpWhatMoreThreadsThanItHasPartsCountAndThoseThatComeAfterThem) {
  constexpr int rounds = 5;
  constexpr int many = static_cast<int>(thread_parts) * 2;
  spread_count count;
  for (int round = 0; round < rounds; ++round) {
    std::vector<std::jthread> all;
    for (int i = 0; i < many; ++i) {
      all.emplace_back([&] {
        for (int n = 0; n < 1'000; ++n) count.add_one();
      });
    }
  }
  EXPECT_EQ(count.read(), std::uint64_t{rounds} * many * 1'000);
}

TEST(LightMutex, LetsOneInAtATime) {
  light_mutex mutex;
  std::uint64_t inside = 0;  // guarded by mutex
  on_threads([&](int) {
    for (int i = 0; i < times; ++i) {
      const std::scoped_lock lock(mutex);
      ++inside;
    }
  });
  EXPECT_EQ(inside, std::uint64_t{threads} * times);
}

TEST(QueueLoad, WhatOneThreadCountsAnotherMayTakeOff) {
  queue_load load({.messages_max = 1000, .bytes_max = 1 << 20});
  on_threads([&](int which) {
    const int by = which % 2 == 0 ? 1 : -1;
    for (int i = 0; i < times; ++i) load.add(by, by * 3);
  });
  EXPECT_EQ(load.read().messages, 0);
  EXPECT_EQ(load.read().bytes, 0);
  EXPECT_FALSE(load.refuses(queue_load::sender::outside));
  load.add(1000, 0);
  EXPECT_EQ(load.read().messages, 1000);
  EXPECT_TRUE(load.refuses(queue_load::sender::outside));
}

TEST(QueueLoad, CountsOnWhenThreadsHaveDriftedApartPastWhatAWordHolds) {
  constexpr int rounds = 60;
  constexpr std::int64_t messages = 10'000'000;
  constexpr std::int64_t units = 2'000'000'000;
  queue_load load({.messages_max = 1000, .bytes_max = std::int64_t{1} << 30});
  for (int i = 0; i < rounds; ++i) {
    std::jthread([&] { load.add(messages, units); }).join();
    ASSERT_EQ(load.read().messages, messages) << i;
    ASSERT_EQ(load.read().bytes, units * 64) << i;
    ASSERT_TRUE(load.refuses(queue_load::sender::actor)) << i;
    load.add(-messages, -units);
    ASSERT_EQ(load.read().messages, 0) << i;
    ASSERT_EQ(load.read().bytes, 0) << i;
    ASSERT_FALSE(load.refuses(queue_load::sender::outside)) << i;
  }
}

}  // namespace
}  // namespace troupe::internal
