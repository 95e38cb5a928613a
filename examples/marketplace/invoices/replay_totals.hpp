#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "invoices/sale_line.hpp"

namespace marketplace {

/// What the rows of an invoice file add up to: the same at every run, whatever the store already holds.
struct replay_totals {
  std::int64_t rows = 0;
  std::int64_t accepted = 0;
  std::int64_t rejected = 0;
  std::int64_t sales = 0;
  std::int64_t returns = 0;
  std::int64_t units = 0;          ///< with their sign
  std::int64_t revenue_pence = 0;  ///< with its sign
  std::set<std::string> buyers;
  std::set<std::string> sellers;

  /// Counts an accepted row. Errors: `std::overflow_error` when a sum leaves 64 bits; nothing is counted then.
  void add(const sale_line& sale);

  /// Counts a rejected row.
  void add(const rejected_row& row);
};

}  // namespace marketplace
