#include "commit/batch_queue.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

using namespace std::chrono_literals;
using batch = std::vector<int>;

constexpr steady_time start{1h};

batch_queue<int> queue_with(int count, std::size_t batch_max) {
  batch_queue<int> queue(batch_max);
  for (int i = 1; i <= count; ++i) queue.push(i);
  return queue;
}

TEST(BatchQueue, LoneItemGoesAtOnce) {
  auto queue = queue_with(1, 10);
  EXPECT_EQ(queue.take(start), batch{1});
  EXPECT_EQ(queue.flights(), 1U);
}

TEST(BatchQueue, WhatComesDuringAFlightMakesUpTheNextBatch) {
  auto queue = queue_with(1, 10);
  static_cast<void>(queue.take(start));
  queue.push(2);
  queue.push(3);
  EXPECT_EQ(queue.take(start), batch{}) << "half a batch was sent beside the first";
  queue.landed({});
  EXPECT_EQ(queue.take(start), (batch{2, 3}));
}

TEST(BatchQueue, SecondFlightStartsOnlyWhenItIsFull) {
  auto queue = queue_with(3, 2);
  EXPECT_EQ(queue.take(start), (batch{1, 2}));
  EXPECT_EQ(queue.take(start), batch{});
  queue.push(4);
  EXPECT_EQ(queue.take(start), (batch{3, 4}));
}

TEST(BatchQueue, ThirdFlightNeverStarts) {
  auto queue = queue_with(6, 2);
  static_cast<void>(queue.take(start));
  static_cast<void>(queue.take(start));
  EXPECT_EQ(queue.take(start), batch{});
  queue.landed({});
  EXPECT_EQ(queue.take(start), (batch{5, 6}));
}

TEST(BatchQueue, ItemsToTryAgainGoFirst) {
  auto queue = queue_with(3, 2);
  static_cast<void>(queue.take(start));
  queue.landed({1, 2});
  EXPECT_EQ(queue.take(start), (batch{1, 2}));
}

TEST(BatchQueue, StartsNothingWhilePaused) {
  auto queue = queue_with(1, 2);
  queue.pause(start + 10ms);
  EXPECT_EQ(queue.take(start), batch{});
  EXPECT_FALSE(queue.empty());
  EXPECT_EQ(queue.take(start + 10ms), batch{1});
}

}  // namespace
}  // namespace troupe::internal
