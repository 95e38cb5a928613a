#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "stores/postgres/held_lease.hpp"
#include "stores/postgres/pg_link.hpp"
#include "stores/postgres/postgres_schema.hpp"
#include "stores/postgres/side_rows.hpp"
#include "stores/postgres/write_statements.hpp"
#include "stores/rules/row_text.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

/// One record of a batch, and where its result goes.
struct pg_item {
  const spi::turn_record* record = nullptr;
  spi::commit_result* result = nullptr;
  bool settled = false;  ///< the result is there
};

/// Commits batches on one connection.
///
/// A batch is one transaction. In it no lock is waited for out of the order of the actors, so that two batches, of this
/// process or another, never wait for each other in a circle. A batch of nothing but updates, or of nothing but first
/// writes, without rows beside the actors' own, is one statement and one round trip; any other takes two.
/// Thread-safety: one thread at a time.
class batch_writer {
 public:
  /// `held` is what the store holds, and outlives this object.
  batch_writer(const pg_place& place, held_lease& held);

  /// Settles every item. Requires: the items are of different actors, sorted by actor.
  void write(pg_link& link, std::vector<pg_item*> items);

  /// Returns whether rows were left to be purged since it was asked last.
  [[nodiscard]] bool take_has_left() noexcept { return std::exchange(has_left_, false); }

 private:
  /// What a statement says of an actor's row that it wrote or removed.
  struct written_row {
    std::int64_t id = 0;  ///< 0: it did neither
    std::int64_t items = 0;
    std::optional<std::vector<spi::log_head>> logs{};  ///< of one that was removed; nullopt: they cannot be read
  };

  /// Items by what has to be done with their actor's row.
  struct sorted_items {
    std::vector<pg_item*> updates;
    std::vector<pg_item*> inserts;
    std::vector<pg_item*> removals;
    std::vector<pg_item*> others;  ///< the erasure of what is expected to be absent
  };

  void settle(pg_link& link, std::vector<pg_item*> items);
  void transact(pg_link& link, const std::vector<pg_item*>& items);
  [[nodiscard]] sorted_items sort(const std::vector<pg_item*>& items) const;
  [[nodiscard]] std::vector<pg_call> row_calls(const sorted_items& sorted, const std::vector<pg_item*>& items,
                                               const lease& held, bool is_single);
  /// Returns what was written of each item.
  [[nodiscard]] std::vector<written_row> written_of(const std::vector<pg_item*>& items, const sorted_items& sorted,
                                                    const std::vector<pg_call>& calls,
                                                    const std::vector<pg_rows>& results);
  [[nodiscard]] written_row removed_row(const pg_rows& rows, int row);
  void finish_single(pg_link& link, const std::vector<pg_item*>& items, const std::vector<written_row>& written);
  void finish(pg_link& link, const std::vector<pg_item*>& items, const std::vector<written_row>& written);
  void judge_rest(const std::vector<pg_item*>& rest, const pg_rows& held, std::vector<pg_item*>& absent);
  void remember(pg_link& link, const std::vector<pg_item*>& erased);
  void report(const std::vector<pg_item*>& items, spi::commit_status status, const std::string& message) const;

  const std::string place_;
  const pg_layout layout_;
  held_lease& held_lease_;
  write_statements statements_;
  row_unpacker unpacker_;
  bool has_left_ = false;
  bool commit_sent_ = false;  ///< whether what is under way may commit
  std::size_t erasures_until_forgetting_ = 0;
};

}  // namespace troupe::internal
