#include "contract/state_store_contract.hpp"

#include <tuple>

#include <gtest/gtest.h>

#include "contract/drivers.hpp"

namespace troupe::contract {
namespace {

class StateStoreContract : public testing::TestWithParam<std::tuple<driver, clause>> {};

TEST_P(StateStoreContract, Keeps) {
  const auto& [driver, clause] = GetParam();
  const auto place = driver.make_place();
  for (const std::string& violation : clause.check(*place)) ADD_FAILURE() << violation;
}

INSTANTIATE_TEST_SUITE_P(All, StateStoreContract,
                         testing::Combine(testing::ValuesIn(drivers()), testing::ValuesIn(state_store_clauses())),
                         [](const auto& test) { return std::get<0>(test.param).name + std::get<1>(test.param).name; });

}  // namespace
}  // namespace troupe::contract
