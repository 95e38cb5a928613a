#pragma once

#include <chrono>
#include <cstddef>

namespace troupe {

/// How a runtime looks for reminders that come due, and how many it fires.
struct reminder_limits {
  /// How far ahead of now actors with a reminder are known in memory; the store is asked every quarter of it. From 1 s
  /// to 1 day. What another process sets for sooner than the next question fires as much late.
  std::chrono::milliseconds window{60'000};

  /// How many actors are known so, about 200 bytes each; with more within the window, the nearest. 1,000 to
  /// 100,000,000.
  std::size_t window_actors_max = 100'000;

  /// Ticks under way at once, 1 to 100,000; the rest waits, the oldest first. It bounds how many actors are activated
  /// for reminders at a time.
  std::size_t firing_max = 4'000;

  /// Ticks that are more than 10 s late, as after an outage, which are begun in a second; 0: no bound.
  std::size_t overdue_per_second = 10'000;
};

}  // namespace troupe
