#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace troupe::internal {

/// Merges the sorted pages of many shards into one sorted sequence, asking for more pages as they are used up.
/// Thread-safety: one thread.
template <typename Item>
class shard_merge {
 public:
  explicit shard_merge(std::size_t shards) : lanes_(shards) {}

  /// The shards of which the next page is needed before `next` may be called.
  [[nodiscard]] std::vector<unsigned> hungry() const {
    std::vector<unsigned> shards;
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      if (lanes_[i].items.empty() && !lanes_[i].is_over) shards.push_back(static_cast<unsigned>(i));
    }
    return shards;
  }

  /// Adds the next page of a shard. `is_last`: nothing comes behind it.
  void feed(unsigned shard, std::vector<Item> page, bool is_last) {
    lane& to = lanes_[shard];
    if (!page.empty()) to.last = page.back();
    std::move(page.begin(), page.end(), std::back_inserter(to.items));
    to.is_over = is_last;
  }

  /// The last item that a shard gave; nothing: none yet. The next page begins behind it.
  [[nodiscard]] const std::optional<Item>& last_of(unsigned shard) const { return lanes_[shard].last; }

  /// Takes the least item; nothing: there is none left. Requires: no shard is hungry.
  [[nodiscard]] std::optional<Item> next() {
    lane* least = nullptr;
    for (lane& candidate : lanes_) {
      if (!candidate.items.empty() && (least == nullptr || candidate.items.front() < least->items.front())) {
        least = &candidate;
      }
    }
    if (least == nullptr) return std::nullopt;
    Item item = std::move(least->items.front());
    least->items.pop_front();
    return item;
  }

 private:
  struct lane {
    std::deque<Item> items;
    std::optional<Item> last;
    bool is_over = false;
  };
  std::vector<lane> lanes_;
};

}  // namespace troupe::internal
