#pragma once

#include <cstddef>

namespace troupe {

/// What may wait in a whole runtime before more is refused with `errc::overloaded`. Bounds are kept approximately, to a
/// few hundredths. What actors send may take a quarter more than what comes from outside, so that work that was begun
/// is finished before more is let in.
struct overload_limits {
  /// Messages that wait at busy actors, and delayed ones that are not yet due, all together; beside them one may be
  /// under way to each idle actor. Default 1,000,000; 0: no bound.
  std::size_t queued_messages_max = 1'000'000;

  /// Their memory in bytes: message objects and what the strings and vectors among their arguments hold directly.
  /// Default 1 GiB; 0: no bound.
  std::size_t queued_bytes_max = std::size_t{1} << 30U;

  /// Actors that load their state at a time; the others wait their turn. Default 4,096, at least 1.
  std::size_t loads_max = 4096;

  /// Actors that wait for that. Past it, messages for actors that are not in memory are refused. Default 100,000; 0: no
  /// bound.
  std::size_t loads_waiting_max = 100'000;
};

}  // namespace troupe
