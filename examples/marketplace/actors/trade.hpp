#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

namespace marketplace {

/// The name of the log in which buyers and sellers keep their trades.
inline constexpr const char* history_log = "history";

/// One sale or return in the history of a buyer, and in that of its seller. Texts are as `json_text` has them.
struct trade {
  std::string deal;  ///< names it for ever: "536365/line-2" of the invoices, "buyer-7/round-3" of the negotiation
  std::string with;  ///< the key of the other side
  std::string date;  ///< of the invoice; empty in the negotiation
  std::int64_t units = 0;
  std::int64_t pence = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(trade, deal, with, date, units, pence)

}  // namespace marketplace
