#pragma once

#include <stdexcept>
#include <string>

#include <troupe/troupe.hpp>

#include "warehouse.hpp"

struct order_state {
  std::string item;
  int count = 0;
  std::string status = "new";
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(order_state, item, count, status)

/// One order, named by its number. Unpaid after a quarter of an hour, it gives back what it reserved.
class order : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "order";
  static constexpr std::chrono::minutes time_to_pay{15};

  troupe::task<void> place(std::string item, int count) {
    if (order_->status != "new") throw std::invalid_argument("this order was placed before");
    auto shelf = ref<warehouse>(item).with({.idempotency_key = "reserve for " + std::string(key())});
    co_await shelf.call<&warehouse::reserve>(count);
    order_.set({item, count, "open"});
    schedule_reminder("expire", {.due_in = time_to_pay});
  }

  void pay() {
    if (order_->status != "open") throw std::invalid_argument("this order is " + order_->status);
    order_.edit().status = "paid";
    cancel_reminder("expire");
  }

  order_state show() const { return *order_; }

  troupe::task<void> on_reminder(troupe::reminder_tick) override {
    auto shelf = ref<warehouse>(order_->item).with({.idempotency_key = "give back from " + std::string(key())});
    co_await shelf.call<&warehouse::deliver>(order_->count);
    order_.edit().status = "expired";
  }

  using methods = troupe::methods<&order::place, &order::pay, &order::show>;

 private:
  troupe::state<order_state> order_{*this, "order"};
};
