#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "stores/redis/redis_client.hpp"
#include "stores/redis/redis_commit.hpp"

namespace troupe::internal {

/// Commits records: one script is under way at a time, and whatever has come meanwhile makes the next one. In a cluster
/// that holds for each shard, since a script runs on one slot.
/// Thread-safety: the client's.
class redis_committer : public std::enable_shared_from_this<redis_committer> {
 public:
  using commit_done = std::function<void(std::vector<spi::commit_result>)>;

  redis_committer(std::shared_ptr<redis_client> client, redis_layout layout, bool is_cluster,
                  std::size_t compress_bytes_min)
      : client_(std::move(client)),
        layout_(std::move(layout)),
        is_cluster_(is_cluster),
        compress_bytes_min_(compress_bytes_min) {}

  /// Commits the records whose result is not `rejected` already, then calls `done`.
  void commit(std::span<const spi::turn_record> records, std::vector<spi::commit_result> results, commit_done done);

  /// Takes a lease; what is committed behind that is written under it.
  void take_lease(const std::string& host, std::function<void(spi::lease_result)> done);

 private:
  struct job {
    std::vector<spi::commit_result> results;
    commit_done done;
    std::size_t undecided = 0;
  };

  /// A record, and where its result goes.
  struct item {
    const spi::turn_record* record;
    std::shared_ptr<job> owner;
    std::size_t place;
  };

  struct lane {
    std::deque<item> queue;
    bool is_under_way = false;
    bool waits_for_lease = false;  ///< until the lease that this store is about to take is taken, or not
  };

  void pump(unsigned number);
  [[nodiscard]] static std::vector<item> take(lane& from);
  void finish(unsigned number, const std::vector<item>& items, std::vector<spi::commit_result> results);
  [[nodiscard]] bool is_superseded_by_own(const redis_batch& batch, const redis_reply& reply) const;
  void put_back(unsigned number, const std::vector<item>& items);
  void raise_lease(const redis_lease& lease, const std::function<void(spi::lease_result)>& done);
  void end_take();

  const std::shared_ptr<redis_client> client_;
  const redis_layout layout_;
  const bool is_cluster_;
  const std::size_t compress_bytes_min_;

  std::optional<redis_lease> lease_;
  std::size_t takes_under_way_ = 0;
  std::map<unsigned, lane> lanes_;  ///< by shard in a cluster, else one
};

}  // namespace troupe::internal
