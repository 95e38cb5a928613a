#pragma once

#include <cstdint>
#include <string>

#include "invoices/replay_totals.hpp"

namespace marketplace {

/// What a replay tells at its end.
struct replay_report {
  replay_totals totals;      ///< of the rows
  std::uint64_t turns = 0;   ///< turns executed in this run
  double seconds = 0;        ///< of this run
  std::string first_reject;  ///< the first rejected row, for people; empty: none
};

/// Returns `rows, accepted, rejected, sales, returns, buyers, sellers, units, revenue_pence, turns, seconds`.
[[nodiscard]] std::string to_json_text(const replay_report& report);

/// Returns the same for people.
[[nodiscard]] std::string to_text(const replay_report& report);

}  // namespace marketplace
