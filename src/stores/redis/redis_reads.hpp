#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "stores/redis/redis_client.hpp"
#include "stores/redis/redis_layout.hpp"

namespace troupe::internal {

/// What the reads of one store share. Thread-safety: the client's.
struct redis_reads {
  std::shared_ptr<redis_client> client;
  redis_layout layout;

  /// Reads actors, all at once; results come in their order.
  void load(std::span<const actor_id> actors, std::function<void(std::vector<spi::load_result>)> done) const;

  /// The shards are read page by page and merged.
  void list(spi::list_query query, std::function<void(spi::list_result)> done) const;
  void scan_due(const spi::due_query& query, std::function<void(spi::due_result)> done) const;

  void read_log(const spi::log_query& query, std::function<void(spi::log_result)> done) const;
  void read_items(spi::item_query query, std::function<void(spi::item_result)> done) const;
};

}  // namespace troupe::internal
