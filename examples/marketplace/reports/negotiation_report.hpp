#pragma once

#include <cstdint>
#include <string>

#include "negotiation/conservation.hpp"

namespace marketplace {

/// What a negotiation tells at its end.
struct negotiation_report {
  std::int64_t buyers = 0;
  std::int64_t sellers = 0;
  std::int64_t rounds = 0;
  std::uint64_t seed = 0;
  conservation market{};    ///< asked of all buyers and sellers at the end
  std::uint64_t turns = 0;  ///< turns executed in this run
  double seconds = 0;       ///< of this run
};

/// Returns the report as JSON, with `conserved` as the verdict. All but `turns` and `seconds` follow from the market.
[[nodiscard]] std::string to_json_text(const negotiation_report& report);

/// Returns the same for people.
[[nodiscard]] std::string to_text(const negotiation_report& report);

}  // namespace marketplace
