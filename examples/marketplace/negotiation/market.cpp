#include "negotiation/market.hpp"

#include <utility>

#include "negotiation/dice.hpp"

namespace marketplace {
namespace {

// The random numbers of one participant's equipment, one after the other.
class equipment_dice {
 public:
  equipment_dice(std::uint64_t seed, std::string key) : seed_(seed), key_(std::move(key)) {}

  std::int64_t between(std::int64_t low, std::int64_t high) {
    const std::string label = key_ + "/equipment-" + std::to_string(++drawn_);
    return marketplace::between(low, high, draw(seed_, label, negotiation_step::request_quote));
  }

 private:
  std::uint64_t seed_;
  std::string key_;
  int drawn_ = 0;
};

}  // namespace

shopper market::equip_shopper(const std::string& key) const {
  constexpr int favourites = 8;
  equipment_dice dice(seed, key);
  shopper buyer;
  buyer.market_seed = seed;
  for (int i = 0; i < favourites; ++i) {
    buyer.likes.favourite_sellers.push_back(seller_key(dice.between(1, sellers)));
  }
  buyer.likes.units_max = dice.between(2, 24);
  buyer.likes.worth_percent_low = dice.between(60, 80);
  buyer.likes.worth_percent_high = dice.between(100, 130);
  buyer.likes.generosity_percent = static_cast<std::uint64_t>(dice.between(10, 60));
  buyer.budget_pence = dice.between(20'000, 200'000);
  buyer.cash_pence = buyer.budget_pence;
  return buyer;
}

shop market::stock_shop(const std::string& key) const {
  equipment_dice dice(seed, key);
  shop seller;
  seller.market_seed = seed;
  seller.goods.supplied = dice.between(20, 200);
  seller.goods.on_shelf = seller.goods.supplied;
  seller.pricing.list_pence = dice.between(85, 2'500);
  seller.pricing.cost_pence = seller.pricing.list_pence * dice.between(45, 75) / 100;
  seller.pricing.margin_percent_min = dice.between(5, 25);
  seller.pricing.bulk_units = dice.between(8, 20);
  seller.pricing.bulk_discount_percent = dice.between(3, 12);
  return seller;
}

}  // namespace marketplace
