#include "troupe/testing/faulty_store.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <gtest/gtest.h>

#include "troupe/stores/memory.hpp"

namespace troupe::testing {
namespace {

using spi::commit_status;
using commit_results = std::vector<spi::commit_result>;

const actor_id acme{"seller", "acme"};
const actor_id bolt{"seller", "bolt"};

spi::turn_record birth(actor_id actor) {
  spi::turn_record record;
  record.actor = std::move(actor);
  record.next = {1, 11};
  return record;
}

/// Faults by number of operation, nothing behind the last.
fault_plan in_order(std::vector<fault> faults) {
  return [faults = std::move(faults)](const operation_info& info) {
    return info.number < faults.size() ? faults[info.number] : fault{};
  };
}

class FaultyStore : public ::testing::Test {
 protected:
  /// Commits and returns what was reported before the call returned; nothing: nothing was.
  std::optional<commit_results> commit(const std::vector<spi::turn_record>& records) {
    auto reported = std::make_shared<std::optional<commit_results>>();
    store.async_commit(records, [reported](commit_results results) { *reported = std::move(results); });
    return *reported;
  }

  commit_status commit(const spi::turn_record& record) {
    const auto results = commit(std::vector{record});
    return results ? results->at(0).status : commit_status::rejected;
  }

  /// Whether the store beneath holds the actor.
  bool holds(const actor_id& actor) {
    bool holds = false;
    beneath->async_load(std::span(&actor, 1),
                        [&](std::vector<spi::load_result> results) { holds = results.at(0).image.stamp.version != 0; });
    return holds;
  }

  std::shared_ptr<spi::state_store> beneath = stores::memory_store();
  faulty_store store{beneath};
};

TEST_F(FaultyStore, PassesEverythingThroughWithoutAPlan) {
  EXPECT_EQ(commit(birth(acme)), commit_status::committed);
  EXPECT_TRUE(holds(acme));
  EXPECT_EQ(store.counts().faults, 0U);
}

TEST_F(FaultyStore, AppliesNothingWhenItIsUnavailable) {
  store.set_plan(in_order({{.what = fault::outcome::unavailable}}));
  EXPECT_EQ(commit(birth(acme)), commit_status::unavailable);
  EXPECT_FALSE(holds(acme));
  EXPECT_EQ(commit(birth(acme)), commit_status::committed);
}

TEST_F(FaultyStore, AppliesNothingWhenItReportsAConflict) {
  store.set_plan(in_order({{.what = fault::outcome::conflict}}));
  EXPECT_EQ(commit(birth(acme)), commit_status::conflict);
  EXPECT_FALSE(holds(acme));
}

TEST_F(FaultyStore, AppliesWhatItLosesTheAnswerOf) {
  store.set_plan(in_order({{.what = fault::outcome::lost_answer}}));
  EXPECT_EQ(commit(birth(acme)), commit_status::unknown);
  EXPECT_TRUE(holds(acme));
  EXPECT_EQ(commit(birth(acme)), commit_status::committed);
}

TEST_F(FaultyStore, AppliesNothingOfALostCall) {
  store.set_plan(in_order({{.what = fault::outcome::lost_call}}));
  EXPECT_EQ(commit(birth(acme)), commit_status::unknown);
  EXPECT_FALSE(holds(acme));
}

TEST_F(FaultyStore, FailsOnlyTheActorsThatThePlanNames) {
  store.set_plan(
      in_order({{.what = fault::outcome::unavailable, .only = [](const actor_id& a) { return a == acme; }}}));
  const auto results = commit(std::vector{birth(acme), birth(bolt)});
  ASSERT_TRUE(results);
  EXPECT_EQ(results->at(0).status, commit_status::unavailable);
  EXPECT_EQ(results->at(1).status, commit_status::committed);
  EXPECT_FALSE(holds(acme));
  EXPECT_TRUE(holds(bolt));
}

TEST_F(FaultyStore, HoldsAnOperationBeforeItIsApplied) {
  store.set_plan(in_order({{.when = fault::hold::before}}));
  EXPECT_FALSE(commit(std::vector{birth(acme)}));
  EXPECT_FALSE(holds(acme));
  ASSERT_EQ(store.held().size(), 1U);
  EXPECT_EQ(store.held()[0].kind, store_operation::commit);
  EXPECT_EQ(store.held()[0].actors, std::vector{acme});
  EXPECT_TRUE(store.release(store.held()[0].ticket));
  EXPECT_TRUE(holds(acme));
  EXPECT_TRUE(store.held().empty());
}

TEST_F(FaultyStore, HoldsAReportAfterTheOperationIsApplied) {
  store.set_plan(in_order({{.when = fault::hold::after}}));
  std::optional<commit_results> reported;
  const auto record = birth(acme);
  store.async_commit(std::span(&record, 1), [&](commit_results results) { reported = std::move(results); });
  EXPECT_TRUE(holds(acme));
  EXPECT_FALSE(reported);
  EXPECT_EQ(store.release_all(), 1U);
  ASSERT_TRUE(reported);
  EXPECT_EQ(reported->at(0).status, commit_status::committed);
}

TEST_F(FaultyStore, ReleasesInTheOrderTheTestChooses) {
  store.set_plan(in_order({{.when = fault::hold::before}, {.when = fault::hold::before}}));
  std::vector<int> order;
  const std::array records{birth(acme), birth(bolt)};
  store.async_commit(std::span(&records[0], 1), [&](const commit_results&) { order.push_back(1); });
  store.async_commit(std::span(&records[1], 1), [&](const commit_results&) { order.push_back(2); });
  const auto held = store.held();
  ASSERT_EQ(held.size(), 2U);
  EXPECT_TRUE(store.release(held[1].ticket));
  EXPECT_TRUE(store.release(held[0].ticket));
  EXPECT_FALSE(store.release(held[0].ticket));
  EXPECT_EQ(order, (std::vector{2, 1}));
}

TEST_F(FaultyStore, NeverCompletesWhatWasDropped) {
  store.set_plan(in_order({{.when = fault::hold::before}, {.when = fault::hold::after}}));
  bool completed = false;
  {
    // Gone when the store is closed: a dropped operation must not look at its records again.
    const std::array records{birth(acme), birth(bolt)};
    store.async_commit(std::span(&records[0], 1), [&](const commit_results&) { completed = true; });
    store.async_commit(std::span(&records[1], 1), [&](const commit_results&) { completed = true; });
  }
  EXPECT_TRUE(store.drop(store.held()[0].ticket));
  EXPECT_EQ(store.drop_all(), 1U);
  EXPECT_FALSE(holds(acme));
  EXPECT_TRUE(holds(bolt));
  store.close();
  EXPECT_FALSE(completed);
}

TEST_F(FaultyStore, ReleasesWhatIsHeldWhenItCloses) {
  store.set_plan(in_order({{.when = fault::hold::before}}));
  std::optional<commit_results> reported;
  const auto record = birth(acme);
  store.async_commit(std::span(&record, 1), [&](commit_results results) { reported = std::move(results); });
  store.close();
  ASSERT_TRUE(reported);
  EXPECT_EQ(reported->at(0).status, commit_status::committed);
}

TEST_F(FaultyStore, FailsReads) {
  ASSERT_EQ(commit(birth(acme)), commit_status::committed);
  store.set_plan([](const operation_info&) { return fault{.what = fault::outcome::lost_answer}; });
  store.async_load(std::span(&acme, 1), [](const std::vector<spi::load_result>& results) {
    EXPECT_EQ(results.at(0).status, spi::read_status::unavailable);
    EXPECT_EQ(results.at(0).image.stamp.version, 0U);
  });
  store.async_list({}, [](const spi::list_result& result) {
    EXPECT_EQ(result.status, spi::read_status::unavailable);
    EXPECT_TRUE(result.actors.empty());
  });
  store.async_scan_due({},
                       [](const spi::due_result& result) { EXPECT_EQ(result.status, spi::read_status::unavailable); });
  EXPECT_EQ(store.counts().faults, 3U);
}

TEST_F(FaultyStore, HoldsReads) {
  store.set_plan([](const operation_info&) { return fault{.when = fault::hold::after}; });
  int completed = 0;
  store.async_load(std::span(&acme, 1), [&](const auto&) { ++completed; });
  store.async_list({}, [&](const auto&) { ++completed; });
  store.async_scan_due({}, [&](const auto&) { ++completed; });
  EXPECT_EQ(completed, 0);
  EXPECT_EQ(store.release_all(), 3U);
  EXPECT_EQ(completed, 3);
}

TEST_F(FaultyStore, CountsWhatItTakes) {
  commit(std::vector{birth(acme), birth(bolt)});
  store.async_load(std::span(&acme, 1), [](const auto&) {});
  store.async_list({}, [](const auto&) {});
  const auto counts = store.counts();
  EXPECT_EQ(counts.commits, 1U);
  EXPECT_EQ(counts.records_committed, 2U);
  EXPECT_EQ(counts.loads, 1U);
  EXPECT_EQ(counts.actors_loaded, 1U);
  EXPECT_EQ(counts.lists, 1U);
  EXPECT_EQ(counts.due_scans, 0U);
}

TEST_F(FaultyStore, TellsThePlanWhatComes) {
  std::vector<operation_info> seen;
  store.set_plan([&](const operation_info& info) {
    EXPECT_EQ(info.records.size(), info.kind == store_operation::commit ? 1U : 0U);
    seen.push_back(info);
    return fault{};
  });
  store.async_list({}, [](const auto&) {});
  commit(birth(acme));
  commit(birth(bolt));
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[2].number, 2U);
  EXPECT_EQ(seen[2].number_of_kind, 1U);
}

TEST(SeededFaults, RepeatFromTheirSeed) {
  const fault_rates rates{.unavailable = 100, .lost_answer = 100, .held_before = 200};
  const auto draw = [&](std::uint64_t seed) {
    auto plan = seeded_faults(seed, rates);
    std::vector<std::pair<fault::outcome, fault::hold>> drawn;
    for (int i = 0; i < 1000; ++i) {
      const fault fault = plan({});
      drawn.emplace_back(fault.what, fault.when);
    }
    return drawn;
  };
  EXPECT_EQ(draw(7), draw(7));
  EXPECT_NE(draw(7), draw(8));
  const auto drawn = draw(7);
  const auto held = std::count(drawn.begin(), drawn.end(), std::pair{fault::outcome::none, fault::hold::before});
  const auto lost = std::count(drawn.begin(), drawn.end(), std::pair{fault::outcome::lost_answer, fault::hold::no});
  EXPECT_NEAR(static_cast<double>(held), 200, 60);
  EXPECT_NEAR(static_cast<double>(lost), 100, 50);
}

}  // namespace
}  // namespace troupe::testing
