// Buyers and sellers together, without actors: whatever the dice say, money and goods are conserved.

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "negotiation/buyer_rules.hpp"
#include "negotiation/conservation.hpp"
#include "negotiation/dice.hpp"
#include "negotiation/market.hpp"
#include "negotiation/seller_rules.hpp"

namespace marketplace {
namespace {

using enum negotiation_step;

// One negotiation that is advanced step by step, so that many can be interleaved.
struct talk {
  std::string deal;
  shopper* buyer = nullptr;
  shop* seller = nullptr;
  std::string seller_key;
  negotiation_step next = receive_offer;
  offer quoted = {};
  appraisal view = {};
  reservation set_aside = {};
  bool is_over = false;
  outcome ended = outcome::rejected;
};

class negotiation_table {
 public:
  negotiation_table(std::uint64_t seed, std::int64_t buyers, std::int64_t sellers) : market_{seed, buyers, sellers} {
    for (std::int64_t i = 1; i <= buyers; ++i) buyers_.push_back(market_.equip_shopper(market::buyer_key(i)));
    for (std::int64_t i = 1; i <= sellers; ++i) {
      sellers_[market::seller_key(i)] = market_.stock_shop(market::seller_key(i));
    }
  }

  // One round: every buyer negotiates once, the steps of all interleaved as the seed says.
  void run_round(std::int64_t round) {
    std::vector<talk> talks;
    for (std::size_t i = 0; i < buyers_.size(); ++i) {
      const std::string deal = deal_name(market::buyer_key(static_cast<std::int64_t>(i) + 1), round);
      const errand trip = choose_errand(buyers_[i], roll(deal, request_quote));
      talks.push_back({deal, &buyers_[i], &sellers_.at(trip.seller), trip.seller});
      talks.back().quoted.units = trip.units;
    }
    for (std::uint64_t turn = 0; !talks.empty(); ++turn) {
      const std::size_t chosen = draw(market_.seed, "turn-" + std::to_string(turn), settle) % talks.size();
      advance(talks[chosen]);
      check();
      if (!talks[chosen].is_over) continue;
      seen_.insert(talks[chosen].ended);
      talks.erase(talks.begin() + static_cast<std::ptrdiff_t>(chosen));
    }
  }

  [[nodiscard]] conservation sums() const {
    conservation sum;
    for (const shopper& buyer : buyers_) sum.add(buyer);
    for (const auto& [key, seller] : sellers_) sum.add(seller);
    return sum;
  }

  [[nodiscard]] const std::set<outcome>& seen() const { return seen_; }

 private:
  [[nodiscard]] std::uint64_t roll(const std::string& deal, negotiation_step step) const {
    return draw(market_.seed, deal, step);
  }

  static void end(talk& t, outcome ended) {
    t.is_over = true;
    t.ended = ended;
  }

  void advance(talk& t) {
    const std::uint64_t random = roll(t.deal, t.next);
    switch (t.next) {
      case receive_offer: {
        const auto [state, reply] = make_offer(*t.seller, {t.deal, t.quoted.units}, random);
        *t.seller = state;
        t.quoted = reply;
        t.next = analyse_margin;
        if (reply.units == 0) end(t, outcome::sold_out);
        return;
      }
      case analyse_margin:
        t.view = marketplace::analyse_margin(*t.buyer, t.quoted, random);
        t.next = t.view.says == appraisal::verdict::take ? reserve_goods : evaluate_counter;
        if (t.view.says == appraisal::verdict::walk_away) reject(t);
        return;
      case evaluate_counter: {
        const auto [state, word] = marketplace::evaluate_counter(*t.seller, {t.deal, t.view.worth_pence}, random);
        *t.seller = state;
        t.next = reserve_goods;
        if (!accepts(*t.buyer, t.view, t.quoted.units, word, roll(t.deal, accept_or_reject))) reject(t);
        return;
      }
      case reserve_goods: {
        const auto [state, reply] = marketplace::reserve_goods(*t.seller, t.deal);
        *t.seller = state;
        t.set_aside = reply;
        t.next = negotiation_step::pay;
        if (reply.units == 0) end(t, outcome::sold_out);
        return;
      }
      case negotiation_step::pay: {
        const auto [state, paid] = marketplace::pay(*t.buyer, t.deal, t.set_aside, random);
        *t.buyer = state;
        t.next = paid.pence == 0 ? negotiation_step::compensate : settle;
        if (paid.pence > 0) *t.seller = take_payment(*t.seller, paid);
        return;
      }
      case settle: {
        const auto [state, parcel] = ship(*t.seller, t.deal, random);
        *t.seller = state;
        *t.buyer = receive(*t.buyer, t.seller_key, parcel);
        t.next = negotiation_step::compensate;
        if (parcel.units > 0) end(t, outcome::settled);
        return;
      }
      default: {
        const auto [state, back] = marketplace::compensate(*t.seller, t.deal);
        *t.seller = state;
        *t.buyer = take_refund(*t.buyer, back);
        end(t, back.pence > 0 ? outcome::delivery_failed : outcome::payment_failed);
        return;
      }
    }
  }

  static void reject(talk& t) {
    *t.seller = walk_away(*t.seller, t.deal);
    end(t, outcome::rejected);
  }

  void check() const {
    const conservation sum = sums();
    ASSERT_EQ(sum.money_entered_pence, sum.money_held_pence);
    ASSERT_EQ(sum.goods_entered, sum.goods_held);
    for (const shopper& buyer : buyers_) ASSERT_GE(buyer.cash_pence, 0);
    for (const auto& [key, seller] : sellers_) {
      ASSERT_GE(seller.goods.on_shelf, 0);
      ASSERT_GE(seller.goods.reserved, 0);
    }
  }

  market market_;
  std::vector<shopper> buyers_;
  std::map<std::string, shop> sellers_;
  std::set<outcome> seen_;
};

TEST(Negotiation, ConservesMoneyAndGoodsAfterEveryStepOfAnyInterleaving) {
  std::set<outcome> seen;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    negotiation_table table(seed, 12, 3);
    for (std::int64_t round = 1; round <= 10; ++round) ASSERT_NO_FATAL_FAILURE(table.run_round(round));
    EXPECT_TRUE(table.sums().holds());
    EXPECT_GT(table.sums().money_held_pence, 0);
    seen.insert(table.seen().begin(), table.seen().end());
  }
  EXPECT_EQ(seen.size(), 5U) << "every outcome is reached";
}

TEST(Negotiation, OfASeedIsAlwaysTheSame) {
  const market one{7, 10, 10};
  EXPECT_EQ(nlohmann::json(one.equip_shopper("buyer-3")), nlohmann::json(one.equip_shopper("buyer-3")));
  EXPECT_NE(nlohmann::json(one.equip_shopper("buyer-3")), nlohmann::json(one.equip_shopper("buyer-4")));
  EXPECT_NE(nlohmann::json(one.stock_shop("seller-1")), nlohmann::json(market{8, 10, 10}.stock_shop("seller-1")));
  EXPECT_EQ(draw(1, "d", settle), draw(1, "d", settle));
  EXPECT_NE(draw(1, "d", settle), draw(1, "d", compensate));
}

TEST(Negotiation, NamesItsTenSteps) {
  EXPECT_EQ(to_string(request_quote), "request_quote");
  EXPECT_EQ(to_string(compensate), "compensate");
  EXPECT_EQ(static_cast<int>(compensate), 10);
}

TEST(Conservation, FailsWhenSomethingIsLostOrLeftOpen) {
  shop seller;
  seller.goods = {10, 10, 0};
  conservation fine;
  fine.add(seller);
  EXPECT_TRUE(fine.holds());

  seller.goods.on_shelf = 9;
  conservation goods_lost;
  goods_lost.add(seller);
  EXPECT_FALSE(goods_lost.holds());

  seller.goods.reserved = 1;
  conservation still_reserved;
  still_reserved.add(seller);
  EXPECT_FALSE(still_reserved.holds());

  shopper buyer;
  buyer.budget_pence = 100;
  buyer.cash_pence = 99;
  conservation money_lost;
  money_lost.add(buyer);
  EXPECT_FALSE(money_lost.holds());

  buyer = {};
  buyer.last_round = 1;
  conservation round_without_end;
  round_without_end.add(buyer);
  EXPECT_FALSE(round_without_end.holds());
}

}  // namespace
}  // namespace marketplace
