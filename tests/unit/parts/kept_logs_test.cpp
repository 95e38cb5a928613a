#include "core/kept_logs.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

log_effect appended(std::string name, std::size_t count) {
  log_effect effect;
  effect.name = std::move(name);
  effect.added.resize(count);
  return effect;
}

spi::log_head head(std::uint64_t first, std::uint64_t next) { return {"sales", first, next}; }

TEST(KeptLogs, NumberEntriesWhenTheyAreRecorded) {
  kept_logs logs;
  logs.load({head(3, 7)});
  const std::vector<log_effect> effects{appended("sales", 2), appended("audit", 1)};
  const auto changes = logs.describe(effects);
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].head, (spi::log_head{"audit", 1, 2})) << "sorted by name";
  EXPECT_EQ(changes[1].head, head(3, 9));
  EXPECT_EQ(changes[1].first_before, 3U);
  EXPECT_EQ(changes[1].added[0].sequence, 7U);
  EXPECT_EQ(changes[1].added[1].sequence, 8U);
  EXPECT_EQ(logs.head("sales"), head(3, 7)) << "describing changes nothing";
  logs.apply(changes, 1);
  EXPECT_EQ(logs.head("sales"), head(3, 9));
  EXPECT_EQ(logs.head("never").next, 1U);
}

TEST(KeptLogs, ListEveryLogOfTheActor) {
  kept_logs logs;
  logs.load({{"audit", 5, 6}, head(1, 1)});
  const std::vector<log_effect> effects{appended("sales", 1)};
  const auto changes = logs.describe(effects);
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0], (spi::log_changes{{"audit", 5, 6}, 5, {}}));
}

TEST(KeptLogs, TrimByNumberAndByCount) {
  log_effect effect = appended("sales", 2);
  EXPECT_EQ(after(head(3, 7), effect), head(3, 9));
  effect.newest = 4;
  EXPECT_EQ(after(head(3, 7), effect), head(5, 9));
  effect.first_min = 6;
  EXPECT_EQ(after(head(3, 7), effect), head(6, 9));
  effect.first_min = 100;
  EXPECT_EQ(after(head(3, 7), effect), head(9, 9)) << "no further than the end";
  effect = appended("sales", 2);
  effect.newest = 0;
  EXPECT_EQ(after(head(3, 7), effect), head(9, 9));
}

TEST(KeptLogs, DoNotWriteWhatCameAndWentInOneTurn) {
  kept_logs logs;
  auto effect = appended("sales", 5);
  effect.newest = 2;
  const auto changes = logs.describe(std::span(&effect, 1));
  EXPECT_EQ(changes[0].head, head(4, 6));
  ASSERT_EQ(changes[0].added.size(), 2U);
  EXPECT_EQ(changes[0].added[0].sequence, 4U);
}

TEST(KeptLogs, AddEffectsInTheOrderOfTheTurns) {
  auto first = appended("sales", 3);
  first.newest = 4;
  std::vector<log_effect> sum{first};
  auto second = appended("sales", 2);
  second.first_min = 2;
  add_effects(sum, {second, appended("audit", 1)});
  ASSERT_EQ(sum.size(), 2U);
  EXPECT_EQ(sum[0].added.size(), 5U);
  EXPECT_EQ(sum[0].newest, 6U) << "four stayed, and two came";
  EXPECT_EQ(sum[0].first_min, 2U);
  auto third = appended("sales", 1);
  third.newest = 1;
  add_effects(sum, {third});
  EXPECT_EQ(sum[0].newest, 1U);
}

TEST(KeptLogs, RememberEntriesUntilTheyAreCommitted) {
  kept_logs logs;
  logs.load({head(1, 3)});
  auto effect = appended("sales", 2);
  logs.apply(logs.describe(std::span(&effect, 1)), 7);
  effect = appended("sales", 1);
  effect.newest = 2;
  logs.apply(logs.describe(std::span(&effect, 1)), 8);
  const auto sequences = [&] {
    std::vector<std::uint64_t> numbers;
    for (const auto& entry : logs.recent("sales")) numbers.push_back(entry.sequence);
    return numbers;
  };
  EXPECT_EQ(sequences(), (std::vector<std::uint64_t>{4, 5})) << "what was trimmed is forgotten";
  logs.forget(7);
  EXPECT_EQ(sequences(), (std::vector<std::uint64_t>{5}));
  logs.forget(8);
  EXPECT_TRUE(sequences().empty());
  EXPECT_EQ(logs.head("sales"), head(4, 6));
}

}  // namespace
}  // namespace troupe::internal
