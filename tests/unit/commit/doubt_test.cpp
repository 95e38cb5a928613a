#include <gtest/gtest.h>

#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// What callers are told of a commit that was tried more than once.
class Doubt : public ::testing::Test {
 protected:
  Doubt() {
    rt.host<ledger>();
    a().call<&ledger::read>().get();
  }
  [[nodiscard]] actor_ref<ledger> a() { return rt.ref<ledger>("a"); }

  /// Lets the first commit fare as `one` says, and those behind it as `others` says.
  void plan(fault::outcome one, fault::outcome others) {
    rt.store().set_plan([=, tries = 0](const operation_info& operation) mutable {
      if (operation.kind != store_operation::commit) return fault{};
      return fault{.what = ++tries == 1 ? one : others};
    });
  }

  /// Two turns of one actor, of which the second waits behind the commit of the first.
  void add_twice() {
    a().call<&ledger::add>(1)(first.sink());
    a().call<&ledger::add>(1)(second.sink());
    rt.advance(1min);
  }
  answer first;
  answer second;  // both before rt, whose end answers
  test_runtime rt;
};

TEST_F(Doubt, IsToldInTheSameWordsAsInTheEffect) {
  for (const auto last : {fault::outcome::conflict, fault::outcome::unavailable, fault::outcome::lost_call}) {
    plan(fault::outcome::lost_answer, last);
    first = {};
    second = {};
    add_twice();
    const error why = error_in(first.failure);
    EXPECT_EQ(why.kind(), errc::commit_unknown);
    EXPECT_EQ(why.effect(), effect::unknown);
    EXPECT_TRUE(has(why, "it is not known whether its turn was committed")) << why.what();
    EXPECT_TRUE(has(why, "may have happened")) << why.what();
    EXPECT_FALSE(has(why, "was not committed")) << why.what();
    if (last != fault::outcome::lost_call) {
      EXPECT_TRUE(has(why, "one try got no clear answer")) << why.what();
    }
    const error behind = error_in(second.failure);
    EXPECT_EQ(behind.effect(), effect::none);
    EXPECT_TRUE(has(behind, "nothing of it was kept")) << behind.what();
    EXPECT_FALSE(has(behind, "was not committed")) << behind.what();
  }
}

TEST_F(Doubt, IsNotToldWhereThereIsNone) {
  plan(fault::outcome::unavailable, fault::outcome::conflict);
  add_twice();
  const error why = error_in(first.failure);
  EXPECT_EQ(why.kind(), errc::conflict);
  EXPECT_EQ(why.effect(), effect::none);
  EXPECT_TRUE(has(why, "its turn was not committed") && has(why, "nothing of the turn was kept")) << why.what();
  EXPECT_TRUE(has(error_in(second.failure), "an earlier turn was not committed"));
}

}  // namespace
}  // namespace troupe::testing
