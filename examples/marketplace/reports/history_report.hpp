#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "actors/account.hpp"
#include "actors/trade.hpp"

namespace marketplace {

/// One entry of a history.
struct history_entry {
  std::uint64_t number = 0;
  std::chrono::sys_time<std::chrono::milliseconds> booked{};
  trade made{};
};

/// A part of the history of a buyer or seller.
struct history_report {
  std::string side;  ///< "buyer" or "seller"
  std::string key;
  account held;
  std::uint64_t first = 1;             ///< number of its oldest entry
  std::uint64_t next = 1;              ///< number of the entry that comes next; equal to `first`: it has none
  std::vector<history_entry> entries;  ///< those asked for, newest first

  /// Number of the first entry behind those asked for; 0: there is none.
  [[nodiscard]] std::uint64_t older() const noexcept;
};

/// Returns `side, key, units, pence, trades, units_before, pence_before, entries, older`; of an entry `number, booked,
/// deal, with, date, units, pence`. The key is told as `json_text` has it; `older` is null when there are no more.
[[nodiscard]] std::string to_json_text(const history_report& report);

/// Returns the same for people: a line for each entry, and how to see older ones.
[[nodiscard]] std::string to_text(const history_report& report);

}  // namespace marketplace
