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

TEST(RunQueue, OwnerWithoutThievesTakesTheOldestToo) {
  run_queue queue;
  nothing first;
  nothing second;
  EXPECT_EQ(queue.pop_alone(), nullptr);
  EXPECT_TRUE(queue.push(first));
  EXPECT_TRUE(queue.push(second));
  EXPECT_EQ(queue.pop_alone(), &first);
  EXPECT_EQ(queue.pop(), &second);
  EXPECT_EQ(queue.pop_alone(), nullptr);
}

}  // namespace
}  // namespace troupe::internal
