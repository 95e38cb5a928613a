#include "troupe/testing/scenario.hpp"

#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;

struct inventory {
  int stock = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(inventory, stock)

class buyer : public actor {
 public:
  static constexpr std::string_view actor_type = "buyer";
  void shipped(std::string item, int units) { shelf_.edit()[item] += units; }
  using methods = troupe::methods<&buyer::shipped>;

 private:
  state<std::map<std::string, int>> shelf_{*this, "shelf"};
};

class seller : public actor {
 public:
  static constexpr std::string_view actor_type = "seller";
  static constexpr durability persistence = durability::on_deactivate();

  int sell(std::string to, int units) {
    if (units > stock_->stock) throw std::out_of_range("only " + std::to_string(stock_->stock) + " left");
    stock_.edit().stock -= units;
    ref<buyer>(to).tell<&buyer::shipped>("cup", units);
    schedule_reminder("restock", {.due_in = 1h, .due_at = {}, .period = 2h, .data = 10});
    return stock_->stock;
  }
  void close() { cancel_reminder("restock"); }
  std::string greet(std::string name) const { return "hello " + name; }
  task<void> on_reminder(reminder_tick tick) override {
    if (tick.data.is_null()) throw std::invalid_argument("no amount");
    stock_.edit().stock += tick.data.get<int>();
    co_return;
  }

  using methods = troupe::methods<&seller::sell, &seller::close, &seller::greet>;

 private:
  state<inventory> stock_{*this, "inventory"};
};

template <class Step>
std::string failure_of(Step step) {
  try {
    step();
  } catch (const scenario_failure& failure) {
    return failure.what();
  }
  return "no failure";
}

/// A seller of five cups who sold two.
struct sold {
  scenario<seller> acme{"acme"};
  sold() { acme.hosts<buyer>().given("inventory", inventory{.stock = 5}).when<&seller::sell>("b1", 2); }
};

TEST(Scenario, StatesWhatACallDoes) {
  scenario<seller>("acme")
      .hosts<buyer>()
      .given("inventory", inventory{.stock = 5})
      .when<&seller::sell>("b1", 2)
      .then_reply(3)
      .then_state("inventory", inventory{.stock = 3})
      .then_sends<&buyer::shipped>("b1", "cup", 2)
      .then_sends_nothing_more()
      .then_state_of<buyer>("b1", "shelf", std::map<std::string, int>{{"cup", 2}})
      .then_reminder("restock", 1h, 2h, 10)
      .when<&seller::greet>("you")
      .then_reply("hello you")
      .then_nothing_changed()
      .when<&seller::close>()
      .then_succeeds()
      .then_no_reminder("restock");
}

TEST(Scenario, StatesThatARefusedCallChangesNothing) {
  scenario<seller>("acme")
      .hosts<buyer>()
      .given("inventory", inventory{.stock = 1})
      .given_reminder("restock", 5min, 0ms, 4)
      .when<&seller::sell>("b1", 2)
      .then_throws<std::out_of_range>("only 1 left")
      .then_throws<std::logic_error>()
      .then_fails("left")
      .then_nothing_changed();
}

TEST(Scenario, StatesWhatAReminderTickDoes) {
  const wall_time noon = manual_clock::default_start + 12h;
  scenario<seller>("acme")
      .given_time(noon)
      .given_reminder("restock", 24h, 2h, 10)
      .when_reminder("restock")
      .then_succeeds()
      .then_state("inventory", inventory{.stock = 10})
      .then_reminder("restock", 2h, 2h)
      .when_time_passes(4h)
      .then_state("inventory", inventory{.stock = 30});
}

TEST(Scenario, TellsHowATickFailed) {
  scenario<seller> acme("acme");
  acme.given_reminder("restock", 1h).when_reminder("restock").then_fails("no amount").then_no_state("inventory");
  EXPECT_THAT(failure_of([&] { acme.then_succeeds(); }), HasSubstr("a reminder of seller/acme failed: no amount"));
  EXPECT_THAT(failure_of([&] { acme.then_throws<std::invalid_argument>(); }), HasSubstr("by its message only"));
  EXPECT_THAT(failure_of([&] { acme.then_throws<std::range_error>("amount"); }),
              HasSubstr("expected: std::range_error that says \"amount\""));
}

TEST(Scenario, ReadsRowsOfOlderPrograms) {
  scenario<seller>("acme")
      .given_row("inventory", 1, R"({"stock":7,"colour":"red"})")
      .hosts<buyer>()
      .when<&seller::sell>("b1", 1)
      .then_reply(6);
}

TEST(Scenario, RunsACallWithAnIdempotencyKeyOnce) {
  scenario<seller>("acme")
      .hosts<buyer>()
      .given("inventory", inventory{.stock = 5})
      .when_with<&seller::sell>({.idempotency_key = "k"}, "b1", 2)
      .then_reply(3)
      .when_with<&seller::sell>({.idempotency_key = "k"}, "b1", 2)
      .then_reply(3)
      .then_nothing_changed();
}

class echo : public actor {
 public:
  static constexpr std::string_view actor_type = "echo";
  explicit echo(std::string prefix) : prefix_(std::move(prefix)) {}
  std::string say(std::string text) { return prefix_ + text; }
  task<std::string> relay(std::string to, std::string text) { co_return co_await ref<echo>(to).call<&echo::say>(text); }
  using methods = troupe::methods<&echo::say, &echo::relay>;

 private:
  std::string prefix_;
};

TEST(Scenario, MakesActorsByFactoriesAndSeesTheCallsTheyAwait) {
  scenario<echo>("a", {}, [] { return std::make_unique<echo>("> "); })
      .when<&echo::relay>("b", "hi")
      .then_reply("> hi")
      .then_sends<&echo::say>("b", "hi")
      .then_sends_nothing_more();
  scenario<seller>("acme")
      .hosts<echo>([] { return std::make_unique<echo>(""); })
      .when<&seller::greet>("you")
      .then_reply("hello you");
}

TEST(Scenario, ShowsExpectedAndFoundReply) {
  sold s;
  const int line = __LINE__ + 1;
  const std::string failure = failure_of([&] { s.acme.then_reply(4); });
  EXPECT_EQ(failure, std::string(__FILE__) + ":" + std::to_string(line) +
                         ": scenario of seller/acme, when sell[\"b1\",2]:\n"
                         "  expected: the call returned 4\n"
                         "  found:    the call returned 3");
}

TEST(Scenario, ShowsExpectedAndFoundState) {
  sold s;
  EXPECT_THAT(failure_of([&] { s.acme.then_state("inventory", inventory{.stock = 4}); }),
              AllOf(HasSubstr("expected: state \"inventory\" {\"stock\":4}"),
                    HasSubstr("found:    state \"inventory\" {\"stock\":3}")));
  EXPECT_THAT(failure_of([&] { s.acme.then_no_state("inventory"); }), HasSubstr("expected: no state \"inventory\""));
  EXPECT_THAT(failure_of([&] { s.acme.then_state_of<buyer>("b2", "shelf", 1); }),
              HasSubstr("found:    no state of buyer/b2"));
}

TEST(Scenario, ShowsExpectedAndFoundMessages) {
  sold s;
  EXPECT_THAT(failure_of([&] { s.acme.then_sends<&buyer::shipped>("b1", "cup", 3); }),
              AllOf(HasSubstr("expected: shipped[\"cup\",3] to buyer/b1"),
                    HasSubstr("found:    shipped[\"cup\",2] to buyer/b1")));
  EXPECT_THAT(failure_of([&] { s.acme.then_sends_nothing_more(); }), HasSubstr("shipped[\"cup\",2] to buyer/b1"));
  s.acme.then_sends<&buyer::shipped>("b1", "cup", 2);
  EXPECT_THAT(failure_of([&] { s.acme.then_sends<&buyer::shipped>("b1", "cup", 2); }), HasSubstr("no message"));
}

TEST(Scenario, ShowsExpectedAndFoundReminders) {
  sold s;
  EXPECT_THAT(failure_of([&] { s.acme.then_reminder("restock", 30min, 2h); }),
              AllOf(HasSubstr("expected: reminder \"restock\" due in 1800000 ms, then every 7200000 ms"),
                    HasSubstr("found:    reminder \"restock\" due in 3600000 ms, then every 7200000 ms")));
  EXPECT_THAT(failure_of([&] { s.acme.then_reminder("restock", 1h); }), HasSubstr("due in 3600000 ms, once"));
  EXPECT_THAT(failure_of([&] { s.acme.then_reminder("restock", 1h, 2h, 11); }), HasSubstr("with 11"));
  EXPECT_THAT(failure_of([&] { s.acme.then_no_reminder("restock"); }), HasSubstr("expected: no reminder \"restock\""));
  EXPECT_THAT(failure_of([&] { s.acme.when_reminder("bill"); }), HasSubstr("expected: reminder \"bill\""));
}

TEST(Scenario, ShowsWhatACallThrewInsteadOfTheExpected) {
  scenario<seller> acme("acme");
  acme.hosts<buyer>().when<&seller::sell>("b1", 2);
  EXPECT_THAT(failure_of([&] { acme.then_reply(0); }), HasSubstr("the call threw std::out_of_range: only 0 left"));
  EXPECT_THAT(failure_of([&] { acme.then_succeeds(); }), HasSubstr("std::out_of_range"));
  EXPECT_THAT(failure_of([&] { acme.then_throws<std::range_error>("only 0"); }),
              AllOf(HasSubstr("expected: std::range_error that says \"only 0\"\n"),
                    HasSubstr("found:    the call threw std::out_of_range: only 0 left")));
  EXPECT_THAT(failure_of([&] { acme.then_throws<std::out_of_range>("sold out"); }), HasSubstr("says \"sold out\""));
  EXPECT_THAT(failure_of([&] { acme.then_state("inventory", inventory{}); }), HasSubstr("outcome:  the call threw"));
}

TEST(Scenario, ShowsThatACallSucceededOrChangedSomething) {
  sold s;
  EXPECT_THAT(failure_of([&] { s.acme.then_throws<std::out_of_range>(); }), HasSubstr("expected: std::out_of_range\n"));
  EXPECT_THAT(failure_of([&] { s.acme.then_fails(); }), HasSubstr("expected: a failure"));
  EXPECT_THAT(failure_of([&] { s.acme.then_nothing_changed(); }),
              HasSubstr("as before state \"inventory\" {\"stock\":5}"));
}

template <class Step>
std::string misuse_of(Step step) {
  try {
    step();
  } catch (const std::logic_error& failure) {
    return failure.what();
  }
  return "no failure";
}

TEST(Scenario, RefusesCellsThatTheClassDoesNotHave) {
  sold s;
  const auto names_both = AllOf(HasSubstr("scenario_test.cpp:"), HasSubstr("seller/acme has no cell \"inventroy\""),
                                HasSubstr("it has these: inventory"));
  EXPECT_THAT(misuse_of([] { scenario<seller>("acme").given("inventroy", inventory{}); }), names_both);
  EXPECT_THAT(misuse_of([&] { s.acme.then_state("inventroy", inventory{}); }), names_both);
  EXPECT_THAT(misuse_of([&] { s.acme.then_no_state("inventroy"); }), names_both);
  EXPECT_THAT(misuse_of([&] { s.acme.then_state_of<buyer>("b1", "shelves", 1); }), HasSubstr("these: shelf"));
}

class cupboard : public actor {
 public:
  static constexpr std::string_view actor_type = "cupboard";
  explicit cupboard(int shelves) {
    if (shelves == 0) throw std::invalid_argument("no shelves");
  }
  int count() const { return *left_ + *right_; }
  using methods = troupe::methods<&cupboard::count>;

 private:
  state<int> left_{*this, "left"};
  state<int> right_{*this, "right"};
};

TEST(Scenario, CellsOfAClassAreListedInOrderAndUnknownWhenItsFactoryThrows) {
  const auto make = [](int shelves) { return [shelves] { return std::make_unique<cupboard>(shelves); }; };
  scenario<cupboard> a("a", {}, make(2));
  EXPECT_EQ(a.runtime().cells_of("cupboard"), (std::vector<std::string>{"left", "right"}));
  EXPECT_EQ(a.runtime().cells_of("larder"), std::nullopt);
  scenario<cupboard> b("b", {}, make(0));
  b.given("middle", 1).when<&cupboard::count>().then_fails("no shelves");
  EXPECT_EQ(b.runtime().cells_of("cupboard"), std::nullopt);
}

TEST(Scenario, RefusesCellsOfClassesThatAreHostedLater) {
  scenario<seller> acme("acme");
  acme.given_for<buyer>("b1", "shelves", 1).hosts<buyer>();
  EXPECT_THAT(misuse_of([&] { acme.when<&seller::close>(); }), HasSubstr("buyer/b1 has no cell \"shelves\""));
}

TEST(Scenario, TakesCellsOfOlderProgramsThatTheClassHasNoMore) {
  scenario<seller>("acme").given_row("prices", 1, "3").when<&seller::close>().then_state("prices", 3);
}

TEST(Scenario, FailureThatNoThenSpeaksOfIsAFailure) {
  const auto sell = [](scenario<seller>& acme) { acme.hosts<buyer>().when<&seller::sell>("b1", 2); };
  const auto unspoken = AllOf(HasSubstr("when sell[\"b1\",2]:\n  expected: a then that says how it fails"),
                              HasSubstr("found:    the call threw std::out_of_range: only 0 left"));
  EXPECT_THAT(failure_of([&] {
                scenario<seller> acme("acme");
                sell(acme);
              }),
              unspoken);
  EXPECT_THAT(failure_of([&] {
                scenario<seller> acme("acme");
                sell(acme);
                acme.when<&seller::close>();
              }),
              unspoken);
  EXPECT_THAT(failure_of([&] { scenario<seller>("acme").given_reminder("restock", 1h).when_reminder("restock"); }),
              HasSubstr("found:    a reminder of seller/acme failed: no amount"));
  EXPECT_EQ(failure_of([&] {
              scenario<seller> acme("acme");
              sell(acme);
              acme.then_nothing_changed();
            }),
            "no failure");
}

TEST(Scenario, FailureThatNoThenSpeaksOfDoesNotReplaceAnExceptionInFlight) {
  try {
    scenario<seller> acme("acme");
    acme.hosts<buyer>().when<&seller::sell>("b1", 2);
    throw std::domain_error("of the test");
  } catch (const std::domain_error&) {
    SUCCEED();
  }
}

TEST(Scenario, RefusesStepsOutOfOrder) {
  scenario<seller> acme("acme");
  EXPECT_THROW(acme.then_succeeds(), std::logic_error);
  acme.when<&seller::close>();
  EXPECT_THROW(acme.given("inventory", inventory{}), std::logic_error);
  EXPECT_THROW(acme.given_time(wall_time{}), std::logic_error);
}

}  // namespace
}  // namespace troupe::testing
