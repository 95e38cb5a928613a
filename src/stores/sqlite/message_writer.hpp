#pragma once

#include <cstdint>

#include "stores/sqlite/sqlite_connection.hpp"
#include "troupe/spi/durable_messages.hpp"

namespace troupe::internal {

/// Applies what a record changes of an actor's durable messages, inside the transaction that its caller has begun.
/// Thread-safety: the thread of the connection. Errors: `sqlite_failure`.
class message_writer {
 public:
  explicit message_writer(sqlite_connection& connection);

  /// Writes the rows of the actor whose row is `id`.
  void write(std::int64_t id, const spi::message_changes& changes);

  /// Removes everything of the actor.
  void erase(std::int64_t id);

 private:
  void write_outbox(std::int64_t id, const spi::message_changes& changes);
  void write_marks(std::int64_t id, const spi::message_changes& changes);
  void write_letters(std::int64_t id, const spi::message_changes& changes);

  sqlite_statement add_message_;
  sqlite_statement drop_message_;
  sqlite_statement set_mark_;
  sqlite_statement drop_mark_;
  sqlite_statement add_letter_;
  sqlite_statement drop_letter_;
  sqlite_statement erase_messages_;
  sqlite_statement erase_marks_;
  sqlite_statement erase_letters_;
};

}  // namespace troupe::internal
