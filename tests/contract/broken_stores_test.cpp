#include "contract/broken_stores.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "contract/state_store_contract.hpp"

namespace troupe::contract {
namespace {

class BrokenStore : public testing::TestWithParam<broken_driver> {};

TEST_P(BrokenStore, IsNoticed) {
  const broken_driver& broken = GetParam();
  const auto clauses = state_store_clauses();
  const auto clause = std::find_if(clauses.begin(), clauses.end(),
                                   [&](const auto& candidate) { return broken.noticed_by == candidate.name; });
  ASSERT_NE(clause, clauses.end()) << "there is no clause " << broken.noticed_by;
  const auto place = broken.make_place();
  EXPECT_FALSE(clause->check(*place).empty()) << "a store that " << broken.fault << " passes " << clause->name;
}

INSTANTIATE_TEST_SUITE_P(All, BrokenStore, testing::ValuesIn(broken_drivers()),
                         [](const auto& test) { return test.param.fault; });

TEST(BrokenStores, ProveEveryClause) {
  const auto broken = broken_drivers();
  for (const clause& clause : state_store_clauses()) {
    EXPECT_TRUE(
        std::any_of(broken.begin(), broken.end(), [&](const auto& one) { return one.noticed_by == clause.name; }))
        << "no broken store proves that " << clause.name << " can fail";
  }
}

/// The store beneath the broken ones keeps the contract when nothing is tampered with.
TEST(BrokenStores, AreBrokenByNothingButTheirFault) {
  for (const clause& clause : state_store_clauses()) {
    const auto place = untampered_place();
    for (const std::string& violation : clause.check(*place)) ADD_FAILURE() << clause.name << ": " << violation;
  }
}

}  // namespace
}  // namespace troupe::contract
