#pragma once

#include <span>
#include <string>
#include <vector>

#include "stores/rules/row_text.hpp"
#include "stores/sqlite/message_reader.hpp"
#include "stores/sqlite/part_reader.hpp"
#include "stores/sqlite/sqlite_connection.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

/// Answers reads on one connection. A row that cannot be read is damaged by itself; the rest of the answer is good.
/// Thread-safety: the thread of the connection. Errors: `sqlite_failure` where the file as a whole does not answer.
class row_reader {
 public:
  /// `path` is how messages name the file.
  row_reader(sqlite_connection& connection, std::string path);

  /// Reads the actors from one state of the file.
  [[nodiscard]] std::vector<spi::load_result> load(std::span<const actor_id> actors);

  /// A damaged actor is in the list without what it holds (its stamp has version 0); the status says so.
  [[nodiscard]] spi::list_result list(const spi::list_query& query);

  [[nodiscard]] spi::due_result scan_due(const spi::due_query& query);
  [[nodiscard]] spi::log_result read_log(const spi::log_query& query);
  [[nodiscard]] spi::item_result read_items(const spi::item_query& query);

 private:
  [[nodiscard]] spi::load_result load(const actor_id& actor);
  [[nodiscard]] std::vector<spi::request_image> requests_of(std::int64_t id);
  void read_row(sqlite_statement& row, spi::actor_image& image);
  [[nodiscard]] sqlite_statement& bind_list(const spi::list_query& query);
  [[nodiscard]] std::string damage(const actor_id& actor, const std::exception& fault) const;

  sqlite_connection& connection_;
  const std::string path_;
  sqlite_statement begin_;
  sqlite_statement commit_;
  sqlite_statement load_;
  sqlite_statement requests_;
  message_reader messages_;
  part_reader parts_;
  sqlite_statement list_type_;
  sqlite_statement list_all_;
  sqlite_statement due_;
  row_unpacker unpacker_;
  std::string lower_type_;  ///< bound by `bind_list`, as the two below
  std::string lower_key_;
  std::string upper_key_;
};

}  // namespace troupe::internal
