#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace marketplace {

/// What one actor bought or sold in all.
struct audit_entry {
  std::int64_t units = 0;
  std::int64_t pence = 0;
};

/// What the stored actors hold, by key.
struct audit_report {
  std::map<std::string, audit_entry> by_buyer;
  std::map<std::string, audit_entry> by_seller;

  /// Sums. Errors: `std::overflow_error` when a sum leaves 64 bits.
  [[nodiscard]] audit_entry bought() const;
  [[nodiscard]] audit_entry sold() const;

  /// Whether the buyers bought what the sellers sold, in units and in pence.
  [[nodiscard]] bool balances() const;
};

/// Returns `buyers, sellers, units, revenue_pence, by_buyer, by_seller`; units and revenue are those of the sellers.
/// A key that is not UTF-8, or looks as if escaped, is told as `printable` has it, so that no two members have one
/// name.
[[nodiscard]] std::string to_json_text(const audit_report& report);

/// Returns the totals and the largest buyers and sellers for people, and the difference when they do not balance.
[[nodiscard]] std::string to_text(const audit_report& report);

}  // namespace marketplace
