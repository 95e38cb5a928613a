#pragma once

#include <cstdint>

namespace troupe {

/// What a runtime has done since it was constructed. A reading; the numbers go on while it is taken.
struct runtime_counters {
  std::uint64_t turns = 0;               ///< messages handled, reminders and timer ticks included
  std::uint64_t replayed_replies = 0;    ///< of these, answered from a stored reply
  std::uint64_t activations = 0;         ///< actors activated
  std::uint64_t deactivations = 0;       ///< activations that left memory, for whatever reason
  std::uint64_t failed_activations = 0;  ///< activations discarded because a commit or reload failed
  std::uint64_t conflicts = 0;           ///< messages whose turn was lost to another writer of their actor
  std::uint64_t reminders_fired = 0;     ///< reminder ticks handed to handlers
  std::uint64_t resident_actors = 0;     ///< activated now
  std::uint64_t refused_messages = 0;    ///< refused with `errc::overloaded`, dropped tells included
  std::uint64_t dropped_tells = 0;       ///< of these, tells
  std::uint64_t queued_messages = 0;     ///< waiting now at actors that are busy, approximately
  std::uint64_t queued_bytes = 0;        ///< their memory, as far as it is known
  std::uint64_t deliveries_failed = 0;   ///< deliveries of durable messages that failed and count
  std::uint64_t dead_letters = 0;        ///< durable messages that were given up
  std::uint64_t delayed_tells = 0;       ///< tells that wait now until they are due; `queued_messages` counts them too
  std::uint64_t dropped_delayed_tells = 0;  ///< tells that the end of the runtime came before
  std::uint64_t upgraded_cells = 0;         ///< cells that were stored under an older schema version, when loaded
  std::uint64_t deadlock_probes = 0;        ///< messages among actors that looked for circles of calls
};

}  // namespace troupe
