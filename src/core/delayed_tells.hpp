#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "core/activation.hpp"
#include "core/alarm.hpp"
#include "core/output_gate.hpp"
#include "troupe/spi/clock.hpp"

namespace troupe::internal {

/// One-way messages that have left their senders and are not yet due at their receivers. They count in the runtime's
/// load meanwhile, and keep the places of their receivers, not the actors.
/// Thread-safety: any thread. Size: 40 bytes a message beside the message, and one alarm for all. Complexity: a lock,
/// and a logarithm of their number.
class delayed_tells {
 public:
  explicit delayed_tells(actor_system& system) noexcept : system_(&system) {}
  delayed_tells(const delayed_tells&) = delete;
  delayed_tells& operator=(const delayed_tells&) = delete;
  ~delayed_tells() = default;

  /// Lets a message wait from now on. One that finds no room in the runtime is dropped as other tells are.
  /// Requires: `what.request->delayed`.
  void start(outgoing what, activation::sender by) noexcept;

  /// Drops what waits, and what is started from now on.
  void close() noexcept;

  [[nodiscard]] std::size_t waiting() const noexcept;

  /// Reports what the end of the runtime dropped, in one line.
  void log_dropped() const noexcept;

 private:
  struct entry {
    steady_time due;
    std::uint64_t serial;
    outgoing what;
    std::uint16_t from;  // the sender's hash
  };
  /// Of a heap whose first is due first.
  struct is_later {
    bool operator()(const entry& a, const entry& b) const noexcept {
      return a.due != b.due ? a.due > b.due : a.serial > b.serial;
    }
  };

  void arrange();  ///< has the alarm ring when the first is due; with the lock held
  void ring(std::uint64_t number) noexcept;
  [[nodiscard]] bool take_due(std::vector<entry>& into);
  void hand_over(std::vector<entry>& due) noexcept;
  void drop(detail::request& r) noexcept;

  actor_system* const system_;
  mutable std::mutex mutex_;
  std::vector<entry> waiting_;  // guarded by mutex_; a heap
  std::uint64_t started_ = 0;   // guarded by mutex_
  std::uint64_t alarms_ = 0;    // guarded by mutex_: the number of the last one
  alarm_ptr alarm_;             // guarded by mutex_: the pending one
  bool ringing_ = false;        // guarded by mutex_: a thread hands over what is due
  bool closed_ = false;         // guarded by mutex_
};

}  // namespace troupe::internal
