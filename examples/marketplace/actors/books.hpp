#pragma once

#include <cstdint>
#include <utility>

#include <nlohmann/json.hpp>
#include <troupe/troupe.hpp>

#include "actors/account.hpp"
#include "actors/trade.hpp"

template <>
struct troupe::state_schema<marketplace::account> {
  static constexpr std::uint32_t version = marketplace::account_schema;
  static nlohmann::json upgrade(nlohmann::json row, std::uint32_t) {  // called with 1
    return marketplace::with_history_from_now_on(std::move(row));
  }
};

namespace marketplace {

/// What a buyer or seller has booked: the sums in a cell, the trades in a log. A turn writes the one it books, however
/// long the history is. Histories are not trimmed, since the audit adds them up.
class books {
 public:
  explicit books(troupe::actor& owner) : account_(owner, account_cell), history_(owner, history_log) {}

  /// Books one sale or return. Errors: `std::overflow_error` when a sum leaves 64 bits.
  void book(const trade& made) {
    account_.edit().book(made.units, made.pence);
    history_.append(made);
  }

 private:
  troupe::state<account> account_;
  troupe::log<trade> history_;
};

}  // namespace marketplace
