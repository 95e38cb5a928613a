#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/light_mutex.hpp"
#include "core/thread_part.hpp"
#include "troupe/detail/outside_call.hpp"
#include "troupe/spi/clock.hpp"

namespace troupe::internal {

/// How long an actor has to say what became of a call whose time is over, before the caller is answered without it.
inline constexpr std::chrono::milliseconds overdue_grace{100};

/// The calls from outside that are under way. At a deadline the actor is told to give the call up, which
/// it answers with where the call was; an actor whose thread is stuck in a handler is answered for after a grace.
/// Thread-safety: any thread. Complexity: a call costs a lock and an entry of 16 bytes in an array; a look at them all,
/// when a deadline has come, happens at most once a millisecond per 1,000 calls.
class call_watch {
 public:
  explicit call_watch(actor_system& system) noexcept : system_(&system) {}

  /// Before the request is pushed.
  void start(detail::outside_call& call, steady_time deadline) noexcept;

  /// Says that the caller is about to be answered; false when it was already. The call is not watched afterwards.
  [[nodiscard]] bool end(detail::outside_call& call) noexcept;

 private:
  struct entry {
    detail::outside_call* call = nullptr;  // null: it has ended
    steady_time due;                       // when the watch acts next
  };
  struct alignas(64) shard {
    light_mutex mutex;
    std::vector<entry> entries;  // guarded by mutex; in the order in which they came
    std::size_t live = 0;        // guarded by mutex: entries that have not ended
    std::uint64_t serial = 0;    // guarded by mutex
  };

  void arrange(steady_time when) noexcept;
  void ring(std::int64_t when) noexcept;
  static void clear(shard& of) noexcept;    ///< none is live
  static void squeeze(shard& in) noexcept;  ///< drops the entries that have ended
  static void forget(shard& in, detail::outside_call& call) noexcept;
  /// Acts on what is due in a shard; returns when the next of it is, and adds the calls that are under way.
  [[nodiscard]] static steady_time look(shard& in, steady_time now, std::size_t& live) noexcept;

  actor_system* system_;  // constant after construction
  std::array<shard, thread_parts> shards_;
  std::atomic<std::int64_t> next_{steady_time::max().time_since_epoch().count()};  // the pending alarm
};

}  // namespace troupe::internal
