#include "actors/buyer.hpp"

#include <utility>

#include "actors/deal_settlement.hpp"
#include "actors/seller.hpp"
#include "negotiation/dice.hpp"
#include "negotiation/market.hpp"
#include "reports/text.hpp"

namespace marketplace {
namespace {

order order_of(const sale_line& sale) {
  return {.deal = json_text(sale.invoice) + "/line-" + std::to_string(sale.line),
          .customer = json_text(sale.customer),
          .date = sale.date,
          .units = sale.quantity,
          .price_pence = sale.price_pence};
}

}  // namespace

troupe::task<settlement> buyer::buy(sale_line sale) {
  if (sale.line <= bookmark_->last_line) co_return settlement::settled_before;

  const auto shop = ref<seller>(sale.stock_code).with({.idempotency_key = "line-" + std::to_string(sale.line)});
  const order wanted = order_of(sale);
  const receipt sold = co_await shop.call<&seller::sell>(wanted);

  const trade bought{wanted.deal, json_text(sale.stock_code), wanted.date, sold.units, sold.pence};
  books_.book(bought);
  bookmark_.edit().last_line = sale.line;
  co_return settlement::settled_now;
}

void buyer::enter(shopper equipment) {
  if (!shopper_.exists()) shopper_.set(std::move(equipment));
}

shopper buyer::look() const { return *shopper_; }

std::string buyer::choose_seller(std::int64_t round) const { return plan(deal_name(std::string(key()), round)).seller; }

troupe::task<bool> buyer::negotiate(std::int64_t round) {
  if (round <= shopper_->last_round) co_return true;
  past_talk talked = co_await talk(deal_name(std::string(key()), round));
  shopper_.edit().last_round = round;
  if (talked.ended != outcome::settled) {
    shopper_.set(remember(*shopper_, std::move(talked)));
    co_return false;
  }
  co_await ref<deal_settlement>(talked.deal).call<&deal_settlement::begin>(std::string(key()), talked);
  co_return true;
}

payment buyer::pay(std::string deal, reservation set_aside) {
  auto [state, paid] = marketplace::pay(*shopper_, deal, set_aside, luck(deal, negotiation_step::pay));
  shopper_.set(std::move(state));
  return paid;
}

void buyer::give_back(std::string deal) { shopper_.set(marketplace::give_back(*shopper_, deal)); }

void buyer::conclude(past_talk talked, delivery parcel) {
  shopper state = *shopper_;
  if (talked.ended == outcome::settled) {
    state = receive(std::move(state), talked.seller, parcel);
    const trade bought{talked.deal, talked.seller, {}, parcel.units, parcel.total_pence};
    books_.book(bought);
  }
  shopper_.set(remember(std::move(state), std::move(talked)));
}

std::uint64_t buyer::luck(const std::string& deal, negotiation_step step) const {
  return draw(shopper_->market_seed, deal, step);
}

errand buyer::plan(const std::string& deal) const {
  return choose_errand(*shopper_, draw(shopper_->market_seed, deal, negotiation_step::request_quote));
}

// Ends as settled when they agree: what comes then is the settlement's.
troupe::task<past_talk> buyer::talk(std::string deal) {
  using enum negotiation_step;
  const errand trip = plan(deal);
  const auto shop = [&, target = ref<seller>(trip.seller)](negotiation_step step) {
    return target.with({.idempotency_key = deal + "/" + std::string(to_string(step))});
  };
  past_talk talked{.deal = deal, .seller = trip.seller};
  const auto ended = [&](outcome how) {
    talked.ended = how;
    return talked;
  };

  const quote_request wanted{deal, trip.units};
  const offer quoted = co_await shop(receive_offer).call<&seller::make_offer>(wanted);
  if (quoted.units == 0) co_return ended(outcome::sold_out);
  talked.first_pence = quoted.unit_pence;
  talked.last_pence = quoted.unit_pence;

  const appraisal view = marketplace::analyse_margin(*shopper_, quoted, luck(deal, analyse_margin));
  bool is_accepted = view.says == appraisal::verdict::take;
  if (view.says == appraisal::verdict::haggle) {
    const counter_offer wish{deal, view.worth_pence};
    const last_word word = co_await shop(evaluate_counter).call<&seller::evaluate_counter>(wish);
    talked.last_pence = word.unit_pence;
    is_accepted = accepts(*shopper_, view, quoted.units, word, luck(deal, accept_or_reject));
  }
  if (!is_accepted) {
    co_await shop(accept_or_reject).call<&seller::walk_away>(deal);
    co_return ended(outcome::rejected);
  }

  co_return ended(outcome::settled);
}

}  // namespace marketplace
