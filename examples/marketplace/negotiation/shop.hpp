#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "negotiation/steps.hpp"

namespace marketplace {

/// Past deals that a seller, and past talks that a buyer, remembers: the latest so many.
inline constexpr std::size_t remembered_max = 20;

/// The goods of a seller, in units.
struct inventory {
  std::int64_t supplied = 0;  ///< what the shop opened with
  std::int64_t on_shelf = 0;
  std::int64_t reserved = 0;  ///< set aside for open deals
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(inventory, supplied, on_shelf, reserved)

/// How a seller makes its prices.
struct pricing_rules {
  std::int64_t list_pence = 0;
  std::int64_t cost_pence = 0;
  std::int64_t margin_percent_min = 0;     ///< what must be left on top of the cost
  std::int64_t bulk_units = 0;             ///< from here on there is a discount
  std::int64_t bulk_discount_percent = 0;  ///< of the list price

  /// The lowest price that leaves the margin.
  [[nodiscard]] std::int64_t floor_pence() const noexcept { return cost_pence + cost_pence * margin_percent_min / 100; }
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(pricing_rules, list_pence, cost_pence, margin_percent_min, bulk_units,
                                                bulk_discount_percent)

/// How far an open deal is.
enum class deal_stage : std::uint8_t { quoted, reserved, paid };
NLOHMANN_JSON_SERIALIZE_ENUM(deal_stage, {{deal_stage::quoted, "quoted"},
                                          {deal_stage::reserved, "reserved"},
                                          {deal_stage::paid, "paid"}})

/// A deal that is neither settled nor given up.
struct open_deal {
  std::int64_t units = 0;
  std::int64_t unit_pence = 0;
  deal_stage stage = deal_stage::quoted;

  [[nodiscard]] std::int64_t total_pence() const noexcept { return units * unit_pence; }
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(open_deal, units, unit_pence, stage)

/// A deal that is over.
struct past_deal {
  std::string deal;
  std::int64_t units = 0;
  std::int64_t total_pence = 0;
  outcome ended = outcome::rejected;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(past_deal, deal, units, total_pence, ended)

/// The state of a seller that negotiates. Money and goods in it change only by the rules of `seller_rules.hpp`.
struct shop {
  std::uint64_t market_seed = 0;
  inventory goods;
  pricing_rules pricing;
  std::int64_t cash_pence = 0;
  std::map<std::string, open_deal> open_deals;
  std::vector<past_deal> past_deals;  ///< latest last, at most `remembered_max`
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(shop, market_seed, goods, pricing, cash_pence, open_deals, past_deals)

}  // namespace marketplace
