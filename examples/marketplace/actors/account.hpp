#pragma once

#include <cstdint>

#include <nlohmann/json.hpp>

#include "invoices/checked_sum.hpp"

namespace marketplace {

/// The name of the cell in which buyers and sellers keep their account: what the audit reads.
inline constexpr const char* account_cell = "account";

/// What a buyer bought, or a seller sold, in all; returns count against it.
struct account {
  std::int64_t units = 0;
  std::int64_t pence = 0;

  /// Books one sale or return. Errors: `std::overflow_error` when a sum leaves 64 bits.
  void book(std::int64_t more_units, std::int64_t more_pence) {
    units = checked_sum(units, more_units);
    pence = checked_sum(pence, more_pence);
  }
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(account, units, pence)

}  // namespace marketplace
