#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace marketplace {

/// The ten steps of a negotiation, in their order. B: the buyer decides, S: the seller. From step 7 on they are those
/// of a saga, see `actors/deal_settlement.hpp`.
///
/// 1. `request_quote` (B): picks a seller by its preferences and asks for some units.
/// 2. `receive_offer` (S): the seller names units and price by its pricing rules; the buyer receives the offer.
/// 3. `analyse_margin` (B): weighs price against worth and budget: take it, haggle or walk away.
/// 4. `counter` (B): names the price it would pay; skipped when it takes the offer.
/// 5. `evaluate_counter` (S): agrees, or meets the buyer half way, never below its margin; that is its last word.
/// 6. `accept_or_reject` (B): takes the last word or walks away.
/// 7. `reserve_goods` (S): sets the goods aside, unless somebody else was faster.
/// 8. `pay` (B, then S): hands over the money; a card may be declined.
/// 9. `settle` (S): ships the goods and books the sale; a parcel may be lost.
/// 10. `compensate` (S, B): only when payment or delivery failed: goods go back to the shelf, money back to the buyer.
enum class negotiation_step : std::uint8_t {
  request_quote = 1,
  receive_offer,
  analyse_margin,
  counter,
  evaluate_counter,
  accept_or_reject,
  reserve_goods,
  pay,
  settle,
  compensate,
};

/// The step's name as written above.
[[nodiscard]] constexpr std::string_view to_string(negotiation_step step) noexcept {
  constexpr std::string_view names[] = {"request_quote",    "receive_offer",    "analyse_margin", "counter",
                                        "evaluate_counter", "accept_or_reject", "reserve_goods",  "pay",
                                        "settle",           "compensate"};
  return names[static_cast<std::size_t>(step) - 1];
}

/// How a negotiation ended.
enum class outcome : std::uint8_t {
  settled,          ///< goods and money changed hands
  rejected,         ///< the buyer walked away
  sold_out,         ///< nothing to sell, or somebody else was faster
  payment_failed,   ///< compensated: the goods are back on the shelf
  delivery_failed,  ///< compensated: the goods are back on the shelf and the money is back with the buyer
};
NLOHMANN_JSON_SERIALIZE_ENUM(outcome, {{outcome::settled, "settled"},
                                       {outcome::rejected, "rejected"},
                                       {outcome::sold_out, "sold_out"},
                                       {outcome::payment_failed, "payment_failed"},
                                       {outcome::delivery_failed, "delivery_failed"}})

/// All outcomes, in the order of the enumeration.
inline constexpr std::initializer_list<outcome> outcomes = {outcome::settled, outcome::rejected, outcome::sold_out,
                                                            outcome::payment_failed, outcome::delivery_failed};

/// The outcome's name as written above.
[[nodiscard]] inline std::string to_string(outcome ended) { return nlohmann::json(ended).get<std::string>(); }

}  // namespace marketplace
