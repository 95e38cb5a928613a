#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

/// One page of one shard's index: in the order of the whole, all behind what was asked to be behind.
struct shard_page {
  std::vector<spi::due_actor> entries{};
  bool more = false;  ///< there may be more behind the last entry. Requires: an entry
};

/// Makes one ordered page out of the pages of several shards, each fetched only as far as it is needed. A list of
/// actors is ordered the same way, with all due times equal.
class shard_merge {
 public:
  /// What to fetch next of a shard.
  struct wanted_page {
    std::size_t shard;
    std::optional<spi::due_actor> after;
    std::size_t entries;
  };

  shard_merge(std::size_t shards, std::optional<spi::due_actor> after, std::size_t limit);

  /// Returns what has to be fetched before anything else can be said; nothing: `take` has the page.
  /// Requires: what was wanted before was added.
  [[nodiscard]] std::vector<wanted_page> wanted();

  void add(std::size_t shard, shard_page page);

  /// The merged page; fewer than the limit: the last one.
  [[nodiscard]] std::vector<spi::due_actor> take() { return std::move(merged_); }

 private:
  struct source {
    std::vector<spi::due_actor> entries{};
    std::size_t next = 0;
    std::optional<spi::due_actor> last{};
    bool more = true;
  };

  [[nodiscard]] std::size_t page_entries() const noexcept;
  [[nodiscard]] source* smallest() noexcept;

  const std::size_t limit_;
  std::vector<source> sources_;
  std::vector<spi::due_actor> merged_;
};

}  // namespace troupe::internal
