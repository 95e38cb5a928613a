#pragma once

#include <cstdint>
#include <string>

#include "negotiation/decided.hpp"
#include "negotiation/messages.hpp"
#include "negotiation/shopper.hpp"

namespace marketplace {

/// What a buyer sets out to do in step 1.
struct errand {
  std::string seller;
  std::int64_t units = 0;
};

/// What a buyer makes of an offer in step 3.
struct appraisal {
  enum class verdict : std::uint8_t { take, haggle, walk_away };
  verdict says = verdict::walk_away;
  std::int64_t worth_pence = 0;  ///< what a unit is worth to it, and what it offers when it haggles
};

/// Step 1. Picks a favourite seller and a number of units. Requires: there is a favourite.
[[nodiscard]] errand choose_errand(const shopper& state, std::uint64_t random);

/// Steps 3 and 4. Weighs an offer of `quoted.units` units against worth and cash.
[[nodiscard]] appraisal analyse_margin(const shopper& state, const offer& quoted, std::uint64_t random);

/// Step 6. Returns whether the buyer takes the seller's last word for `units` units.
[[nodiscard]] bool accepts(const shopper& state, const appraisal& view, std::int64_t units, const last_word& word,
                           std::uint64_t random);

/// Step 8. Takes the money out of the purse; a payment of 0 pence is a declined card.
[[nodiscard]] decided<shopper, payment> pay(shopper state, const std::string& deal, const reservation& set_aside,
                                            std::uint64_t random);

/// Step 9. Puts the goods that arrived into the cart.
[[nodiscard]] shopper receive(shopper state, const std::string& seller, const delivery& parcel);

/// Step 10. Puts what was paid for a deal back into the purse; nothing when nothing was.
[[nodiscard]] shopper give_back(shopper state, const std::string& deal);

/// Puts money back into the purse.
[[nodiscard]] shopper take_refund(shopper state, const refund& back);

/// Remembers how a negotiation ended.
[[nodiscard]] shopper remember(shopper state, past_talk talk);

}  // namespace marketplace
