#include <gtest/gtest.h>

#include "emulator_load.hpp"
#include "support/cosmos_server.hpp"

namespace troupe::fault_test {
namespace {

TEST(CosmosLoad, OutlivesWhatTheNetworkDoes) {
  expect_that_faults_of_an_emulator_are_outlived(testing_support::cosmos_server(),
                                                 [](const auto& options) { return stores::cosmos_store(options); });
}

}  // namespace
}  // namespace troupe::fault_test
