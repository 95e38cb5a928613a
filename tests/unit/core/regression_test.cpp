#include <stdexcept>

#include <gtest/gtest.h>

#include "troupe/core/host.hpp"
#include "troupe/core/state.hpp"
#include "troupe/testing/test_runtime.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;

class ledger : public actor {
 public:
  static constexpr std::string_view actor_type = "ledger";

  int add(int n) { return total_.edit() += n; }
  int add_then_throw(int n) {
    total_.edit() += n;
    throw std::runtime_error("refused");
  }
  using methods = troupe::methods<&ledger::add, &ledger::add_then_throw>;

 private:
  state<int> total_{*this, "total"};
};

/// The collector came by while the actor read its state again, and never looked at it afterwards.
TEST(Regression, ActorThatWasIdleDuringItsRollbackStillLeavesMemory) {
  testing::test_runtime rt;
  rt.host<ledger>({.idle_timeout = 1s});
  const auto a = rt.ref<ledger>("a");
  a.call<&ledger::add>(1).get();
  rt.store().set_plan([](const testing::operation_info& operation) {
    testing::fault fault;
    if (operation.kind == testing::store_operation::load) fault.when = testing::fault::hold::before;
    return fault;
  });
  EXPECT_THROW(a.call<&ledger::add_then_throw>(1).get(), std::runtime_error);
  rt.advance(2s);
  EXPECT_EQ(rt.counters().resident_actors, 1U);
  rt.store().set_plan({});
  rt.store().release_all();
  rt.advance(5s);
  EXPECT_EQ(rt.counters().resident_actors, 0U);
}

}  // namespace
}  // namespace troupe
