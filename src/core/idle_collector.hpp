#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/idle_queue.hpp"
#include "core/light_mutex.hpp"
#include "troupe/detail/message.hpp"
#include "troupe/spi/clock.hpp"

namespace troupe::internal {

class activation;

/// The steady milliseconds that idle times are counted in.
[[nodiscard]] inline std::int64_t idle_ticks(steady_time at) noexcept {
  return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

/// Knows which activations are resident and since when they are idle; picks those to deactivate. Decides only: the
/// runtime tells the activations and arranges the next look.
/// Thread-safety: any thread. Lifetime: an entry is removed before its activation is.
class idle_collector {
 public:
  /// Adds a type; `timeout` 0: never idle. Returns its index.
  std::size_t add_type(std::chrono::milliseconds timeout);

  /// Files a resident activation, also one that was taken and stays after all. Returns when it would be expired, were
  /// it alone; nothing when it never is.
  std::optional<steady_time> insert(activation& entry);
  void remove(activation& entry) noexcept;

  /// Takes up to `limit` activations whose idle time is over at `now`. Each is kept alive by its reference.
  [[nodiscard]] std::vector<detail::activation_ptr> take_expired(steady_time now, std::size_t limit);

  /// Takes the `count` coldest activations of all types.
  [[nodiscard]] std::vector<detail::activation_ptr> take_coldest(std::size_t count);

  /// When the next look for expired ones is due.
  [[nodiscard]] std::optional<steady_time> next_expiry() const;

 private:
  struct type_queue {
    std::int64_t timeout = 0;
    idle_queue queue;
  };

  [[nodiscard]] static detail::activation_ptr reference(idle_entry& entry);

  mutable light_mutex mutex_;
  std::vector<std::unique_ptr<type_queue>> types_;  // guarded by mutex_; index = type_index
};

}  // namespace troupe::internal
