#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

namespace marketplace {

// What buyers and sellers say to each other. `deal` names one negotiation for ever: "buyer-7/round-3".
// All prices are pence of one unit, all amounts pence.

/// Step 1, buyer to seller.
struct quote_request {
  std::string deal;
  std::int64_t units = 0;  ///< at least 1
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(quote_request, deal, units)

/// Step 2, seller to buyer.
struct offer {
  std::int64_t units = 0;  ///< at most what was asked for; 0: sold out, and there is no deal
  std::int64_t unit_pence = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(offer, units, unit_pence)

/// Step 4, buyer to seller.
struct counter_offer {
  std::string deal;
  std::int64_t unit_pence = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(counter_offer, deal, unit_pence)

/// Step 5, seller to buyer: the last word.
struct last_word {
  std::int64_t unit_pence = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(last_word, unit_pence)

/// Step 7, seller to buyer.
struct reservation {
  std::int64_t units = 0;  ///< 0: somebody else was faster, and the deal is closed
  std::int64_t total_pence = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(reservation, units, total_pence)

/// Step 8, buyer to seller.
struct payment {
  std::string deal;
  std::int64_t pence = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(payment, deal, pence)

/// Step 9, seller to buyer.
struct delivery {
  std::int64_t units = 0;  ///< 0: the parcel was lost, and the deal waits for compensation
  std::int64_t total_pence = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(delivery, units, total_pence)

/// Step 10, seller to buyer.
struct refund {
  std::int64_t pence = 0;  ///< 0: nothing had been paid
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(refund, pence)

}  // namespace marketplace
