#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "troupe/spi/clock.hpp"

namespace troupe::internal {

/// Something that happens at a time.
class alarm {
 public:
  virtual ~alarm() = default;
  /// On a thread of the executor, outside any strand.
  virtual void ring() noexcept = 0;
};

/// Calls a function.
class function_alarm final : public alarm {
 public:
  explicit function_alarm(std::function<void()> what) : what_(std::move(what)) {}
  void ring() noexcept override { what_(); }

 private:
  std::function<void()> what_;
};

/// The runtime's pending alarms, by steady time.
/// Thread-safety: any thread.
class timer_service {
 public:
  using id = std::pair<steady_time, std::uint64_t>;

  /// `wake_at` is told, outside the lock, when `ring_due` is wanted next; of several times the earliest counts.
  explicit timer_service(std::function<void(steady_time)> wake_at) : wake_at_(std::move(wake_at)) {}

  id start(steady_time when, std::shared_ptr<alarm> what);

  /// Returns whether the alarm was still pending, in which case it will not ring.
  bool cancel(const id& which) noexcept;

  /// Rings everything due at `now`, in order of time, then of start.
  void ring_due(steady_time now);

  [[nodiscard]] std::optional<steady_time> next_due() const;

  /// Forgets everything without ringing.
  void clear() noexcept;

 private:
  std::function<void(steady_time)> wake_at_;  // constant after construction
  mutable std::mutex mutex_;
  std::map<id, std::shared_ptr<alarm>> pending_;  // guarded by mutex_
  std::uint64_t started_ = 0;                     // guarded by mutex_
};

}  // namespace troupe::internal
