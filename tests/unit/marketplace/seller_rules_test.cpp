#include "negotiation/seller_rules.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

namespace marketplace {
namespace {

constexpr std::uint64_t parcel_arrives = 99;
constexpr std::uint64_t parcel_is_lost = 0;

// Ten units on the shelf, listed at 1,000 pence, floor at 660.
shop open_shop() {
  shop seller;
  seller.goods = {10, 10, 0};
  seller.pricing = {1000, 600, 10, 5, 20};
  return seller;
}

shop with_quote(std::int64_t units) { return make_offer(open_shop(), {"d", units}, 5).state; }
shop with_reservation(std::int64_t units) { return reserve_goods(with_quote(units), "d").state; }
shop with_payment(std::int64_t units) {
  shop seller = with_reservation(units);
  const std::int64_t total = seller.open_deals.at("d").total_pence();
  return take_payment(std::move(seller), {"d", total});
}

TEST(SellerRules, OfferTheListPriceGiveOrTakeFivePercent) {
  EXPECT_EQ(make_offer(open_shop(), {"d", 2}, 5).reply.unit_pence, 1000);
  EXPECT_EQ(make_offer(open_shop(), {"d", 2}, 0).reply.unit_pence, 950);
  EXPECT_EQ(make_offer(open_shop(), {"d", 2}, 10).reply.unit_pence, 1050);
}

TEST(SellerRules, GiveADiscountForBulkButNeverBelowTheFloor) {
  EXPECT_EQ(make_offer(open_shop(), {"d", 5}, 5).reply.unit_pence, 800);
  shop seller = open_shop();
  seller.pricing.bulk_discount_percent = 90;
  EXPECT_EQ(make_offer(seller, {"d", 5}, 5).reply.unit_pence, 660);
}

TEST(SellerRules, OfferNoMoreThanIsOnTheShelf) {
  const auto [seller, quoted] = make_offer(open_shop(), {"d", 50}, 5);
  EXPECT_EQ(quoted.units, 10);
  EXPECT_EQ(seller.open_deals.at("d").units, 10);
}

TEST(SellerRules, OpenNoDealWhenSoldOut) {
  shop seller = open_shop();
  seller.goods.on_shelf = 0;
  const auto [after, quoted] = make_offer(seller, {"d", 1}, 5);
  EXPECT_EQ(quoted.units, 0);
  EXPECT_TRUE(after.open_deals.empty());
  EXPECT_THROW((void)make_offer(open_shop(), {"d", 0}, 5), std::invalid_argument);
}

TEST(SellerRules, AgreeToACloseCounterOffer) {
  EXPECT_EQ(evaluate_counter(with_quote(2), {"d", 900}, 99).reply.unit_pence, 900);
  EXPECT_EQ(evaluate_counter(with_quote(2), {"d", 1200}, 99).reply.unit_pence, 1000) << "never more than was quoted";
}

TEST(SellerRules, MeetALowCounterOfferHalfWayOrAgreeByLuck) {
  EXPECT_EQ(evaluate_counter(with_quote(2), {"d", 800}, 99).reply.unit_pence, 900);
  EXPECT_EQ(evaluate_counter(with_quote(2), {"d", 800}, 0).reply.unit_pence, 800);
}

TEST(SellerRules, NeverGoBelowTheMargin) {
  EXPECT_EQ(evaluate_counter(with_quote(2), {"d", 650}, 0).reply.unit_pence, 825);
  EXPECT_EQ(evaluate_counter(with_quote(2), {"d", 1}, 0).reply.unit_pence, 660);
}

TEST(SellerRules, SetGoodsAside) {
  const auto [seller, set_aside] = reserve_goods(with_quote(3), "d");
  EXPECT_EQ(set_aside.units, 3);
  EXPECT_EQ(set_aside.total_pence, 3000);
  EXPECT_EQ(seller.goods.on_shelf, 7);
  EXPECT_EQ(seller.goods.reserved, 3);
}

TEST(SellerRules, CloseTheDealWhenSomebodyElseWasFaster) {
  shop seller = with_quote(3);
  seller.goods.on_shelf = 2;
  const auto [after, set_aside] = reserve_goods(seller, "d");
  EXPECT_EQ(set_aside.units, 0);
  EXPECT_TRUE(after.open_deals.empty());
  EXPECT_EQ(after.past_deals.back().ended, outcome::sold_out);
}

TEST(SellerRules, TakeExactlyTheAgreedAmount) {
  EXPECT_THROW((void)take_payment(with_reservation(3), {"d", 2999}), std::invalid_argument);
  EXPECT_EQ(take_payment(with_reservation(3), {"d", 3000}).cash_pence, 3000);
}

TEST(SellerRules, ShipAndCloseTheDeal) {
  const auto [seller, parcel] = ship(with_payment(3), "d", parcel_arrives);
  EXPECT_EQ(parcel.units, 3);
  EXPECT_EQ(parcel.total_pence, 3000);
  EXPECT_EQ(seller.goods.reserved, 0);
  EXPECT_TRUE(seller.open_deals.empty());
  EXPECT_EQ(seller.past_deals.back().ended, outcome::settled);
}

TEST(SellerRules, KeepTheDealOpenWhenTheParcelIsLost) {
  const auto [seller, parcel] = ship(with_payment(3), "d", parcel_is_lost);
  EXPECT_EQ(parcel.units, 0);
  EXPECT_EQ(seller.open_deals.size(), 1U);
}

TEST(SellerRules, CompensateGivesGoodsAndMoneyBack) {
  const auto [seller, back] = compensate(with_payment(3), "d");
  EXPECT_EQ(back.pence, 3000);
  EXPECT_EQ(seller.cash_pence, 0);
  EXPECT_EQ(seller.goods.on_shelf, 10);
  EXPECT_EQ(seller.goods.reserved, 0);
  EXPECT_EQ(seller.past_deals.back().ended, outcome::delivery_failed);
}

TEST(SellerRules, CompensateOfAnUnpaidDealGivesBackNoMoney) {
  const auto [seller, back] = compensate(with_reservation(3), "d");
  EXPECT_EQ(back.pence, 0);
  EXPECT_EQ(seller.goods.on_shelf, 10);
  EXPECT_EQ(seller.past_deals.back().ended, outcome::payment_failed);
}

TEST(SellerRules, WithdrawADealHoweverFarItIs) {
  EXPECT_EQ(withdraw(with_payment(3), "d").reply.pence, 3000);
  EXPECT_EQ(withdraw(with_reservation(3), "d").state.goods.on_shelf, 10);
  const shop quoted = withdraw(with_quote(3), "d").state;
  EXPECT_TRUE(quoted.open_deals.empty());
  EXPECT_EQ(quoted.past_deals.back().ended, outcome::rejected);
  EXPECT_EQ(nlohmann::json(withdraw(quoted, "d").state), nlohmann::json(quoted)) << "it is not open any more";
}

TEST(SellerRules, RefuseAStepOutOfTurn) {
  EXPECT_THROW((void)walk_away(open_shop(), "d"), std::logic_error);
  EXPECT_THROW((void)walk_away(with_reservation(1), "d"), std::logic_error);
  EXPECT_THROW((void)evaluate_counter(with_reservation(1), {"d", 900}, 0), std::logic_error);
  EXPECT_THROW((void)reserve_goods(with_reservation(1), "d"), std::logic_error);
  EXPECT_THROW((void)take_payment(with_quote(1), {"d", 1000}), std::logic_error);
  EXPECT_THROW((void)ship(with_reservation(1), "d", parcel_arrives), std::logic_error);
  EXPECT_THROW((void)compensate(with_quote(1), "d"), std::logic_error);
}

TEST(SellerRules, RememberTheLatestDealsOnly) {
  shop seller = open_shop();
  for (int i = 0; i < 30; ++i) {
    const std::string deal = std::to_string(i);
    seller = walk_away(make_offer(std::move(seller), {deal, 1}, 5).state, deal);
  }
  ASSERT_EQ(seller.past_deals.size(), remembered_max);
  EXPECT_EQ(seller.past_deals.front().deal, "10");
  EXPECT_EQ(seller.past_deals.back().deal, "29");
}

}  // namespace
}  // namespace marketplace
