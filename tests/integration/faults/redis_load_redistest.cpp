#include <gtest/gtest.h>

#include "fault_load.hpp"
#include "support/redis_server.hpp"
#include "troupe/stores/redis.hpp"

namespace troupe::fault_test {
namespace {

using namespace std::chrono_literals;

TEST(RedisLoad, OutlivesWhatTheNetworkDoes) {
  const testing_support::redis_server server({"--appendonly", "yes"});
  fault_load_options options;
  options.server_port = server.port();
  options.connections_max = 2;  // one, and one that is on its way out
  options.open = [](std::uint16_t port) {
    stores::redis_options redis;
    redis.port = port;
    redis.connect_timeout = 300ms;
    redis.answer_timeout = 300ms;
    return stores::redis_store(redis);
  };
  expect_that_faults_are_outlived(options);
}

}  // namespace
}  // namespace troupe::fault_test
