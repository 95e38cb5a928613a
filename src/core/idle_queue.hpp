#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>

#include <boost/intrusive/list.hpp>

namespace troupe::internal {

/// A resident activation's place in an idle queue.
struct idle_entry : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
  std::atomic<std::int64_t> last_used{0};  ///< steady milliseconds; written by the strand, read by the collector
};

/// Resident activations of one type, coldest first. Use is recorded without touching the queue: an entry that was
/// used since it was filed is filed anew when its turn comes, so a message costs nothing here and the work is
/// proportional to what comes up for expiry.
///
/// Not thread-safe: its owner locks. Complexity: O(log buckets) per operation; a bucket is one millisecond in use.
class idle_queue {
 public:
  /// Files an entry under its last use, also one that is filed already.
  void insert(idle_entry& entry);
  void remove(idle_entry& entry) noexcept;

  /// Takes the coldest entry if it was last used at or before `until`; null when there is none.
  [[nodiscard]] idle_entry* take_coldest(std::int64_t until);

  /// The time the coldest entry was filed under: nothing was last used before. Requires: not empty.
  /// Requires: not empty.
  [[nodiscard]] std::int64_t coldest() noexcept {
    drop_empty();
    return buckets_.begin()->first;
  }
  [[nodiscard]] bool empty() noexcept {
    drop_empty();
    return buckets_.empty();
  }
  [[nodiscard]] std::size_t buckets() const noexcept { return buckets_.size(); }

 private:
  using bucket = boost::intrusive::list<idle_entry, boost::intrusive::constant_time_size<false>>;
  void drop_empty() noexcept;  ///< in front

  std::map<std::int64_t, bucket> buckets_;  // some are empty: an entry that leaves does not know its bucket
  std::size_t entries_ = 0;
};

}  // namespace troupe::internal
