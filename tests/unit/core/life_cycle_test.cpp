#include "core/life_cycle.hpp"

#include <array>

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

constexpr std::array phases{phase::dormant,   phase::loading,  phase::starting, phase::active,
                            phase::reloading, phase::stopping, phase::leaving,  phase::failed};

/// Calls `look` with every combination of facts: 8 phases times 64.
template <class Look>
void for_all_facts(Look look) {
  for (const phase where : phases) {
    for (unsigned bits = 0; bits < 64; ++bits) {
      look(life_facts{.where = where,
                      .turn_running = (bits & 1U) != 0,
                      .has_request = (bits & 2U) != 0,
                      .commit_pending = (bits & 4U) != 0,
                      .commit_in_flight = (bits & 8U) != 0,
                      .rollback_wanted = (bits & 16U) != 0,
                      .deactivate_wanted = (bits & 32U) != 0});
    }
  }
}

TEST(LifeCycle, NeverCutsARunningTurnOff) {
  for_all_facts([](const life_facts& f) {
    if (!f.turn_running) return;
    EXPECT_EQ(decide(f), step::rest);
  });
}

TEST(LifeCycle, ActivatesForAMessageOnly) {
  EXPECT_EQ(decide({.where = phase::dormant}), step::rest);
  EXPECT_EQ(decide({.where = phase::dormant, .has_request = true}), step::activate);
  EXPECT_EQ(decide({.where = phase::dormant, .deactivate_wanted = true}), step::rest);
}

TEST(LifeCycle, WaitsWhileTheStoreReadsOrAHookRuns) {
  for_all_facts([](const life_facts& f) {
    const bool busy = f.where == phase::loading || f.where == phase::starting || f.where == phase::reloading ||
                      f.where == phase::stopping;
    if (!busy) return;
    EXPECT_EQ(decide(f), step::rest);
  });
}

TEST(LifeCycle, BeginsATurnInTheActivePhaseOnly) {
  for_all_facts([](const life_facts& f) {
    if (decide(f) == step::begin_turn) {
      EXPECT_EQ(f.where, phase::active);
      EXPECT_TRUE(f.has_request);
      EXPECT_FALSE(f.rollback_wanted || f.deactivate_wanted);
    }
  });
}

TEST(LifeCycle, PipelinesTurnsWhileACommitIsUnderWay) {
  EXPECT_EQ(decide({.where = phase::active, .has_request = true, .commit_pending = true, .commit_in_flight = true}),
            step::begin_turn);
}

TEST(LifeCycle, RollbackComesBeforeEverythingAndWaitsForEarlierCommits) {
  EXPECT_EQ(decide({.where = phase::active, .has_request = true, .rollback_wanted = true, .deactivate_wanted = true}),
            step::reload);
  EXPECT_EQ(decide({.where = phase::active, .has_request = true, .commit_pending = true, .rollback_wanted = true}),
            step::rest);
}

TEST(LifeCycle, DeactivationComesBeforeTheNextMessage) {
  EXPECT_EQ(decide({.where = phase::active, .has_request = true, .deactivate_wanted = true}), step::deactivate);
}

TEST(LifeCycle, LeavesWhenEverythingIsCommitted) {
  EXPECT_EQ(decide({.where = phase::leaving, .has_request = true, .commit_pending = true}), step::rest);
  EXPECT_EQ(decide({.where = phase::leaving, .has_request = true}), step::vanish);
}

TEST(LifeCycle, FailedActivationShowsNothingAndWaitsForWhatIsAtTheStore) {
  for_all_facts([](const life_facts& f) {
    if (f.where != phase::failed || f.turn_running) return;
    EXPECT_EQ(decide(f), f.commit_in_flight ? step::rest : step::vanish);
  });
}

}  // namespace
}  // namespace troupe::internal
