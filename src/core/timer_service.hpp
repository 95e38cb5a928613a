#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "core/alarm.hpp"
#include "core/timing_wheel.hpp"
#include "troupe/spi/clock.hpp"

namespace troupe::internal {

/// The runtime's pending alarms, by steady time. Nothing here allocates.
/// Thread-safety: any thread; an alarm is started and cancelled by one at a time.
class timer_service {
 public:
  /// `wake_at` is told, outside the lock, when `ring_due` is wanted next; of several times the earliest counts.
  explicit timer_service(std::function<void(steady_time)> wake_at) : wake_at_(std::move(wake_at)) {}
  timer_service(const timer_service&) = delete;
  timer_service& operator=(const timer_service&) = delete;
  ~timer_service() { clear(); }

  /// Requires: `what` is not pending. Complexity: O(1), see `timing_wheel`.
  void start(steady_time when, const alarm_ptr& what);

  /// Sets `which` to null. Returns whether the alarm was still pending, in which case it will not ring. Null never was.
  bool cancel(alarm_ptr& which) noexcept;

  /// Rings everything due at `now`, in order of time, then of start.
  void ring_due(steady_time now);

  [[nodiscard]] std::optional<steady_time> next_due() const;

  /// Forgets everything without ringing.
  void clear() noexcept;

 private:
  struct step {
    alarm_ptr due{};     ///< rings now
    bool over = false;   ///< no other is due
    steady_time next{};  ///< when that is over: when to look again; `max()`: never
  };
  [[nodiscard]] step take_due(steady_time now) noexcept;

  const std::function<void(steady_time)> wake_at_;
  mutable std::mutex mutex_;
  timing_wheel wheel_;                         // guarded by mutex_; its entries are alarms
  steady_time arranged_ = steady_time::max();  // guarded by mutex_: the earliest that `wake_at` was told
};

}  // namespace troupe::internal
