#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <troupe/saga/saga.hpp>
#include <troupe/troupe.hpp>

#include "negotiation/messages.hpp"
#include "negotiation/shopper.hpp"

namespace marketplace {

/// What a settlement is about, and how far it is.
struct agreement {
  std::string buyer;
  past_talk talked;       ///< `ended` says how it ends
  reservation set_aside;  ///< 0 units: nothing yet
  payment paid;           ///< 0 pence: nothing yet
  delivery parcel;        ///< 0 units: not shipped
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(agreement, buyer, talked, set_aside, paid, parcel)

/// Settles one deal, whose name is its key: goods are set aside, the buyer pays, the seller ships. Each may fail, and
/// then goods and money go back to where they were: a saga, see `troupe::saga`.
///
/// Failures that may pass are tried again for ever, so a step is undone only when it was refused. Nothing is refused
/// behind the shipping.
class deal_settlement : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "settlement";
  static constexpr std::chrono::minutes idle_timeout{1};

  /// Begins to settle what `buyer` agreed to; doing so again changes nothing.
  void begin(std::string buyer, past_talk agreed);

  /// How far it is.
  troupe::saga_status status() const { return settling_.status(); }

  troupe::task<void> on_activate() override;
  troupe::task<void> on_reminder(troupe::reminder_tick tick) override;

  using methods = troupe::methods<&deal_settlement::begin, &deal_settlement::status>;

 private:
  static constexpr std::chrono::milliseconds for_ever = std::chrono::hours(24) * 3650;
  static constexpr troupe::saga_policy patience{.step_time = for_ever, .compensation_time = for_ever};

  void open(troupe::saga_attempt attempt);
  troupe::task<void> conclude_without_goods(troupe::saga_attempt attempt);
  troupe::task<void> reserve_goods(troupe::saga_attempt attempt);
  troupe::task<void> put_goods_back(troupe::saga_attempt attempt);
  troupe::task<void> pay(troupe::saga_attempt attempt);
  troupe::task<void> give_money_back(troupe::saga_attempt attempt);
  troupe::task<void> collect(troupe::saga_attempt attempt);
  troupe::task<void> ship(troupe::saga_attempt attempt);
  troupe::task<void> conclude(troupe::saga_attempt attempt);

  troupe::saga<agreement, troupe::saga_step<"open", &deal_settlement::open, &deal_settlement::conclude_without_goods>,
               troupe::saga_step<"reserve_goods", &deal_settlement::reserve_goods, &deal_settlement::put_goods_back>,
               troupe::saga_step<"pay", &deal_settlement::pay, &deal_settlement::give_money_back>,
               troupe::saga_step<"collect", &deal_settlement::collect>,
               troupe::saga_step<"ship", &deal_settlement::ship>,
               troupe::saga_step<"conclude", &deal_settlement::conclude>>
      settling_{*this, "settling", patience};
};

}  // namespace marketplace
