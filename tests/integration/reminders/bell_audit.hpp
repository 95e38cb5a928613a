#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe::bell_test {

/// A time in which no process was there, in ms since 1970: what is due in (from, to] was missed.
struct outage {
  std::int64_t from = 0;
  std::int64_t to = 0;
};

/// What the store says of the bells.
struct audit {
  int begun = 0;                    ///< bells that have set their reminders
  std::size_t handled = 0;          ///< ticks whose effect is stored
  std::size_t covered = 0;          ///< outages with several ticks of a reminder, which one tick covered
  std::vector<std::string> faults;  ///< what must not be, in words
};

/// Reads all bells and holds what they heard against when their reminders were due.
/// `ended`: no reminder may be left.
[[nodiscard]] audit look(const std::string& store, const std::vector<outage>& outages, bool ended);

}  // namespace troupe::bell_test
