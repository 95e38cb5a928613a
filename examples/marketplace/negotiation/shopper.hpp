#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "negotiation/messages.hpp"
#include "negotiation/shop.hpp"

namespace marketplace {

/// What a buyer likes.
struct preferences {
  std::vector<std::string> favourite_sellers;
  std::int64_t units_max = 0;            ///< buys 1 to so many units at once
  std::int64_t worth_percent_low = 0;    ///< a unit is worth at least this much of a price it is offered
  std::int64_t worth_percent_high = 0;   ///< and at most this much
  std::uint64_t generosity_percent = 0;  ///< chance to take a last word that is above the worth
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(preferences, favourite_sellers, units_max, worth_percent_low,
                                                worth_percent_high, generosity_percent)

/// A negotiation that is over, as the buyer remembers it.
struct past_talk {
  std::string deal;
  std::string seller;
  std::int64_t first_pence = 0;  ///< unit price of the first offer
  std::int64_t last_pence = 0;   ///< unit price at the end
  outcome ended = outcome::rejected;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(past_talk, deal, seller, first_pence, last_pence, ended)

/// The state of a buyer that negotiates. Money and goods in it change only by the rules of `buyer_rules.hpp`.
struct shopper {
  std::uint64_t market_seed = 0;
  preferences likes;
  std::int64_t budget_pence = 0;              ///< what it entered the market with
  std::int64_t cash_pence = 0;                ///< what is left of it
  payment pending;                            ///< for the deal that is being settled; 0 pence: none
  std::map<std::string, std::int64_t> cart;   ///< units bought, by seller
  std::vector<past_talk> history;             ///< latest last, at most `remembered_max`
  std::map<std::string, std::int64_t> ended;  ///< how many negotiations ended so, by `outcome`
  std::int64_t last_round = 0;                ///< rounds up to this one are over
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(shopper, market_seed, likes, budget_pence, cash_pence, pending, cart,
                                                history, ended, last_round)

}  // namespace marketplace
