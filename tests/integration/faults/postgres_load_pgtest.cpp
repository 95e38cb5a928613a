#include <gtest/gtest.h>

#include "fault_load.hpp"
#include "shared_postgres.hpp"

namespace troupe::fault_test {
namespace {

using namespace std::chrono_literals;

TEST(PostgresLoad, OutlivesWhatTheNetworkDoes) {
  fault_load_options options;
  options.server_port = shared_postgres().port();
  options.connections_max = 6;  // three, and as many that are on their way out
  options.open = [](std::uint16_t port) {
    auto postgres = postgres_options_of(
        "load", "postgresql://postgres@127.0.0.1:" + std::to_string(port) + "/postgres?connect_timeout=1");
    postgres.statement_timeout = 200ms;
    postgres.lock_timeout = 150ms;
    postgres.answer_timeout = 300ms;
    return stores::postgres_store(postgres);
  };
  expect_that_faults_are_outlived(options);
}

}  // namespace
}  // namespace troupe::fault_test
