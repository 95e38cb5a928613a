#pragma once

#include <cstdint>

#include <nlohmann/json.hpp>

#include "invoices/checked_sum.hpp"

namespace marketplace {

/// The name of the cell in which buyers and sellers keep their account: what the audit reads.
inline constexpr const char* account_cell = "account";

/// Version 2 knows what was booked before there were histories.
inline constexpr std::uint32_t account_schema = 2;

/// What a buyer bought, or a seller sold, in all; returns count against it.
struct account {
  std::int64_t units = 0;
  std::int64_t pence = 0;

  // What was booked in all before the account had a history: the history holds the rest.
  std::int64_t units_before = 0;
  std::int64_t pence_before = 0;
  bool has_whole_history = true;  ///< nothing was booked before

  /// Books one sale or return. Errors: `std::overflow_error` when a sum leaves 64 bits.
  void book(std::int64_t more_units, std::int64_t more_pence) {
    units = checked_sum(units, more_units);
    pence = checked_sum(pence, more_pence);
  }
};

/// An account with a whole history, as most are, is stored as its two sums.
inline void to_json(nlohmann::json& row, const account& held) {
  row = {{"units", held.units}, {"pence", held.pence}};
  if (held.has_whole_history) return;
  row["units_before"] = held.units_before;
  row["pence_before"] = held.pence_before;
  row["has_whole_history"] = false;
}

inline void from_json(const nlohmann::json& row, account& held) {
  held.units = row.value("units", std::int64_t{0});
  held.pence = row.value("pence", std::int64_t{0});
  held.units_before = row.value("units_before", std::int64_t{0});
  held.pence_before = row.value("pence_before", std::int64_t{0});
  held.has_whole_history = row.value("has_whole_history", true);
}

/// Returns an account of version 1 as one of version 2.
[[nodiscard]] inline nlohmann::json with_history_from_now_on(nlohmann::json row) {
  const account former = row.get<account>();
  row["units_before"] = former.units;
  row["pence_before"] = former.pence;
  row["has_whole_history"] = false;
  return row;
}

}  // namespace marketplace
