#include "actors/deal_settlement.hpp"

#include <utility>

#include "actors/buyer.hpp"
#include "actors/seller.hpp"

namespace marketplace {

using troupe::saga_attempt;
using troupe::task;

void deal_settlement::begin(std::string buyer, past_talk agreed) {
  agreement terms;
  terms.buyer = std::move(buyer);
  terms.talked = std::move(agreed);
  settling_.begin(key(), std::move(terms));
}

task<void> deal_settlement::on_activate() {
  settling_.go_on();
  return {};
}

task<void> deal_settlement::on_reminder(troupe::reminder_tick tick) {
  settling_.on_reminder(tick);
  return {};
}

void deal_settlement::open(saga_attempt) {}

// The last that is undone: by now it is known how the deal ended.
task<void> deal_settlement::conclude_without_goods(saga_attempt attempt) {
  const delivery nothing;
  co_await attempt.with(ref<buyer>(settling_->buyer)).call<&buyer::conclude>(settling_->talked, nothing);
}

task<void> deal_settlement::reserve_goods(saga_attempt attempt) {
  const auto shop = attempt.with(ref<seller>(settling_->talked.seller));
  settling_.edit().set_aside = co_await shop.call<&seller::reserve_goods>(std::string(key()));
  if (settling_->set_aside.units > 0) co_return;
  settling_.edit().talked.ended = outcome::sold_out;
  attempt.refuse("somebody else was faster");
}

task<void> deal_settlement::put_goods_back(saga_attempt attempt) {
  co_await attempt.with(ref<seller>(settling_->talked.seller)).call<&seller::withdraw>(std::string(key()));
}

task<void> deal_settlement::pay(saga_attempt attempt) {
  const auto payer = attempt.with(ref<buyer>(settling_->buyer));
  settling_.edit().paid = co_await payer.call<&buyer::pay>(std::string(key()), settling_->set_aside);
  if (settling_->paid.pence > 0) co_return;
  settling_.edit().talked.ended = outcome::payment_failed;
  attempt.refuse("the card was declined");
}

task<void> deal_settlement::give_money_back(saga_attempt attempt) {
  co_await attempt.with(ref<buyer>(settling_->buyer)).call<&buyer::give_back>(std::string(key()));
}

task<void> deal_settlement::collect(saga_attempt attempt) {
  co_await attempt.with(ref<seller>(settling_->talked.seller)).call<&seller::take_payment>(settling_->paid);
}

task<void> deal_settlement::ship(saga_attempt attempt) {
  const auto shop = attempt.with(ref<seller>(settling_->talked.seller));
  settling_.edit().parcel = co_await shop.call<&seller::ship>(std::string(key()));
  if (settling_->parcel.units > 0) co_return;
  settling_.edit().talked.ended = outcome::delivery_failed;
  attempt.refuse("the parcel was lost");
}

task<void> deal_settlement::conclude(saga_attempt attempt) {
  const auto target = attempt.with(ref<buyer>(settling_->buyer));
  co_await target.call<&buyer::conclude>(settling_->talked, settling_->parcel);
}

}  // namespace marketplace
