#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>

#include "troupe/base/error.hpp"

namespace troupe::internal {

/// Where a call was when it was given up, for people.
struct call_story {
  enum class place : std::uint8_t {
    held,        ///< with its caller, behind the commits of the caller's earlier turns
    queued,      ///< in the actor's mailbox
    activating,  ///< there, while the actor is being activated
    running,     ///< its turn runs
    saving,      ///< its turn has ended and is being committed
  };

  errc why = errc::timeout;
  std::string call{};  ///< `type/key.method`
  place where = place::queued;
  std::chrono::nanoseconds total{};   ///< since it was made
  std::chrono::nanoseconds queued{};  ///< before its turn began
  std::chrono::nanoseconds there{};   ///< in `where`
  std::size_t ahead = 0;              ///< calls that waited in front of it
  std::string running{};              ///< what the actor did meanwhile, with its time; empty: nothing known
  std::string waits_for{};            ///< what the running turn waited for, with its time; empty: nothing known
};

/// Whether a call that was given up there may have had its effect.
[[nodiscard]] constexpr effect effect_at(call_story::place where) noexcept {
  return where == call_story::place::running || where == call_story::place::saving ? effect::unknown : effect::none;
}

/// Says it in a sentence or two, with what the caller may do.
[[nodiscard]] std::string tell(const call_story& story);

/// The error of the call.
[[nodiscard]] std::exception_ptr error_of(const call_story& story);

/// A time for people: "350 ms", "12.5 s".
[[nodiscard]] std::string show_time(std::chrono::nanoseconds span);

}  // namespace troupe::internal
