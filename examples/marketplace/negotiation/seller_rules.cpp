#include "negotiation/seller_rules.hpp"

#include <algorithm>
#include <initializer_list>
#include <stdexcept>
#include <utility>

#include "negotiation/dice.hpp"

namespace marketplace {
namespace {

constexpr std::uint64_t lost_parcel_percent = 4;

open_deal& find_deal(shop& state, const std::string& deal, std::initializer_list<deal_stage> stages) {
  const auto found = state.open_deals.find(deal);
  if (found == state.open_deals.end()) throw std::logic_error("there is no open deal " + deal);
  if (std::find(stages.begin(), stages.end(), found->second.stage) == stages.end()) {
    throw std::logic_error("deal " + deal + " is " + nlohmann::json(found->second.stage).get<std::string>() +
                           ", so this step is not its turn");
  }
  return found->second;
}

void close(shop& state, const std::string& deal, outcome ended) {
  const open_deal closed = state.open_deals.at(deal);
  state.open_deals.erase(deal);
  state.past_deals.push_back({deal, closed.units, closed.total_pence(), ended});
  if (state.past_deals.size() > remembered_max) state.past_deals.erase(state.past_deals.begin());
}

}  // namespace

decided<shop, offer> make_offer(shop state, const quote_request& request, std::uint64_t random) {
  if (request.units < 1) throw std::invalid_argument("a quote is for one unit or more");
  const std::int64_t units = std::min(request.units, state.goods.on_shelf);
  if (units == 0) return {std::move(state), offer{}};

  const pricing_rules& rules = state.pricing;
  std::int64_t percent = between(95, 105, random);
  if (units >= rules.bulk_units) percent -= rules.bulk_discount_percent;
  const std::int64_t price = std::max(rules.list_pence * percent / 100, rules.floor_pence());
  state.open_deals[request.deal] = {units, price, deal_stage::quoted};
  return {std::move(state), offer{units, price}};
}

decided<shop, last_word> evaluate_counter(shop state, const counter_offer& counter, std::uint64_t random) {
  open_deal& deal = find_deal(state, counter.deal, {deal_stage::quoted});
  const std::int64_t floor = state.pricing.floor_pence();
  const bool is_close = counter.unit_pence * 100 >= deal.unit_pence * 90;
  if (counter.unit_pence < floor || (!is_close && !happens(50, random))) {
    deal.unit_pence = std::max(floor, (deal.unit_pence + counter.unit_pence) / 2);
  } else {
    deal.unit_pence = std::min(deal.unit_pence, counter.unit_pence);
  }
  const last_word answer{deal.unit_pence};
  return {std::move(state), answer};
}

shop walk_away(shop state, const std::string& deal) {
  find_deal(state, deal, {deal_stage::quoted});
  close(state, deal, outcome::rejected);
  return state;
}

decided<shop, reservation> reserve_goods(shop state, const std::string& deal) {
  open_deal& agreed = find_deal(state, deal, {deal_stage::quoted});
  if (state.goods.on_shelf < agreed.units) {
    close(state, deal, outcome::sold_out);
    return {std::move(state), reservation{}};
  }
  state.goods.on_shelf -= agreed.units;
  state.goods.reserved += agreed.units;
  agreed.stage = deal_stage::reserved;
  const reservation reply{agreed.units, agreed.total_pence()};
  return {std::move(state), reply};
}

shop take_payment(shop state, const payment& paid) {
  open_deal& deal = find_deal(state, paid.deal, {deal_stage::reserved});
  if (paid.pence != deal.total_pence()) {
    throw std::invalid_argument("deal " + paid.deal + " costs " + std::to_string(deal.total_pence()) + " pence, not " +
                                std::to_string(paid.pence));
  }
  state.cash_pence += paid.pence;
  deal.stage = deal_stage::paid;
  return state;
}

decided<shop, delivery> ship(shop state, const std::string& deal, std::uint64_t random) {
  const open_deal paid = find_deal(state, deal, {deal_stage::paid});
  if (happens(lost_parcel_percent, random)) return {std::move(state), delivery{}};
  state.goods.reserved -= paid.units;
  close(state, deal, outcome::settled);
  return {std::move(state), delivery{paid.units, paid.total_pence()}};
}

decided<shop, refund> compensate(shop state, const std::string& deal) {
  const open_deal failed = find_deal(state, deal, {deal_stage::reserved, deal_stage::paid});
  const bool was_paid = failed.stage == deal_stage::paid;
  const refund back{was_paid ? failed.total_pence() : 0};
  state.goods.reserved -= failed.units;
  state.goods.on_shelf += failed.units;
  state.cash_pence -= back.pence;
  close(state, deal, was_paid ? outcome::delivery_failed : outcome::payment_failed);
  return {std::move(state), back};
}

decided<shop, refund> withdraw(shop state, const std::string& deal) {
  const auto found = state.open_deals.find(deal);
  if (found == state.open_deals.end()) return {std::move(state), refund{}};
  if (found->second.stage == deal_stage::quoted) return {walk_away(std::move(state), deal), refund{}};
  return compensate(std::move(state), deal);
}

}  // namespace marketplace
