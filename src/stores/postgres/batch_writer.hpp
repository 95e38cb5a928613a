#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "stores/postgres/held_lease.hpp"
#include "stores/postgres/pg_link.hpp"
#include "stores/postgres/postgres_schema.hpp"
#include "stores/postgres/side_rows.hpp"
#include "stores/postgres/write_statements.hpp"
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

 private:
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
  /// Returns the row id of each item whose actor's row was written, else 0.
  [[nodiscard]] std::vector<std::int64_t> ids_of(const std::vector<pg_item*>& items, const sorted_items& sorted,
                                                 const std::vector<pg_call>& calls,
                                                 const std::vector<pg_rows>& results) const;
  void finish_single(pg_link& link, const std::vector<pg_item*>& items, const std::vector<std::int64_t>& ids);
  void finish(pg_link& link, const std::vector<pg_item*>& items, const std::vector<std::int64_t>& ids);
  void judge_rest(const std::vector<pg_item*>& rest, const pg_rows& held, std::vector<pg_item*>& absent);
  void remember(pg_link& link, const std::vector<pg_item*>& erased);
  void report(const std::vector<pg_item*>& items, spi::commit_status status, const std::string& message) const;

  const std::string place_;
  const pg_layout layout_;
  held_lease& held_lease_;
  write_statements statements_;
  bool commit_sent_ = false;  ///< whether what is under way may commit
  std::size_t erasures_until_forgetting_ = 0;
};

}  // namespace troupe::internal
