#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <troupe/troupe.hpp>

#include "actors/books.hpp"
#include "negotiation/messages.hpp"
#include "negotiation/shop.hpp"

namespace marketplace {

/// What a buyer orders of an invoice, or gives back. Texts are as `json_text` has them.
struct order {
  std::string deal;  ///< names it for ever
  std::string customer;
  std::string date;
  std::int64_t units = 0;  ///< negative: goes back
  std::int64_t price_pence = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(order, deal, customer, date, units, price_pence)

/// What a seller answers when it has sold something, or taken it back.
struct receipt {
  std::int64_t units = 0;
  std::int64_t pence = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(receipt, units, pence)

/// One seller: a stock code of the invoices, or a shop of the negotiation.
///
/// Buyers call with an idempotency key per sale and step, so that a call which is tried again gets the first answer.
class seller : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "seller";

  /// Keeps every key that a buyer may try again: more than twice the lines in flight, however late the next run begins.
  static constexpr troupe::request_window requests{.count_max = 4096, .age_max = std::chrono::seconds(0)};

  /// Books a sale of an invoice, or a return.
  receipt sell(order wanted);

  /// Opens the shop for the negotiation. A shop that is open already stays as it is.
  void open(shop equipment);

  /// The shop as it is.
  shop look() const;

  // The seller's steps of the negotiation, see `seller_rules.hpp`.
  offer make_offer(quote_request request);
  last_word evaluate_counter(counter_offer counter);
  void walk_away(std::string deal);
  reservation reserve_goods(std::string deal);
  void take_payment(payment paid);
  delivery ship(std::string deal);
  refund withdraw(std::string deal);

  using methods = troupe::methods<&seller::sell, &seller::open, &seller::look, &seller::make_offer,
                                  &seller::evaluate_counter, &seller::walk_away, &seller::reserve_goods,
                                  &seller::take_payment, &seller::ship, &seller::withdraw>;

 private:
  [[nodiscard]] std::uint64_t luck(const std::string& deal, negotiation_step step) const;

  books books_{*this};
  troupe::state<shop> shop_{*this, "shop"};
};

}  // namespace marketplace
