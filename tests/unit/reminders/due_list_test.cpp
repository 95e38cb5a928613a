#include "reminders/due_list.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

using namespace std::chrono_literals;

constexpr wall_time noon{std::chrono::sys_days{std::chrono::year(2026) / 1 / 1} + 12h};
const actor_id a{"seller", "a"};
const actor_id b{"seller", "b"};
const actor_id c{"seller", "c"};
using ids = std::vector<actor_id>;

TEST(DueList, TakesTheLongestOverdueFirst) {
  due_list list;
  list.set(a, noon + 2s);
  list.set(b, noon + 1s);
  list.set(c, noon + 3s);
  EXPECT_EQ(list.next(), noon + 1s);
  EXPECT_EQ(list.take_due(noon, 9), ids{});
  EXPECT_EQ(list.take_due(noon + 2s, 9), (ids{b, a}));
  EXPECT_EQ(list.next(), noon + 3s);
}

TEST(DueList, TakesNoMoreThanAsked) {
  due_list list;
  for (const auto& id : {a, b, c}) list.set(id, noon);
  EXPECT_EQ(list.take_due(noon, 2).size(), 2U);
  EXPECT_EQ(list.size(), 1U);
}

TEST(DueList, NewerTimeReplacesTheOlder) {
  due_list list;
  list.set(a, noon);
  list.set(a, noon + 5s);
  EXPECT_EQ(list.take_due(noon + 1s, 9), ids{});
  list.set(a, std::nullopt);
  EXPECT_EQ(list.next(), std::nullopt);
  EXPECT_EQ(list.size(), 0U);
}

TEST(DueList, ScanDoesNotOverwriteWhatIsNewer) {
  due_list list;
  list.set(a, noon + 5s);
  list.add(a, noon);
  list.add(b, noon + 1s);
  EXPECT_EQ(list.take_due(noon + 1s, 9), ids{b});
}

}  // namespace
}  // namespace troupe::internal
