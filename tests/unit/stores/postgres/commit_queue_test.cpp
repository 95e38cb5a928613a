#include "stores/postgres/commit_queue.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

spi::turn_record record(const std::string& key, std::uint64_t version, std::size_t bytes = 1) {
  spi::turn_record made;
  made.actor = {"seller", key};
  made.next = {version, 11};
  made.cells = {{.name = "c", .json = std::string(bytes, '1')}};
  return made;
}

/// A queue, and the records that were put into it.
class CommitQueue : public testing::Test {
 protected:
  void push(std::vector<spi::turn_record> records, std::vector<std::size_t> rejected = {}) {
    const auto& kept = records_.emplace_back(std::make_unique<std::vector<spi::turn_record>>(std::move(records)));
    const std::size_t call = done_.size();
    done_.emplace_back();
    std::vector<spi::commit_result> results(kept->size());
    for (const std::size_t i : rejected) results[i].status = spi::commit_status::rejected;
    commit_queue::commit_done done = [this, call](std::vector<spi::commit_result> reported) {
      done_[call] = std::move(reported);
    };
    EXPECT_TRUE(queue_.push(*kept, results, done));
  }

  /// "key:version" of each item.
  static std::string names(const commit_queue::batch& batch) {
    std::string all;
    for (const pg_item& item : batch.items) {
      all += item.record->actor.key + ":" + std::to_string(item.record->next.version) + " ";
    }
    return all;
  }

  static void settle(commit_queue::batch& batch) {
    for (pg_item& item : batch.items) item.result->status = spi::commit_status::committed;
  }

  commit_queue queue_;
  std::vector<std::unique_ptr<std::vector<spi::turn_record>>> records_;
  std::vector<std::vector<spi::commit_result>> done_;
};

TEST_F(CommitQueue, SortsABatchByActor) {
  push({record("b", 1), record("a", 1)});
  push({record("aa", 1)});
  auto batch = queue_.take_waiting();
  EXPECT_EQ(names(batch), "a:1 aa:1 b:1 ");
  settle(batch);
  queue_.finish(std::move(batch));
  ASSERT_EQ(done_[0].size(), 2U);
  EXPECT_EQ(done_[1].size(), 1U);
}

TEST_F(CommitQueue, HandsOutRecordsOfOneActorOneAfterTheOther) {
  push({record("a", 1)});
  push({record("a", 2), record("b", 1)});
  push({record("a", 3)});
  auto first = queue_.take_waiting();
  EXPECT_EQ(names(first), "a:1 b:1 ");
  EXPECT_EQ(names(queue_.take_waiting()), "");  // another thread, meanwhile
  settle(first);
  queue_.finish(std::move(first));
  EXPECT_EQ(done_[0].size(), 1U);
  EXPECT_TRUE(done_[1].empty()) << "reported before all of it was";
  auto second = queue_.take_waiting();
  EXPECT_EQ(names(second), "a:2 ");
  queue_.finish(std::move(second));
  auto third = queue_.take_waiting();
  EXPECT_EQ(names(third), "a:3 ");
  queue_.finish(std::move(third));
}

TEST_F(CommitQueue, ReportsResultsInTheOrderOfTheRecords) {
  push({record("b", 1), record("c", 1), record("a", 1)}, {1});
  auto batch = queue_.take_waiting();
  EXPECT_EQ(names(batch), "a:1 b:1 ");
  batch.items[0].result->status = spi::commit_status::conflict;
  batch.items[1].result->status = spi::commit_status::committed;
  queue_.finish(std::move(batch));
  ASSERT_EQ(done_[0].size(), 3U);
  EXPECT_EQ(done_[0][0].status, spi::commit_status::committed);
  EXPECT_EQ(done_[0][1].status, spi::commit_status::rejected);
  EXPECT_EQ(done_[0][2].status, spi::commit_status::conflict);
}

TEST_F(CommitQueue, BoundsABatchByRecordsAndBytes) {
  std::vector<spi::turn_record> many;
  for (std::size_t i = 0; i < commit_queue::batch_records_max + 5; ++i) many.push_back(record(std::to_string(i), 1));
  push(std::move(many));
  auto full = queue_.take_waiting();
  EXPECT_EQ(full.items.size(), commit_queue::batch_records_max);
  auto rest = queue_.take_waiting();
  EXPECT_EQ(rest.items.size(), 5U);
  settle(full);
  queue_.finish(std::move(full));
  queue_.finish(std::move(rest));
  push({record("x", 1, commit_queue::batch_bytes_max + 1), record("y", 1), record("z", 1)});
  auto large = queue_.take_waiting();
  EXPECT_EQ(large.items.size(), 1U) << "a record larger than a batch goes alone";
  queue_.finish(std::move(large));
  auto small = queue_.take_waiting();
  EXPECT_EQ(names(small), "y:1 z:1 ");
  queue_.finish(std::move(small));
}

TEST_F(CommitQueue, TakesNothingNewOnceClosedButGivesOutWhatItHas) {
  push({record("a", 1)});
  queue_.close();
  std::vector<spi::commit_result> results(1);
  const std::vector<spi::turn_record> late{record("b", 1)};
  commit_queue::commit_done done = [](auto) { FAIL(); };
  EXPECT_FALSE(queue_.push(late, results, done));
  auto batch = queue_.take();
  EXPECT_EQ(names(batch), "a:1 ");
  queue_.finish(std::move(batch));
  EXPECT_TRUE(queue_.take().items.empty());
}

}  // namespace
}  // namespace troupe::internal
