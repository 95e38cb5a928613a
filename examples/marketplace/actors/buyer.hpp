#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <troupe/troupe.hpp>

#include "actors/books.hpp"
#include "invoices/sale_line.hpp"
#include "negotiation/buyer_rules.hpp"
#include "negotiation/shopper.hpp"

namespace marketplace {

/// How far a buyer is with the invoice file.
struct bookmark {
  std::uint64_t last_line = 0;  ///< its rows up to this line are settled
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(bookmark, last_line)

/// What became of a row.
enum class settlement : std::uint8_t { settled_now, settled_before };
NLOHMANN_JSON_SERIALIZE_ENUM(settlement,
                             {{settlement::settled_now, "settled_now"}, {settlement::settled_before, "settled_before"}})

/// One buyer: a customer of the invoices, or a shopper of the negotiation.
///
/// Everything it does with sellers may be tried again after a crash: it calls with keys that name the sale for ever,
/// and books its own side in the commit that also remembers how far it is.
class buyer : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "buyer";

  /// Settles one row of the invoice file with its seller; a row that was settled before changes nothing.
  /// Requires: rows of one buyer come in the order of the file, the next after the last has succeeded.
  troupe::task<settlement> buy(sale_line sale);

  /// Enters the market of the negotiation. A buyer that is there already stays as it is.
  void enter(shopper equipment);

  /// The shopper as it is.
  shopper look() const;

  /// The key of the seller that it goes to in a round.
  std::string choose_seller(std::int64_t round) const;

  /// Negotiates once, and has an agreement settled (`deal_settlement`); a round that it has been through changes
  /// nothing. Returns whether there may be a settlement to wait for. Requires: rounds come in order, the next after the
  /// last has succeeded and is settled.
  troupe::task<bool> negotiate(std::int64_t round);

  // The buyer's steps of a settlement, see `buyer_rules.hpp`.
  payment pay(std::string deal, reservation set_aside);
  void give_back(std::string deal);
  void conclude(past_talk talked, delivery parcel);

  using methods = troupe::methods<&buyer::buy, &buyer::enter, &buyer::look, &buyer::choose_seller, &buyer::negotiate,
                                  &buyer::pay, &buyer::give_back, &buyer::conclude>;

 private:
  [[nodiscard]] errand plan(const std::string& deal) const;
  [[nodiscard]] std::uint64_t luck(const std::string& deal, negotiation_step step) const;
  troupe::task<past_talk> talk(std::string deal);

  books books_{*this};
  troupe::state<bookmark> bookmark_{*this, "bookmark"};
  troupe::state<shopper> shopper_{*this, "shopper"};
};

}  // namespace marketplace
