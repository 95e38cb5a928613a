#include "negotiation/buyer_rules.hpp"

#include <gtest/gtest.h>

namespace marketplace {
namespace {

using verdict = appraisal::verdict;

constexpr std::uint64_t card_is_good = 99;
constexpr std::uint64_t card_is_declined = 0;

// Finds a unit worth 60 to 120 percent of its price; has 10,000 pence.
shopper new_shopper() {
  shopper buyer;
  buyer.likes = {{"seller-1", "seller-2", "seller-3"}, 4, 60, 120, 50};
  buyer.budget_pence = 10'000;
  buyer.cash_pence = 10'000;
  return buyer;
}

TEST(BuyerRules, ShopOnlyAtFavouritesForAFewUnits) {
  for (std::uint64_t random = 0; random < 100; ++random) {
    const errand trip = choose_errand(new_shopper(), random);
    EXPECT_EQ(trip.seller, "seller-" + std::to_string(random % 3 + 1));
    EXPECT_GE(trip.units, 1);
    EXPECT_LE(trip.units, 4);
  }
}

TEST(BuyerRules, TakeAnOfferThatIsWorthIt) {
  const appraisal view = analyse_margin(new_shopper(), {2, 1000}, 60);
  EXPECT_EQ(view.says, verdict::take);
  EXPECT_EQ(view.worth_pence, 1200);
}

TEST(BuyerRules, HaggleWhenTheOfferIsALittleHigh) {
  const appraisal view = analyse_margin(new_shopper(), {2, 1000}, 20);
  EXPECT_EQ(view.says, verdict::haggle);
  EXPECT_EQ(view.worth_pence, 800);
}

TEST(BuyerRules, WalkAwayWhenTheOfferIsFarTooHighOrBeyondTheCash) {
  EXPECT_EQ(analyse_margin(new_shopper(), {2, 1000}, 0).says, verdict::walk_away);
  EXPECT_EQ(analyse_margin(new_shopper(), {11, 1000}, 60).says, verdict::walk_away);
}

TEST(BuyerRules, AcceptALastWordUpToTheWorthOrByGenerosity) {
  const appraisal view{verdict::haggle, 800};
  EXPECT_TRUE(accepts(new_shopper(), view, 2, {800}, 99));
  EXPECT_FALSE(accepts(new_shopper(), view, 2, {900}, 99));
  EXPECT_TRUE(accepts(new_shopper(), view, 2, {900}, 0));
  EXPECT_FALSE(accepts(new_shopper(), view, 20, {900}, 0)) << "there is not so much money";
}

TEST(BuyerRules, PayFromThePurse) {
  const auto [buyer, paid] = pay(new_shopper(), "d", {2, 1600}, card_is_good);
  EXPECT_EQ(paid.pence, 1600);
  EXPECT_EQ(buyer.cash_pence, 8400);
}

TEST(BuyerRules, PayNothingWhenTheCardIsDeclinedOrTheMoneyShort) {
  EXPECT_EQ(pay(new_shopper(), "d", {2, 1600}, card_is_declined).reply.pence, 0);
  const auto [buyer, paid] = pay(new_shopper(), "d", {2, 10'001}, card_is_good);
  EXPECT_EQ(paid.pence, 0);
  EXPECT_EQ(buyer.cash_pence, 10'000);
}

TEST(BuyerRules, CollectGoodsAndRefunds) {
  const shopper buyer = receive(receive(new_shopper(), "seller-1", {2, 0}), "seller-1", {3, 0});
  EXPECT_EQ(buyer.cart.at("seller-1"), 5);
  EXPECT_EQ(take_refund(buyer, {500}).cash_pence, 10'500);
}

TEST(BuyerRules, GiveBackWhatWasPaidOnceAndForThatDealOnly) {
  shopper state;
  state.cash_pence = 1000;
  const auto [payer, paid] = pay(state, "d", {2, 600}, 99);
  ASSERT_EQ(paid.pence, 600);
  EXPECT_EQ(give_back(payer, "other").cash_pence, 400);
  const shopper refunded = give_back(payer, "d");
  EXPECT_EQ(refunded.cash_pence, 1000);
  EXPECT_EQ(give_back(refunded, "d").cash_pence, 1000);
  past_talk over;
  over.deal = "d";
  EXPECT_EQ(give_back(remember(payer, over), "d").cash_pence, 400) << "the deal is over";
}

TEST(BuyerRules, RememberTheLatestTalksOnly) {
  shopper buyer = new_shopper();
  for (int i = 0; i < 30; ++i) buyer = remember(std::move(buyer), {std::to_string(i), "", 0, 0, outcome::rejected});
  ASSERT_EQ(buyer.history.size(), remembered_max);
  EXPECT_EQ(buyer.history.back().deal, "29");
  EXPECT_EQ(buyer.ended.at("rejected"), 30) << "the counts are of all";
}

}  // namespace
}  // namespace marketplace
