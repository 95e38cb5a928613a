#include <gtest/gtest.h>

#include "emulator_load.hpp"
#include "support/dynalite_server.hpp"

namespace troupe::fault_test {
namespace {

TEST(DynamodbLoad, OutlivesWhatTheNetworkDoes) {
  expect_that_faults_of_an_emulator_are_outlived(testing_support::dynalite_server(),
                                                 [](const auto& options) { return stores::dynamodb_store(options); });
}

}  // namespace
}  // namespace troupe::fault_test
