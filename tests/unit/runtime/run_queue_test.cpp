#include "runtime/run_queue.hpp"

#include <deque>

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

struct nothing final : spi::runnable {
  void run() noexcept override {}
};

TEST(RunQueue, GivesTheOldestFirst) {
  run_queue queue;
  nothing first;
  nothing second;
  EXPECT_EQ(queue.pop(), nullptr);
  EXPECT_TRUE(queue.push(first));
  EXPECT_TRUE(queue.push(second));
  EXPECT_EQ(queue.size(), 2U);
  EXPECT_EQ(queue.pop(), &first);
  EXPECT_EQ(queue.pop(), &second);
  EXPECT_EQ(queue.pop(), nullptr);
}

TEST(RunQueue, RefusesPastItsCapacityAndGoesOnRoundTheRing) {
  run_queue queue;
  std::deque<nothing> items(run_queue::capacity * 3);
  for (std::uint32_t i = 0; i < run_queue::capacity; ++i) ASSERT_TRUE(queue.push(items[i]));
  nothing surplus;
  EXPECT_FALSE(queue.push(surplus));
  for (std::uint32_t i = 0; i < run_queue::capacity * 2; ++i) {
    ASSERT_EQ(queue.pop(), &items[i]);
    ASSERT_TRUE(queue.push(items[i + run_queue::capacity]));
  }
  EXPECT_EQ(queue.size(), run_queue::capacity);
}

TEST(RunQueue, GivesTheOlderHalfAwayWhenItIsFull) {
  run_queue queue;
  std::deque<nothing> items(run_queue::capacity);
  EXPECT_EQ(queue.pop_half(), nullptr);
  for (nothing& item : items) ASSERT_TRUE(queue.push(item));
  const spi::runnable* taken = queue.pop_half();
  for (std::uint32_t i = 0; i < run_queue::capacity / 2; ++i, taken = taken->next_runnable) {
    ASSERT_EQ(taken, &items[i]);
  }
  EXPECT_EQ(taken, nullptr);
  EXPECT_EQ(queue.pop_half(), nullptr) << "it is not full any more";
  EXPECT_EQ(queue.pop(), &items[run_queue::capacity / 2]);
  EXPECT_EQ(queue.pop_alone(), &items[run_queue::capacity / 2 + 1]);
}

}  // namespace
}  // namespace troupe::internal
