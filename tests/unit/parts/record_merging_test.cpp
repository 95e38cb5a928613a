#include "core/record_merging.hpp"

#include <algorithm>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "core/part_effects.hpp"
#include "troupe/stores/memory.hpp"

namespace troupe::internal {
namespace {

const actor_id acme{"seller", "acme"};

/// An actor whose turns are drawn, and the records that they make.
class drawn_actor {
 public:
  explicit drawn_actor(unsigned seed) : random_(seed) {}

  spi::turn_record next_record() {
    spi::turn_record record;
    record.actor = acme;
    record.expected = stamp_;
    stamp_ = record.next = {stamp_.version + 1, 11};
    if (draw(4) == 0) {
      record.keeps_cells = true;
    } else {
      draw_cells(record);
    }
    if (draw(3) == 0) record.reminders.emplace();
    if (draw(2) == 0) record.wake = spi::wake_change{at(draw(100))};
    if (draw(2) == 0) draw_logs(record);
    if (draw(2) == 0) draw_items(record);
    return record;
  }

 private:
  unsigned draw(unsigned below) { return static_cast<unsigned>(random_() % below); }
  static wall_time at(unsigned ms) { return wall_time(std::chrono::milliseconds(ms)); }

  void draw_cells(spi::turn_record& record) {
    for (const std::string name : {"a", "b", "c"}) {
      const bool was_large = large_.contains(name);
      const unsigned what = draw(was_large ? 4 : 3);
      if (what == 3) {
        record.cells.push_back({name, 1, "", true});
        continue;
      }
      if (was_large && what != 2) record.cells_dropped.push_back(name);
      large_.erase(name);
      if (what == 0) continue;
      if (what == 2) large_.emplace(name);
      record.cells.push_back({name, 1 + draw(3), what == 1 ? std::to_string(draw(9)) : large_json(), false});
    }
  }

  std::string large_json() { return "\"" + std::string(5000, static_cast<char>('a' + draw(26))) + "\""; }

  void draw_logs(spi::turn_record& record) {
    std::vector<log_effect> effects;
    for (const char* name : {"x", "y"}) {
      log_effect& effect = effect_on(effects, name);
      for (auto n = draw(3); n > 0; --n) effect.added.push_back({0, at(draw(100)), std::to_string(draw(1000))});
      if (draw(3) == 0) effect.newest = draw(4);
    }
    record.logs = logs_.describe(effects);
    logs_.apply(*record.logs, 1);
  }

  void draw_items(spi::turn_record& record) {
    spi::item_changes& items = record.items.emplace();
    if (draw(2) == 0) items.expire_next = at(draw(100));
    items.erase_all = draw(5) == 0;
    for (const char* key : {"p", "q", "r"}) {
      const unsigned what = draw(3);
      if (what == 0 && !items.erase_all) items.erased.emplace_back(key);
      if (what == 1) items.set.push_back({key, std::to_string(draw(9)), stamp_.version, {}});
    }
  }

  std::mt19937 random_;
  spi::commit_stamp stamp_;
  std::set<std::string> large_;
  kept_logs logs_;
};

/// What a store holds after some records.
struct outcome {
  spi::actor_image image;
  std::vector<spi::log_entry_image> x, y;
  std::vector<spi::item_image> items;
  std::vector<spi::due_actor> due;
};

outcome after_records(std::vector<spi::turn_record> records) {
  const auto store = stores::memory_store();
  outcome seen;
  for (const spi::turn_record& record : records) {
    store->async_commit(std::span(&record, 1), [](const std::vector<spi::commit_result>& results) {
      ASSERT_EQ(results[0].status, spi::commit_status::committed) << results[0].message;
    });
  }
  store->async_load(std::span(&acme, 1), [&](auto loaded) { seen.image = std::move(loaded[0].image); });
  store->async_read_log({.actor = acme, .log = "x"}, [&](auto read) { seen.x = std::move(read.entries); });
  store->async_read_log({.actor = acme, .log = "y"}, [&](auto read) { seen.y = std::move(read.entries); });
  store->async_read_items({.actor = acme}, [&](auto read) { seen.items = std::move(read.items); });
  store->async_scan_due({wall_time(std::chrono::hours(1)), {}, 10},
                        [&](auto read) { seen.due = std::move(read.actors); });
  return seen;
}

TEST(RecordMerging, HasTheEffectOfAllRecordsInTheirOrder) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    drawn_actor drawn(seed);
    std::vector<spi::turn_record> records;
    for (int i = 0; i < 5; ++i) records.push_back(drawn.next_record());
    const std::size_t alone = seed % 4;  // committed one by one before the others wait
    std::vector<spi::turn_record> merged(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(alone));
    merged.push_back(records[alone]);
    for (std::size_t i = alone + 1; i < records.size(); ++i) {
      ASSERT_TRUE(may_merge(merged.back(), records[i], {}));
      spi::turn_record more = records[i];
      merge_records(merged.back(), std::move(more));
    }
    const outcome wanted = after_records(records);
    const outcome got = after_records(merged);
    ASSERT_EQ(got.image.stamp, wanted.image.stamp) << seed;
    ASSERT_EQ(got.image.cells, wanted.image.cells) << seed;
    ASSERT_EQ(got.image.logs, wanted.image.logs) << seed;
    ASSERT_EQ(got.image.items_expire, wanted.image.items_expire) << seed;
    ASSERT_EQ(got.x, wanted.x) << seed;
    ASSERT_EQ(got.y, wanted.y) << seed;
    ASSERT_EQ(got.items, wanted.items) << seed;
    ASSERT_EQ(got.due, wanted.due) << seed;
  }
}

TEST(RecordMerging, LeavesOfItemsWhatTheLaterRecordSaysAndTheRest) {
  const auto item = [](std::string key, std::uint64_t version) {
    return spi::item_image{std::move(key), "1", version, {}};
  };
  spi::turn_record queued;
  queued.items.emplace() = {.erased = {"a"}, .set = {item("b", 1), item("c", 1), item("d", 1)}};
  spi::turn_record more;
  more.items.emplace() = {.expire_next = wall_time{}, .erased = {"b"}, .set = {item("c", 2), item("e", 2)}};
  merge_records(queued, std::move(more));
  const spi::item_changes merged{
      .expire_next = wall_time{}, .erased = {"a", "b"}, .set = {item("d", 1), item("c", 2), item("e", 2)}};
  EXPECT_EQ(*queued.items, merged);
}

TEST(RecordMerging, TakesAsManyItemsAsARecordMayHave) {
  const auto half_of = [](std::size_t first, std::uint64_t version) {
    spi::turn_record record;
    auto& set = record.items.emplace().set;
    for (std::size_t i = 0; i < record_entries_max / 2; ++i) {
      set.push_back({"item/" + std::to_string(first + i), "1", version, {}});
    }
    return record;
  };
  spi::turn_record queued = half_of(0, 1);
  spi::turn_record more = half_of(record_entries_max / 4, 2);
  ASSERT_TRUE(may_merge(queued, more, {}));
  merge_records(queued, std::move(more));
  EXPECT_EQ(queued.items->set.size(), record_entries_max / 4 * 3);
}

TEST(RecordMerging, CountsWhatStaysOfTheRecordThatWaits) {
  spi::turn_record queued;
  queued.cells = {{"a", 1, std::string(100, '1'), false}};
  queued.items.emplace().set = {{"k", std::string(50, '2'), 1, {}}};
  spi::turn_record more;
  more.cells = {{"a", 1, "", true}};
  spi::store_limits limits;
  limits.record_bytes_max = 1 + 1 + 100 + 50;  // both names, and what the kept cell and the item hold
  EXPECT_TRUE(may_merge(queued, more, limits));
  --limits.record_bytes_max;
  EXPECT_FALSE(may_merge(queued, more, limits));
}

TEST(RecordMerging, CountsEntriesWhateverTheirSize) {
  spi::turn_record queued;
  queued.items.emplace().erased.resize(record_entries_max - 3);
  spi::turn_record more;
  more.logs = {{.head = {"l", 1, 3}, .first_before = 1, .added = {{}, {}}}};
  more.messages.emplace().sent_dropped = {1};
  EXPECT_EQ(entries_of(more), 3U);
  EXPECT_TRUE(may_merge(queued, more, {}));
  more.requests_dropped = {"k"};
  EXPECT_FALSE(may_merge(queued, more, {}));
}

}  // namespace
}  // namespace troupe::internal
