#pragma once

#include <cstdint>
#include <string>

#include "negotiation/shop.hpp"
#include "negotiation/shopper.hpp"

namespace marketplace {

/// Who is in the market of a seed: the same seed and numbers make the same market.
struct market {
  std::uint64_t seed = 0;
  std::int64_t buyers = 0;
  std::int64_t sellers = 0;

  /// Keys of the actors: "buyer-1" to "buyer-<buyers>", "seller-1" to "seller-<sellers>".
  [[nodiscard]] static std::string buyer_key(std::int64_t number) { return "buyer-" + std::to_string(number); }
  [[nodiscard]] static std::string seller_key(std::int64_t number) { return "seller-" + std::to_string(number); }

  /// What the buyer or seller of that key begins with.
  [[nodiscard]] shopper equip_shopper(const std::string& key) const;
  [[nodiscard]] shop stock_shop(const std::string& key) const;
};

/// Names the negotiation of a buyer in a round for ever.
[[nodiscard]] inline std::string deal_name(const std::string& buyer_key, std::int64_t round) {
  return buyer_key + "/round-" + std::to_string(round);
}

/// The key of the buyer that negotiated `deal`.
[[nodiscard]] inline std::string buyer_of(const std::string& deal) { return deal.substr(0, deal.rfind('/')); }

}  // namespace marketplace
