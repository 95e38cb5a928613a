#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "reminders/due_list.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

/// How much of the store's calendar is in memory.
struct window_limits {
  std::chrono::milliseconds span{60'000};  ///< how far ahead
  std::size_t actors_max = 100'000;        ///< and how many; the nearest stay
};

/// The near part of the store's calendar: every actor that is to be woken up to the *horizon*, and which part is to be
/// read next. A window that is full ends earlier, and what lies behind its end is read when it has emptied by half.
/// Pure; not thread-safe.
class near_window {
 public:
  explicit near_window(window_limits limits) : limits_(limits) {}

  /// Says when an actor is to be woken; nullopt: it is not. What lies behind the horizon is left to a scan.
  void set(const actor_id& actor, std::optional<wall_time> due);

  enum class scan {
    all,   ///< the whole window, with what somebody else has set
    rest,  ///< what lies behind the horizon
  };

  /// Begins to read. From here on changes up to the end of what is read are kept, so that none falls between the
  /// reading and its end.
  [[nodiscard]] spi::due_query begin_scan(scan what, wall_time now, std::size_t page);

  /// Takes what a scan found, of which the last was due at `read_to`. Returns whether it is to go on.
  [[nodiscard]] bool take(const std::vector<spi::due_actor>& page, wall_time read_to);

  void end_scan() noexcept { scanning_ = false; }

  /// Whether there is more to be read, and room for it, before the next scan is due anyway.
  [[nodiscard]] bool runs_low() const noexcept { return is_cut_ && list_.size() < limits_.actors_max / 2; }

  [[nodiscard]] std::vector<actor_id> take_due(wall_time now, std::size_t limit) { return list_.take_due(now, limit); }
  [[nodiscard]] std::optional<wall_time> next() const { return list_.next(); }
  [[nodiscard]] std::size_t size() const noexcept { return list_.size(); }
  [[nodiscard]] wall_time horizon() const noexcept { return horizon_; }

 private:
  void cut();

  const window_limits limits_;
  due_list list_;
  wall_time horizon_{};  // everything that is due up to here is in the list, once the scan under way has ended
  bool is_cut_ = false;  // there was more within the span than the list may hold
  bool scanning_ = false;
};

}  // namespace troupe::internal
