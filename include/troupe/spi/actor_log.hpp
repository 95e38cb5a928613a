#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "troupe/base/actor_id.hpp"
#include "troupe/spi/clock.hpp"

namespace troupe::spi {

/// One entry of an append-only log of an actor.
struct log_entry_image {
  std::uint64_t sequence = 0;  ///< 1 for the first entry the log ever got, then one more each; up to 2^63 - 1
  wall_time at{};              ///< when it was appended
  std::string json{};          ///< one JSON value, UTF-8, valid

  friend bool operator==(const log_entry_image&, const log_entry_image&) = default;
};

/// Which entries a log has: those numbered `first` to `next - 1`.
struct log_head {
  std::string name{};       ///< 1 to 64 bytes, `[A-Za-z0-9_.-]`
  std::uint64_t first = 1;  ///< oldest entry
  std::uint64_t next = 1;   ///< what the next one is numbered; equal to `first`: the log is empty

  friend bool operator==(const log_head&, const log_head&) = default;
};

/// One log after one or several turns, and what they did to it. Appending costs the entries, not the history.
struct log_changes {
  log_head head{};                       ///< after the record; `first` and `next` never go down
  std::uint64_t first_before = 1;        ///< entries numbered from this to below `head.first` leave
  std::vector<log_entry_image> added{};  ///< consecutive, the last is `head.next - 1`, none below `head.first`

  friend bool operator==(const log_changes&, const log_changes&) = default;
};

/// A part of a log.
struct log_query {
  actor_id actor{};
  std::string log{};
  std::uint64_t from = 1;                                       ///< lowest sequence
  std::uint64_t to = std::numeric_limits<std::int64_t>::max();  ///< highest sequence, included
  bool newest_first = false;                                    ///< descending, else ascending
  std::size_t limit = 1000;                                     ///< entries, 1 to 10,000
  std::size_t bytes_max = std::size_t{1} << 20U;                ///< of JSON; one entry is returned all the same
};

/// Returns the bytes that these count for against `store_limits::record_bytes_max`: names and JSON.
[[nodiscard]] inline std::size_t bytes_of(const log_changes& changes) noexcept {
  std::size_t bytes = changes.head.name.size();
  for (const auto& entry : changes.added) bytes += entry.json.size();
  return bytes;
}

}  // namespace troupe::spi
