#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "troupe/spi/state_store.hpp"

namespace troupe::fault_test {

struct fault_load_options {
  /// The port of the server, which answers there all the time.
  std::uint16_t server_port = 0;

  /// Opens a store on the server, through the port given. Its timeouts are short against `seconds`.
  std::function<std::shared_ptr<spi::state_store>(std::uint16_t port)> open{};

  int actors = 200;
  int calls_under_way = 64;

  /// Connections that the store may have at a time.
  std::size_t connections_max = 0;

  /// How long faults come. The environment variable TROUPE_FAULT_SECONDS takes its place.
  std::chrono::seconds length{5};

  /// How long it may take from the last fault until every actor commits again.
  std::chrono::seconds recovery{15};
};

/// Puts a runtime under load whose store reaches its server through a proxy that draws faults from a seed
/// (TROUPE_FAULT_SEED), and expects that every call ends once and rightly, that what was acknowledged is stored once
/// and what was refused is not, that the runtime recovers by itself, and that it does not grow meanwhile.
void expect_that_faults_are_outlived(const fault_load_options& options);

}  // namespace troupe::fault_test
