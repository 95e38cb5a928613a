#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bench {

/// What an actor has, beside an id of 22 characters.
enum class burden : std::uint8_t { nothing, members, cell, timer, reminder };

struct described_burden {
  burden what;
  std::string_view name;
  std::string_view says;
};

inline constexpr std::array<described_burden, 5> burdens{{
    {burden::nothing, "empty", "nothing"},
    {burden::members, "members_32", "32 bytes of plain members"},
    {burden::cell, "cell_32", "32 bytes of state that is stored"},
    {burden::timer, "timer", "32 bytes of plain members, and a timer that is due in an hour"},
    {burden::reminder, "reminder", "32 bytes of plain members, and a reminder that is due in a day"},
}};

/// The plain members.
struct numbers {
  std::int64_t count = 0, sum = 0, least = 0, most = 0;

  std::int64_t add(std::int64_t value) noexcept {
    sum += value;
    return ++count;
  }
};

struct no_members {};

/// Bytes by actor.
struct footprint {
  double idle = 0;       ///< of the process, in memory: all actors have had a message, and nothing is under way
  double idle_heap = 0;  ///< the same as the heap counts it
  std::optional<double> dormant;  ///< of the process, once none is in memory any more; nothing: they cannot leave it
  double dormant_heap = 0;
};

/// Makes so many actors, sends each a message, and measures. nullopt: this library has no such thing. Throws when an
/// actor does not answer or leave. Once in a process, as what was freed is used again.
std::optional<footprint> measure_bare(burden what, std::size_t actors, std::size_t threads);
std::optional<footprint> measure_caf(burden what, std::size_t actors, std::size_t threads);
std::optional<footprint> measure_strand(burden what, std::size_t actors, std::size_t threads);
std::optional<footprint> measure_troupe(burden what, std::size_t actors, std::size_t threads);

}  // namespace bench
