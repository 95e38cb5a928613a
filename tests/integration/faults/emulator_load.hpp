#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "fault_load.hpp"

namespace troupe::fault_test {

/// The load for an emulator of a cloud's database, which has one thread; `open` makes a store of its options.
template <class Server, class Open>
void expect_that_faults_of_an_emulator_are_outlived(const Server& server, Open open) {
  using namespace std::chrono_literals;
  fault_load_options load;
  load.server_port = server.port();
  load.actors = 20;
  load.calls_under_way = 16;
  load.length = 3s;
  load.connections_max = 16;  // eight, and as many that are on their way out
  load.open = [&](std::uint16_t port) {
    auto options = server.options("ledgers");
    options.port = port;
    options.connections_max = 8;
    options.attempt_timeout = 300ms;
    options.answer_timeout = 1000ms;
    return open(options);
  };
  expect_that_faults_are_outlived(load);
}

}  // namespace troupe::fault_test
