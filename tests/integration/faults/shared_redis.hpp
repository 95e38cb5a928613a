#pragma once

#include <cstdint>
#include <memory>

#include "troupe/stores/redis.hpp"

namespace troupe::fault_test {

/// Opens a store on the server that listens, or is reached, at a port.
inline std::shared_ptr<spi::state_store> open_redis(std::uint16_t port) {
  stores::redis_options options;
  options.port = port;
  return stores::redis_store(options);
}

}  // namespace troupe::fault_test
