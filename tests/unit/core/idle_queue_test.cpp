#include "core/idle_queue.hpp"

#include <deque>

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

class IdleQueue : public ::testing::Test {
 protected:
  ~IdleQueue() override {
    for (idle_entry& entry : entries_) queue_.remove(entry);
  }
  idle_entry& filed(std::int64_t last_used) {
    idle_entry& entry = entries_.emplace_back();
    entry.last_used = last_used;
    queue_.insert(entry);
    return entry;
  }
  std::deque<idle_entry> entries_;
  idle_queue queue_;
};

TEST_F(IdleQueue, TakesTheColdestFirst) {
  idle_entry& warm = filed(30);
  idle_entry& cold = filed(10);
  idle_entry& mild = filed(20);
  EXPECT_EQ(queue_.coldest(), 10);
  EXPECT_EQ(queue_.take_coldest(30), &cold);
  EXPECT_EQ(queue_.take_coldest(30), &mild);
  EXPECT_EQ(queue_.take_coldest(30), &warm);
  EXPECT_TRUE(queue_.empty());
}

TEST_F(IdleQueue, KeepsWhatWasUsedAfterTheLimit) {
  filed(11);
  EXPECT_EQ(queue_.take_coldest(10), nullptr);
  EXPECT_FALSE(queue_.empty());
}

TEST_F(IdleQueue, FilesAnewWhatWasUsedMeanwhile) {
  idle_entry& busy = filed(10);
  idle_entry& quiet = filed(12);
  busy.last_used = 40;
  EXPECT_EQ(queue_.take_coldest(20), &quiet);
  EXPECT_EQ(queue_.take_coldest(20), nullptr);
  EXPECT_EQ(queue_.coldest(), 40);
  EXPECT_EQ(queue_.take_coldest(40), &busy);
}

TEST_F(IdleQueue, LeavesEntriesAloneThatAreNotUpForExpiry) {
  filed(10);
  idle_entry& later = filed(1'000);
  later.last_used = 2'000;
  EXPECT_NE(queue_.take_coldest(500), nullptr);
  EXPECT_EQ(queue_.take_coldest(500), nullptr);
  EXPECT_EQ(queue_.coldest(), 1'000) << "an entry behind the limit was touched";
}

TEST_F(IdleQueue, DoesNotGrowWithEntriesThatLeave) {
  filed(1);
  for (int i = 2; i < 1'000; ++i) {
    queue_.remove(filed(i));
    EXPECT_LT(queue_.buckets(), 100U);
  }
  EXPECT_EQ(queue_.coldest(), 1);
}

TEST_F(IdleQueue, RemovesOnce) {
  idle_entry& one = filed(10);
  queue_.remove(one);
  queue_.remove(one);
  EXPECT_TRUE(queue_.empty());
}

}  // namespace
}  // namespace troupe::internal
