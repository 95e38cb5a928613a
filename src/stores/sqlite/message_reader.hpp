#pragma once

#include <cstdint>

#include "stores/sqlite/sqlite_connection.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

/// Reads the durable messages of an actor.
/// Thread-safety: the thread of the connection. Errors: `sqlite_failure`.
class message_reader {
 public:
  explicit message_reader(sqlite_connection& connection);

  /// Reads outbox, marks and dead letters of the actor whose row is `id` into `image`.
  /// Errors: `damaged_column`.
  void read(std::int64_t id, spi::actor_image& image);

 private:
  sqlite_statement messages_;
  sqlite_statement marks_;
  sqlite_statement letters_;
};

}  // namespace troupe::internal
