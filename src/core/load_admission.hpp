#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>

#include "core/crowd.hpp"
#include "core/ports.hpp"
#include "troupe/spi/clock.hpp"

namespace troupe::internal {

/// Lets a bounded number of actors load their state at a time; the others wait in their order, up to a bound. Actors
/// that are in memory are not held up. It covers the load alone: an `on_activate` may wait for other actors' loads.
/// Thread-safety: any thread.
class load_admission {
 public:
  struct bounds {
    std::size_t under_way_max = 4096;
    std::size_t waiting_max = 100'000;  ///< 0: none
  };
  enum class verdict : std::uint8_t {
    go,      ///< load now
    wait,    ///< `leave` will give it back
    refuse,  ///< too many wait
  };

  explicit load_admission(bounds b) noexcept : bounds_(b) {}

  /// Asks for a load. One that `must` happen is not refused. A ticket that waits stays where it is until `leave` gives
  /// it back.
  [[nodiscard]] verdict enter(load_ticket& ticket, bool must, steady_time now) {
    const std::scoped_lock lock(mutex_);
    if (under_way_ < bounds_.under_way_max) {
      if (under_way_ == 0) pace_.pause();
      ++under_way_;
      pace_.observe(now, ended_);
      return verdict::go;
    }
    if (!must && bounds_.waiting_max != 0 && waiting_.size() >= bounds_.waiting_max) return verdict::refuse;
    waiting_.push_back(&ticket);
    return verdict::wait;
  }

  /// A load that was let in has ended. Returns the one that goes in its place, or null.
  [[nodiscard]] load_ticket* leave(steady_time now) {
    const std::scoped_lock lock(mutex_);
    pace_.observe(now, ++ended_);
    if (waiting_.empty()) {
      --under_way_;
      return nullptr;
    }
    load_ticket* next = waiting_.front();
    waiting_.pop_front();
    return next;
  }

  /// What one that is refused is told.
  [[nodiscard]] std::chrono::milliseconds retry_after() const {
    const std::scoped_lock lock(mutex_);
    return retry_hint(static_cast<std::int64_t>(waiting_.size()), pace_.each());
  }
  [[nodiscard]] std::size_t waiting() const {
    const std::scoped_lock lock(mutex_);
    return waiting_.size();
  }

 private:
  const bounds bounds_;
  mutable std::mutex mutex_;
  std::size_t under_way_ = 0;         // guarded by mutex_
  std::deque<load_ticket*> waiting_;  // guarded by mutex_
  std::uint32_t ended_ = 0;           // guarded by mutex_
  pace_meter pace_;                   // guarded by mutex_
};

}  // namespace troupe::internal
