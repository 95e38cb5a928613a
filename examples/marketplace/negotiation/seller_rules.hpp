#pragma once

#include <cstdint>
#include <string>

#include "negotiation/decided.hpp"
#include "negotiation/messages.hpp"
#include "negotiation/shop.hpp"

namespace marketplace {

// What a seller decides. Errors of all but `withdraw`: `std::logic_error` when the deal is unknown or not that far.

/// Step 2. Names units and price, and opens the deal; sold out: opens none.
[[nodiscard]] decided<shop, offer> make_offer(shop state, const quote_request& request, std::uint64_t random);

/// Step 5. Agrees to the buyer's price, or meets it half way, but never below the margin.
[[nodiscard]] decided<shop, last_word> evaluate_counter(shop state, const counter_offer& counter, std::uint64_t random);

/// Step 6, when the buyer rejects. Closes the deal.
[[nodiscard]] shop walk_away(shop state, const std::string& deal);

/// Step 7. Sets the goods aside; sold out: closes the deal.
[[nodiscard]] decided<shop, reservation> reserve_goods(shop state, const std::string& deal);

/// Step 8. Takes the money. Errors: also `std::invalid_argument` when it is not the agreed amount.
[[nodiscard]] shop take_payment(shop state, const payment& paid);

/// Step 9. Ships the goods and closes the deal, or loses the parcel.
[[nodiscard]] decided<shop, delivery> ship(shop state, const std::string& deal, std::uint64_t random);

/// Step 10. Puts reserved goods back, gives the money back and closes the deal.
[[nodiscard]] decided<shop, refund> compensate(shop state, const std::string& deal);

/// Step 10, however far the deal is: as `compensate`, and closes a deal for which nothing was set aside. A deal that is
/// not open stays as it is.
[[nodiscard]] decided<shop, refund> withdraw(shop state, const std::string& deal);

}  // namespace marketplace
