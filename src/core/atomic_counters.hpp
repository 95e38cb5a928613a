#pragma once

#include <atomic>
#include <cstdint>

#include "core/thread_part.hpp"

namespace troupe::internal {

/// What `runtime_counters` are read from.
struct atomic_counters {
  spread_count turns;
  std::atomic<std::uint64_t> replayed_replies{0};
  std::atomic<std::uint64_t> activations{0};
  std::atomic<std::uint64_t> deactivations{0};
  std::atomic<std::uint64_t> failed_activations{0};
  std::atomic<std::uint64_t> conflicts{0};
  std::atomic<std::uint64_t> reminders_fired{0};
  std::atomic<std::uint64_t> refused_messages{0};
  std::atomic<std::uint64_t> dropped_tells{0};
  std::atomic<std::uint64_t> deliveries_failed{0};
  std::atomic<std::uint64_t> dead_letters{0};
  std::atomic<std::uint64_t> dropped_delayed_tells{0};
  std::atomic<std::uint64_t> upgraded_cells{0};
  std::atomic<std::uint64_t> deadlock_probes{0};
};

}  // namespace troupe::internal
