#include "negotiation/conservation.hpp"

#include <numeric>

namespace marketplace {

void conservation::add(const shopper& buyer) {
  money_entered_pence += buyer.budget_pence;
  money_held_pence += buyer.cash_pence;
  for (const auto& [seller, units] : buyer.cart) goods_held += units;
  rounds_over += buyer.last_round;
  for (const auto& [way, count] : buyer.ended) ended[way] += count;
}

void conservation::add(const shop& seller) {
  goods_entered += seller.goods.supplied;
  goods_held += seller.goods.on_shelf + seller.goods.reserved;
  money_held_pence += seller.cash_pence;
  goods_reserved += seller.goods.reserved;
  deals_open += static_cast<std::int64_t>(seller.open_deals.size());
}

std::int64_t conservation::negotiations() const noexcept {
  return std::accumulate(ended.begin(), ended.end(), std::int64_t{0},
                         [](std::int64_t sum, const auto& way) { return sum + way.second; });
}

bool conservation::holds() const noexcept {
  return money_entered_pence == money_held_pence && goods_entered == goods_held && goods_reserved == 0 &&
         deals_open == 0 && negotiations() == rounds_over;
}

}  // namespace marketplace
