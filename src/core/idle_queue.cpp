#include "core/idle_queue.hpp"

namespace troupe::internal {

void idle_queue::insert(idle_entry& entry) {
  remove(entry);
  entry.recorded = entry.last_used.load(std::memory_order_relaxed);
  buckets_[entry.recorded].push_back(entry);
  entry.queued = true;
}

void idle_queue::remove(idle_entry& entry) noexcept {
  if (!entry.queued) return;
  const auto found = buckets_.find(entry.recorded);
  found->second.erase(bucket::s_iterator_to(entry));
  if (found->second.empty()) buckets_.erase(found);
  entry.queued = false;
}

idle_entry* idle_queue::take_coldest(std::int64_t until) {
  while (!buckets_.empty() && buckets_.begin()->first <= until) {
    idle_entry& entry = buckets_.begin()->second.front();
    remove(entry);
    if (entry.last_used.load(std::memory_order_relaxed) == entry.recorded) return &entry;
    insert(entry);
  }
  return nullptr;
}

}  // namespace troupe::internal
