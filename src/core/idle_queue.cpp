#include "core/idle_queue.hpp"

namespace troupe::internal {

namespace {

/// From how many empty buckets on they are looked for, beside one for each entry.
constexpr std::size_t empty_max = 64;

}  // namespace

void idle_queue::insert(idle_entry& entry) {
  remove(entry);
  ++entries_;
  if (buckets_.size() > 2 * entries_ + empty_max) {
    std::erase_if(buckets_, [](const auto& each) { return each.second.empty(); });
  }
  buckets_[entry.last_used.load(std::memory_order_relaxed)].push_back(entry);
}

void idle_queue::remove(idle_entry& entry) noexcept {
  if (!entry.is_linked()) return;
  entry.unlink();
  --entries_;
}

void idle_queue::drop_empty() noexcept {
  while (!buckets_.empty() && buckets_.begin()->second.empty()) buckets_.erase(buckets_.begin());
}

idle_entry* idle_queue::take_coldest(std::int64_t until) {
  while (!empty() && coldest() <= until) {
    const std::int64_t filed = coldest();
    idle_entry& entry = buckets_.begin()->second.front();
    remove(entry);
    if (entry.last_used.load(std::memory_order_relaxed) == filed) return &entry;
    insert(entry);
  }
  return nullptr;
}

}  // namespace troupe::internal
