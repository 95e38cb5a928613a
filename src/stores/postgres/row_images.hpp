#pragma once

#include <span>
#include <string>
#include <vector>

#include "stores/postgres/pg_link.hpp"
#include "stores/postgres/read_statements.hpp"
#include "stores/rules/row_text.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

/// Makes images of rows. A row that cannot be read is damaged by itself; the rest of the answer is good.
/// Thread-safety: one thread at a time.
class row_images {
 public:
  /// `place` is how messages name the store.
  explicit row_images(std::string place);

  /// Rows of `read_statements::load`.
  [[nodiscard]] std::vector<spi::load_result> loaded(std::span<const actor_id> actors, const pg_rows& rows);

  /// Rows of `list_type` or `list_all`, in any order. A damaged actor is in the list without what it holds (its stamp
  /// has version 0).
  [[nodiscard]] spi::list_result listed(const pg_rows& rows);

  /// Rows of `due`.
  [[nodiscard]] spi::due_result due(const pg_rows& rows) const;

  /// Rows of `entries_up` or `entries_down`.
  [[nodiscard]] spi::log_result entries(const spi::log_query& query, const pg_rows& rows);

  /// Rows of `items_by_key` or `items_by_prefix`.
  [[nodiscard]] spi::item_result items(const spi::item_query& query, const pg_rows& rows) const;

  [[nodiscard]] std::string damage(const actor_id& actor, const std::string& fault) const;

 private:
  /// Reads the rows of one actor, `order[from]` to before the one of another actor, which it returns.
  std::size_t read_actor(const pg_rows& rows, const std::vector<int>& order, std::size_t from, spi::actor_image& image);
  void read_part(const pg_rows& rows, int row, spi::actor_image& image, std::vector<std::string>& apart);
  void read_entries(const spi::log_query& query, const pg_rows& rows, std::vector<spi::log_entry_image>& entries);

  const std::string place_;
  row_unpacker unpacker_;
};

}  // namespace troupe::internal
