#include "actors/seller.hpp"

#include <utility>

#include "negotiation/dice.hpp"
#include "negotiation/market.hpp"
#include "negotiation/seller_rules.hpp"

namespace marketplace {

receipt seller::sell(order wanted) {
  const receipt sold{wanted.units, wanted.units * wanted.price_pence};
  books_.book({std::move(wanted.deal), std::move(wanted.customer), std::move(wanted.date), sold.units, sold.pence});
  return sold;
}

void seller::open(shop equipment) {
  if (!shop_.exists()) shop_.set(std::move(equipment));
}

shop seller::look() const { return *shop_; }

offer seller::make_offer(quote_request request) {
  auto [state, reply] = marketplace::make_offer(*shop_, request, luck(request.deal, negotiation_step::receive_offer));
  shop_.set(std::move(state));
  return reply;
}

last_word seller::evaluate_counter(counter_offer counter) {
  const std::uint64_t random = luck(counter.deal, negotiation_step::evaluate_counter);
  auto [state, reply] = marketplace::evaluate_counter(*shop_, counter, random);
  shop_.set(std::move(state));
  return reply;
}

void seller::walk_away(std::string deal) { shop_.set(marketplace::walk_away(*shop_, deal)); }

reservation seller::reserve_goods(std::string deal) {
  auto [state, reply] = marketplace::reserve_goods(*shop_, deal);
  shop_.set(std::move(state));
  return reply;
}

void seller::take_payment(payment paid) { shop_.set(marketplace::take_payment(*shop_, paid)); }

delivery seller::ship(std::string deal) {
  auto [state, reply] = marketplace::ship(*shop_, deal, luck(deal, negotiation_step::settle));
  shop_.set(std::move(state));
  if (reply.units > 0) books_.book({deal, buyer_of(deal), {}, reply.units, reply.total_pence});
  return reply;
}

refund seller::withdraw(std::string deal) {
  auto [state, reply] = marketplace::withdraw(*shop_, deal);
  shop_.set(std::move(state));
  return reply;
}

std::uint64_t seller::luck(const std::string& deal, negotiation_step step) const {
  return draw(shop_->market_seed, deal, step);
}

}  // namespace marketplace
