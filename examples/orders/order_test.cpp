#include "order.hpp"

#include <stdexcept>

#include <gtest/gtest.h>
#include <troupe/testing/scenario.hpp>
#include <troupe/testing/test_runtime.hpp>

#include "warehouse.hpp"

using namespace std::chrono_literals;
using troupe::testing::scenario;
using troupe::testing::test_runtime;

TEST(Order, ReservesWhatItNeedsAndWaitsForPayment) {
  scenario<order>("o1")
      .hosts<warehouse>()
      .given_for<warehouse>("cup", "stock", 5)
      .when<&order::place>("cup", 2)
      .then_succeeds()
      .then_state("order", order_state{"cup", 2, "open"})
      .then_state_of<warehouse>("cup", "stock", 3)
      .then_sends<&warehouse::reserve>("cup", 2)
      .then_reminder("expire", 15min);
}

TEST(Order, LeavesNoTraceWhenTheStockIsTooLow) {
  scenario<order>("o1")
      .hosts<warehouse>()
      .given_for<warehouse>("cup", "stock", 1)
      .when<&order::place>("cup", 2)
      .then_throws<std::out_of_range>("only 1 in stock")
      .then_no_state("order")
      .then_no_reminder("expire")
      .then_state_of<warehouse>("cup", "stock", 1);
}

TEST(Order, GivesBackWhatNobodyPaysFor) {
  scenario<order>("o1")
      .hosts<warehouse>()
      .given("order", order_state{"cup", 2, "open"})
      .given_reminder("expire", 15min)
      .when_reminder("expire")
      .then_state("order", order_state{"cup", 2, "expired"})
      .then_sends<&warehouse::deliver>("cup", 2);
}

TEST(Order, ReservesOnceWhenACrashLosesItsOwnCommit) {
  test_runtime rt;
  rt.host<order>();
  rt.host<warehouse>();
  rt.ref<warehouse>("cup").call<&warehouse::deliver>(5).get();

  // The order's own commit never reaches the store: the machine dies between the two actors.
  rt.store().set_plan([](const troupe::testing::operation_info& operation) {
    troupe::testing::fault fault;
    const bool of_order = !operation.records.empty() && operation.records[0].actor.type == "order";
    if (of_order) fault.when = troupe::testing::fault::hold::before;
    return fault;
  });
  rt.ref<order>("o1").call<&order::place>("cup", 2)([](const std::exception_ptr&) {});
  rt.settle();
  rt.crash();

  EXPECT_EQ(rt.ref<order>("o1").call<&order::show>().get().status, "new");
  rt.ref<order>("o1").call<&order::place>("cup", 2).get();
  EXPECT_EQ(rt.ref<warehouse>("cup").call<&warehouse::stock>().get(), 3);
}
