#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "core/crowd.hpp"
#include "core/load_admission.hpp"
#include "core/queue_load.hpp"
#include "troupe/spi/clock.hpp"

namespace troupe::internal {

inline constexpr std::size_t mailbox_bound_least = 16;
inline constexpr std::size_t mailbox_bound_most = 1'000'000;

/// From how many waiting messages on senders ask for a seat, for a mailbox of that bound (0: none).
[[nodiscard]] constexpr std::uint16_t crowd_from(std::size_t mailbox_max) noexcept {
  if (mailbox_max == 0) return 0xffff;
  return static_cast<std::uint16_t>(std::clamp<std::size_t>(mailbox_max / 10, 1, 8192));
}

/// How many seats a crowd has. Before there is one, a tenth may lie in the inbox and another wait in the line.
[[nodiscard]] constexpr std::int64_t crowd_seats(std::size_t mailbox_max) noexcept {
  return static_cast<std::int64_t>(mailbox_max) - std::int64_t{2} * crowd_from(mailbox_max);
}

/// What may wait in one runtime.
struct overload_bounds {
  queue_load::bounds queued{.messages_max = 1'000'000, .bytes_max = std::int64_t{1} << 30};
  load_admission::bounds loads;
};

/// What a runtime keeps to stay within its bounds.
struct overload_state {
  explicit overload_state(const overload_bounds& b) noexcept : bounds(b), load(b.queued), loads(b.loads) {}

  const overload_bounds bounds;
  queue_load load;
  load_admission loads;
  std::mutex pace_mutex;
  pace_meter pace;                           // guarded by pace_mutex: turns of the whole runtime
  std::atomic<std::int64_t> next_report{0};  // steady milliseconds from which dropped tells are reported again
  std::atomic<std::uint64_t> unreported{0};  // tells dropped since the last report
};

}  // namespace troupe::internal
