#include "core/idle_collector.hpp"

#include <algorithm>
#include <limits>

#include "core/activation.hpp"
#include "core/actor_system.hpp"

namespace troupe::internal {

std::size_t idle_collector::add_type(std::chrono::milliseconds timeout) {
  const std::scoped_lock lock(mutex_);
  types_.push_back(std::make_unique<type_queue>());
  types_.back()->timeout = timeout.count();
  return types_.size() - 1;
}

std::optional<steady_time> idle_collector::insert(activation& entry) {
  const std::scoped_lock lock(mutex_);
  type_queue& type = *types_[entry.type().index];
  type.queue.insert(entry);
  if (type.timeout == 0) return std::nullopt;
  return steady_time(std::chrono::milliseconds(entry.last_used.load(std::memory_order_relaxed) + type.timeout));
}

void idle_collector::remove(activation& entry) noexcept {
  const std::scoped_lock lock(mutex_);
  types_[entry.type().index]->queue.remove(entry);
}

detail::activation_ptr idle_collector::reference(idle_entry& entry) {
  auto& owner = static_cast<activation&>(entry);
  owner.retain();
  return detail::activation_ptr(&owner);
}

std::vector<detail::activation_ptr> idle_collector::take_expired(steady_time now, std::size_t limit) {
  std::vector<detail::activation_ptr> taken;
  const std::scoped_lock lock(mutex_);
  for (const auto& type : types_) {
    if (type->timeout == 0) continue;
    while (taken.size() < limit) {
      idle_entry* entry = type->queue.take_coldest(idle_ticks(now) - type->timeout);
      if (entry == nullptr) break;
      taken.push_back(reference(*entry));
    }
  }
  return taken;
}

std::vector<detail::activation_ptr> idle_collector::take_coldest(std::size_t count) {
  std::vector<detail::activation_ptr> taken;
  const std::scoped_lock lock(mutex_);
  while (taken.size() < count) {
    type_queue* coldest = nullptr;
    for (const auto& type : types_) {
      if (type->queue.empty()) continue;
      if (coldest == nullptr || type->queue.coldest() < coldest->queue.coldest()) coldest = type.get();
    }
    if (coldest == nullptr) break;
    // Takes the front, or files it anew when it was used since: then another type's may be the coldest.
    if (idle_entry* entry = coldest->queue.take_coldest(coldest->queue.coldest())) {
      taken.push_back(reference(*entry));
    }
  }
  return taken;
}

std::optional<steady_time> idle_collector::next_expiry() const {
  std::int64_t next = std::numeric_limits<std::int64_t>::max();
  const std::scoped_lock lock(mutex_);
  for (const auto& type : types_) {
    if (type->timeout != 0 && !type->queue.empty()) next = std::min(next, type->queue.coldest() + type->timeout);
  }
  if (next == std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  return steady_time(std::chrono::milliseconds(next));
}

}  // namespace troupe::internal
