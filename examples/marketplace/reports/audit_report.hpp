#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "actors/account.hpp"
#include "actors/trade.hpp"

namespace marketplace {

/// What one actor bought or sold in all.
struct audit_entry {
  std::int64_t units = 0;
  std::int64_t pence = 0;
  std::int64_t trades = 0;  ///< in its history
};

/// Adds up the history of one buyer or seller.
class history_sum {
 public:
  /// `buyer` and `seller` are keys as `json_text` has them. Errors: `std::overflow_error` when a sum leaves 64 bits.
  void add(const trade& made, const std::string& buyer, const std::string& seller);

  [[nodiscard]] std::int64_t trades() const noexcept { return sum_.trades; }

  /// A number that both sides of the same trades come to, in whatever order they were booked. It finds mistakes.
  [[nodiscard]] std::uint64_t mark() const noexcept { return mark_; }

  /// Whether the history is all that the account has booked since it has one.
  [[nodiscard]] bool explains(const account& held) const;

 private:
  audit_entry sum_;
  std::uint64_t mark_ = 0;
};

/// What the stored actors hold, by key.
struct audit_report {
  std::map<std::string, audit_entry> by_buyer;
  std::map<std::string, audit_entry> by_seller;
  std::vector<std::string> wrong_histories;  ///< actors whose history does not add up to their account
  bool has_whole_histories = true;           ///< no account was booked to before there were histories
  std::uint64_t mark_of_buyers = 0;          ///< of all histories
  std::uint64_t mark_of_sellers = 0;

  void add_buyer(const std::string& key, const account& held, const history_sum& history);
  void add_seller(const std::string& key, const account& held, const history_sum& history);

  /// Sums. Errors: `std::overflow_error` when a sum leaves 64 bits.
  [[nodiscard]] audit_entry bought() const;
  [[nodiscard]] audit_entry sold() const;

  /// Whether the buyers bought what the sellers sold, in units and in pence.
  [[nodiscard]] bool balances() const;

  /// Whether each history adds up to its account, and, where buyers and sellers agree and all histories are whole, the
  /// buyers' histories tell of the same trades as the sellers'.
  [[nodiscard]] bool histories_agree() const;
};

/// Returns `buyers, sellers, units, revenue_pence, trades, histories_agree, by_buyer, by_seller`; units, revenue and
/// trades are those of the sellers. A key is told as `json_text` has it.
[[nodiscard]] std::string to_json_text(const audit_report& report);

/// Returns the totals and the largest buyers and sellers for people, and what does not agree.
[[nodiscard]] std::string to_text(const audit_report& report);

}  // namespace marketplace
