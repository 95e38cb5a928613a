#include "negotiation/buyer_rules.hpp"

#include <utility>

#include "negotiation/dice.hpp"

namespace marketplace {
namespace {

constexpr std::uint64_t declined_card_percent = 5;

}  // namespace

errand choose_errand(const shopper& state, std::uint64_t random) {
  const std::vector<std::string>& favourites = state.likes.favourite_sellers;
  return {favourites.at(random % favourites.size()), between(1, state.likes.units_max, random / favourites.size())};
}

appraisal analyse_margin(const shopper& state, const offer& quoted, std::uint64_t random) {
  using enum appraisal::verdict;
  const std::int64_t percent = between(state.likes.worth_percent_low, state.likes.worth_percent_high, random);
  const std::int64_t worth = quoted.unit_pence * percent / 100;
  const bool is_affordable = quoted.units * quoted.unit_pence <= state.cash_pence;
  if (worth >= quoted.unit_pence && is_affordable) return {take, worth};
  if (worth * 100 >= quoted.unit_pence * 75 && quoted.units * worth <= state.cash_pence) return {haggle, worth};
  return {walk_away, worth};
}

bool accepts(const shopper& state, const appraisal& view, std::int64_t units, const last_word& word,
             std::uint64_t random) {
  if (units * word.unit_pence > state.cash_pence) return false;
  return word.unit_pence <= view.worth_pence || happens(state.likes.generosity_percent, random);
}

decided<shopper, payment> pay(shopper state, const std::string& deal, const reservation& set_aside,
                              std::uint64_t random) {
  if (set_aside.total_pence > state.cash_pence || happens(declined_card_percent, random)) {
    return {std::move(state), payment{deal, 0}};
  }
  state.cash_pence -= set_aside.total_pence;
  state.pending = {deal, set_aside.total_pence};
  payment paid = state.pending;
  return {std::move(state), std::move(paid)};
}

shopper receive(shopper state, const std::string& seller, const delivery& parcel) {
  state.cart[seller] += parcel.units;
  return state;
}

shopper take_refund(shopper state, const refund& back) {
  state.cash_pence += back.pence;
  return state;
}

shopper give_back(shopper state, const std::string& deal) {
  if (state.pending.deal != deal) return state;
  const refund back{state.pending.pence};
  state.pending = {};
  return take_refund(std::move(state), back);
}

shopper remember(shopper state, past_talk talk) {
  if (state.pending.deal == talk.deal) state.pending = {};
  ++state.ended[to_string(talk.ended)];
  state.history.push_back(std::move(talk));
  if (state.history.size() > remembered_max) state.history.erase(state.history.begin());
  return state;
}

}  // namespace marketplace
