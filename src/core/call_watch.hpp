#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include <boost/intrusive/set.hpp>

#include "troupe/detail/outside_call.hpp"
#include "troupe/spi/clock.hpp"

namespace troupe::internal {

/// How long an actor has to say what became of a call whose time is over, before the caller is answered without it.
inline constexpr std::chrono::milliseconds overdue_grace{100};

/// The calls from outside that are under way, by deadline. At a deadline the actor is told to give the call up, which
/// it answers with where the call was; an actor whose thread is stuck in a handler is answered for after a grace.
/// Thread-safety: any thread.
class call_watch {
 public:
  explicit call_watch(actor_system& system) noexcept : system_(&system) {}

  /// Before the request is pushed.
  void start(detail::outside_call& call, steady_time deadline) noexcept;

  /// Says that the caller is about to be answered; false when it was already. The call is not watched afterwards.
  [[nodiscard]] bool end(detail::outside_call& call) noexcept;

 private:
  struct by_due {
    bool operator()(const detail::outside_call& a, const detail::outside_call& b) const noexcept {
      return a.due < b.due;
    }
  };
  using hook = boost::intrusive::member_hook<detail::outside_call, boost::intrusive::set_member_hook<>,
                                             &detail::outside_call::hook>;
  using call_set = boost::intrusive::multiset<detail::outside_call, hook, boost::intrusive::compare<by_due>>;
  struct alignas(64) shard {
    std::mutex mutex;
    call_set calls;            // guarded by mutex
    std::uint64_t serial = 0;  // guarded by mutex
  };
  static constexpr std::size_t shard_count = 16;

  void arrange(steady_time when) noexcept;
  void ring(std::int64_t when) noexcept;
  /// Acts on what is due in a shard; returns when the next of it is.
  [[nodiscard]] steady_time look(shard& in, steady_time now) noexcept;

  actor_system* system_;  // constant after construction
  std::array<shard, shard_count> shards_;
  std::atomic<std::int64_t> next_{steady_time::max().time_since_epoch().count()};  // the pending alarm
};

}  // namespace troupe::internal
