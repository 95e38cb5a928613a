#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/alarm.hpp"
#include "core/ports.hpp"
#include "reminders/near_window.hpp"
#include "reminders/pace.hpp"
#include "troupe/spi/clock.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

class actor_system;

/// How reminders are found and fired.
struct reminder_options {
  window_limits window{};                           ///< how much of what is to come is kept in memory
  std::chrono::milliseconds scan_interval{15'000};  ///< how often the store is asked for the window
  std::chrono::milliseconds scan_timeout{15'000};   ///< a page that has not come by then is asked for again
  std::chrono::milliseconds longest_sleep{1'000};   ///< a wall clock that is set is noticed within this
  std::chrono::milliseconds first_retry{1'000};     ///< pause after a tick that failed; doubles each time
  std::chrono::milliseconds longest_retry{60'000};
  std::size_t firing_max = 4'000;                ///< ticks under way at once; the rest waits, oldest first
  std::chrono::milliseconds overdue_by{10'000};  ///< a tick that is later than this is overdue
  std::size_t overdue_per_second = 10'000;       ///< overdue ticks that are begun; 0: no bound
};

/// Fires due reminders: keeps the near window of due times in memory, reads it from the store, and sends each due actor
/// a message that its own turn acknowledges, one at a time. An actor that cannot be woken is tried again after a pause
/// by the steady clock, beside the window: it takes the place of no other. Thread-safety: any thread. Lifetime: `stop`
/// before the actor system goes.
class reminder_service final : public reminder_port, public std::enable_shared_from_this<reminder_service> {
 public:
  reminder_service(std::shared_ptr<spi::state_store> store, actor_system& system, reminder_options options);

  /// Begins: reads the first window.
  void start();

  void due_changed(const actor_id& actor, std::optional<wall_time> due) noexcept override;

  /// Sends nothing more.
  void stop() noexcept;

 private:
  /// What was heard of an actor while its tick is under way.
  struct tick {
    bool heard = false;
    std::optional<wall_time> due;
  };
  class look_alarm;
  struct failing {
    unsigned in_a_row = 0;
    steady_time not_before{};
  };

  void look();
  [[nodiscard]] bool wall_clock_jumped();                            // requires mutex_
  [[nodiscard]] std::vector<actor_id> take_ready(std::size_t room);  // requires mutex_
  void take_due(std::vector<actor_id>& ready, std::size_t room);     // requires mutex_
  void ring();
  void fire(const actor_id& actor);
  void fired(const actor_id& actor, bool ok);
  void scan(std::uint64_t number, const spi::due_query& query);
  void scanned(std::uint64_t number, spi::due_query query, spi::due_result page);
  void end_scan(bool ok);  // requires mutex_
  /// Takes down when an actor's earliest reminder is due, unless it has a pause; requires mutex_.
  void file(const actor_id& actor, std::optional<wall_time> due);
  void put_off(const actor_id& actor);  // requires mutex_
  void settle(const actor_id& actor);   // requires mutex_
  void arrange_look();                  // requires mutex_

  const std::shared_ptr<spi::state_store> store_;
  actor_system& system_;
  const reminder_options options_;
  std::mutex mutex_;
  near_window due_;                      // guarded by mutex_
  pace overdue_;                         // guarded by mutex_
  bool held_back_ = false;               // guarded by mutex_: overdue ones wait for their turn
  std::map<actor_id, tick> firing_;      // guarded by mutex_
  std::map<actor_id, failing> failing_;  // guarded by mutex_: in none of the others but `firing_` and `retries_`
  std::set<std::pair<steady_time, actor_id>> retries_;  // guarded by mutex_: the failing ones that wait
  std::chrono::nanoseconds wall_offset_{};              // guarded by mutex_: wall minus steady, when last looked at
  steady_time next_scan_{};                             // guarded by mutex_
  steady_time not_before_{};                            // guarded by mutex_: no scan begins earlier
  bool scanning_ = false;                               // guarded by mutex_
  bool continues_ = false;                              // guarded by mutex_: the scan reads behind the horizon only
  std::uint64_t scan_number_ = 0;                       // guarded by mutex_: pages of an older scan are ignored
  steady_time scan_limit_{};  // guarded by mutex_: a scan that is not over by then counts as failed
  const alarm_ptr look_;      // the next look; started and cancelled under mutex_
  bool look_waits_ = false;   // guarded by mutex_: for its time
  bool stopped_ = true;       // guarded by mutex_
};

}  // namespace troupe::internal
