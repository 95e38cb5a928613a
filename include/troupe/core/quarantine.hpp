#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "troupe/base/actor_id.hpp"
#include "troupe/spi/clock.hpp"

namespace troupe {

/// When an actor that cannot be activated is left alone. A failed activation is one whose constructor, factory or
/// `on_activate` threw, or whose stored state cannot be read; that the store cannot be reached is none.
struct quarantine_policy {
  /// Failed activations in a row after which the actor is quarantined: its messages are refused at once with
  /// `errc::quarantined`. 0: never; at most 1,000.
  std::uint32_t failures_max = 5;

  /// How long it is left alone; then the next message activates it once, for a trial. Each failed trial doubles the
  /// pause, up to `pause_max`. 1 ms to 24 h, `pause_max` not less than `first_pause`.
  std::chrono::milliseconds first_pause = std::chrono::seconds(1);
  std::chrono::milliseconds pause_max = std::chrono::minutes(5);
};

/// An actor that is quarantined.
struct quarantined_actor {
  actor_id actor;
  std::uint32_t failures = 0;  ///< failed activations in a row
  wall_time since;             ///< when it was quarantined
  wall_time until;             ///< when it may be tried again; passed: with its next message
  std::string why;             ///< what the last activation failed with
};

/// Most actors whose failed activations a runtime remembers. Past it the one that failed longest ago is forgotten, and
/// may fail anew.
inline constexpr std::size_t quarantine_actors_max = 10'000;

}  // namespace troupe
