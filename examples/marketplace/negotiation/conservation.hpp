#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "negotiation/shop.hpp"
#include "negotiation/shopper.hpp"

namespace marketplace {

/// Sums up a market after a negotiation: nothing may have come from nowhere, and nothing may be gone.
struct conservation {
  std::int64_t money_entered_pence = 0;         ///< all budgets
  std::int64_t money_held_pence = 0;            ///< with buyers and sellers
  std::int64_t goods_entered = 0;               ///< all supplies, in units
  std::int64_t goods_held = 0;                  ///< on shelves, reserved and in carts
  std::int64_t goods_reserved = 0;              ///< still set aside, which nothing may be once all deals are closed
  std::int64_t deals_open = 0;                  ///< which none may be
  std::int64_t rounds_over = 0;                 ///< of all buyers
  std::map<std::string, std::int64_t> ended{};  ///< negotiations by `outcome`: one for each round that is over

  [[nodiscard]] std::int64_t negotiations() const noexcept;

  void add(const shopper& buyer);
  void add(const shop& seller);

  /// Whether money and goods are conserved, every deal is closed, and every round ended in one way.
  [[nodiscard]] bool holds() const noexcept;
};

}  // namespace marketplace
