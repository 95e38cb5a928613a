#include <limits>
#include <memory>
#include <stdexcept>
#include <string>

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "unit/core/ledger.hpp"

// Mistakes that were made once, each shown by the run in which it came to light.

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// Odd things that a class may do.
class oddity : public actor {
 public:
  static constexpr std::string_view actor_type = "oddity";
  static inline bool leaves_at_once = false;
  static inline const actor_ref<ledger>* foreign = nullptr;

  task<void> on_activate() override {
    if (leaves_at_once) deactivate();
    return {};
  }
  void measure(double value) { weight_.set(value); }
  double weight() const { return *weight_; }
  std::string repeat(int count) {
    weight_.edit() += 1;
    return std::string(static_cast<std::size_t>(count), 'x');
  }
  task<int> nothing() { return {}; }
  task<int> ask_foreign() { co_return co_await foreign->call<&ledger::read>(); }
  task<std::string> edit_from_outside_the_turn() {
    std::string refused = "it was not refused";
    boost::asio::post(executor(), [&] {
      try {
        weight_.edit() = 7;
      } catch (const std::logic_error& why) {
        refused = why.what();
      }
    });
    co_await sleep_for(10ms);
    co_return refused;
  }
  void stay_for_good() { keep_alive(std::chrono::milliseconds::max()); }
  task<void> sleep_for_good() { co_await sleep_for(std::chrono::nanoseconds::max()); }
  using methods =
      troupe::methods<&oddity::measure, &oddity::weight, &oddity::repeat, &oddity::nothing, &oddity::ask_foreign,
                      &oddity::edit_from_outside_the_turn, &oddity::stay_for_good, &oddity::sleep_for_good>;

 private:
  state<double> weight_{*this, "weight"};
};

class Regression : public ::testing::Test {
 protected:
  [[nodiscard]] actor_ref<ledger> a() { return rt.ref<ledger>("a"); }
  [[nodiscard]] auto keyed(std::string_view key) { return a().with({.idempotency_key = key}); }
  [[nodiscard]] actor_ref<oddity> odd() { return rt.ref<oddity>("o"); }
  void hold_commits_behind_one() {
    a().call<&ledger::read>().get();
    rt.store().set_plan(held_commits());
    a().call<&ledger::add>(1)(opener.sink());
    rt.settle();
    ASSERT_EQ(rt.store().held().size(), 1U);
  }
  void let_go() {
    rt.store().set_plan({});
    rt.store().release_all();
    rt.settle();
  }

  answer opener;
  test_runtime rt;
  answer first;
  answer second;
};

/// The collector came by while the actor read its state again, and never looked at it afterwards.
TEST_F(Regression, ActorThatWasIdleDuringItsRollbackStillLeavesMemory) {
  rt.host<ledger>({.idle_timeout = 1s});
  a().call<&ledger::add>(1).get();
  rt.store().set_plan(held(store_operation::load));
  EXPECT_THROW(a().call<&ledger::add_then_throw>(1).get(), std::out_of_range);
  rt.advance(2s);
  EXPECT_EQ(rt.counters().resident_actors, 1U);
  let_go();
  rt.advance(5s);
  EXPECT_EQ(rt.counters().resident_actors, 0U);
}

/// Two records that fit alone were merged into one that the store refused.
TEST_F(Regression, RecordsThatTogetherExceedTheStoresLimitAreNotMerged) {
  rt.host<oddity>();
  odd().call<&oddity::repeat>(1).get();
  rt.store().set_plan(held_commits());
  std::vector<answer> answers(3);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const std::string key = "k" + std::to_string(i);
    odd()
        .with({.idempotency_key = key})
        .call<&oddity::repeat>(10'000'000)([sink = answers[i].sink()](std::exception_ptr why, const std::string& text) {
          sink(std::move(why), static_cast<int>(text.size()));
        });
    rt.settle();
  }
  let_go();
  for (const answer& each : answers) {
    ASSERT_TRUE(each.ok());
    EXPECT_EQ(each.value, 10'000'000);
  }
  EXPECT_EQ(rt.stored({"oddity", "o"}).requests.size(), 3U);
}

/// A key that was too old was taken away and came again in the same record, which then lost it.
TEST_F(Regression, KeyThatIsTakenAwayAndComesAgainInOneRecordIsKept) {
  rt.host<ledger>({.requests = {.count_max = 10, .age_max = 1s}});
  EXPECT_EQ(keyed("k").call<&ledger::add>(10).get(), 10);
  rt.advance(2s);
  hold_commits_behind_one();
  keyed("k").call<&ledger::add>(10)(first.sink());
  rt.settle();
  keyed("j").call<&ledger::add>(10)(second.sink());
  rt.advance(2s);
  answer third;
  keyed("k").call<&ledger::add>(10)(third.sink());
  rt.settle();
  let_go();
  EXPECT_EQ(first.value, 21);
  EXPECT_EQ(second.value, 31);
  EXPECT_EQ(third.value, 41);
  EXPECT_EQ(rt.stored({"ledger", "a"}).requests.size(), 1U) << "a key that came and went was stored";
  rt.crash();
  EXPECT_EQ(keyed("k").call<&ledger::add>(10).get(), 41) << "the reply was not remembered";
  EXPECT_EQ(rt.counters().replayed_replies, 1U);
}

/// A save under way or planned put the actor back after it was erased.
TEST_F(Regression, EraseIsNotUndoneByASaveThatWasUnderWay) {
  rt.host<ledger>({.persistence = durability::write_behind(1s)});
  a().call<&ledger::add>(1).get();
  rt.store().set_plan(held_commits());
  rt.advance(1s);
  ASSERT_EQ(rt.store().held().size(), 1U) << "no save is under way";
  a().call<&ledger::add>(1).get();
  a().call<&ledger::erase_all>()([this](std::exception_ptr why) { first.sink()(std::move(why), 0); });
  rt.settle();
  let_go();
  rt.advance(5s);
  EXPECT_TRUE(first.ok());
  EXPECT_EQ(rt.stored({"ledger", "a"}).stamp.version, 0U);
  EXPECT_EQ(a().call<&ledger::read>().get(), 0);
}

/// A commit that waited behind one the store never answered waited for ever, and its caller with it.
TEST_F(Regression, CommitThatWaitsBehindASilentStoreIsGivenUpInTime) {
  rt.host<ledger>();
  rt.ref<ledger>("b").call<&ledger::read>().get();
  hold_commits_behind_one();
  rt.ref<ledger>("b").call<&ledger::add>(1)(first.sink());
  rt.advance(10s);
  EXPECT_EQ(error_in(opener.failure).kind(), errc::commit_unknown);
  EXPECT_EQ(error_in(first.failure).kind(), errc::unavailable);
  EXPECT_TRUE(has(error_in(first.failure), "did not get to it within 10000 ms"));
  let_go();
  EXPECT_EQ(rt.stored({"ledger", "b"}).stamp.version, 0U);
}

/// The same for loads.
TEST_F(Regression, LoadThatWaitsBehindASilentStoreIsGivenUpInTime) {
  rt.host<ledger>();
  rt.store().set_plan(held(store_operation::load));
  a().call<&ledger::read>()(opener.sink());
  rt.settle();
  rt.ref<ledger>("b").call<&ledger::read>()(first.sink());
  rt.advance(10s);
  EXPECT_EQ(error_in(first.failure).kind(), errc::unavailable);
}

/// JSON has no infinite numbers: they were stored as null and could not be read again.
TEST_F(Regression, NumberThatJsonDoesNotHaveFailsItsTurn) {
  rt.host<oddity>();
  odd().call<&oddity::measure>(1.5).get();
  for (const double bad : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    const error why = error_of([&] { odd().call<&oddity::measure>(bad).get(); });
    EXPECT_EQ(why.kind(), errc::not_encodable);
    EXPECT_TRUE(has(why, "oddity/o") && has(why, "\"weight\"")) << why.what();
  }
  EXPECT_EQ(odd().call<&oddity::weight>().get(), 1.5);
}

/// The runtime read the result of a coroutine that did not exist.
TEST_F(Regression, TaskWithoutACoroutineHasNoResult) {
  rt.host<oddity>();
  EXPECT_THROW(odd().call<&oddity::nothing>().get(), std::logic_error);
}

/// The answer would have resumed the handler on a strand of the other runtime.
TEST_F(Regression, HandlerCannotAwaitAnActorOfAnotherRuntime) {
  rt.host<oddity>();
  test_runtime other;
  other.host<ledger>();
  const auto foreign = other.ref<ledger>("f");
  oddity::foreign = &foreign;
  const error why = error_of([&] { odd().call<&oddity::ask_foreign>().get(); });
  EXPECT_EQ(why.kind(), errc::invalid_argument);
  EXPECT_TRUE(has(why, "ledger/f belongs to another runtime")) << why.what();
}

/// What ran on the strand while a turn was suspended could edit the turn's state.
TEST_F(Regression, FunctionOnTheStrandIsNoPartOfASuspendedTurn) {
  rt.host<oddity>();
  const std::string refused = odd().call<&oddity::edit_from_outside_the_turn>().get();
  EXPECT_EQ(refused, "troupe::state: edited outside a turn of oddity/o");
  EXPECT_EQ(odd().call<&oddity::weight>().get(), 0.0);
}

/// The request was forgotten without a word.
TEST_F(Regression, DeactivateInTheActivationHookIsRefused) {
  rt.host<oddity>();
  oddity::leaves_at_once = true;
  const error why = error_of([&] { odd().call<&oddity::weight>().get(); });
  oddity::leaves_at_once = false;
  EXPECT_EQ(why.kind(), errc::activation_failed);
  EXPECT_TRUE(has(why, "deactivate() in on_activate")) << why.what();
}

/// Times that do not fit the clock wrapped round into the past.
TEST_F(Regression, HugeTimesLieInTheFuture) {
  rt.host<oddity>({.idle_timeout = 1s});
  EXPECT_EQ(error_of([&] { rt.host<ledger>({.idle_timeout = std::chrono::milliseconds::max()}); }).kind(),
            errc::invalid_argument);
  odd().call<&oddity::stay_for_good>().get();
  rt.advance(1h);
  EXPECT_EQ(rt.counters().resident_actors, 1U);
  const auto over = std::make_shared<bool>(false);
  odd().with({.timeout = no_timeout}).call<&oddity::sleep_for_good>()([over](const std::exception_ptr&) {
    *over = true;
  });
  rt.advance(24h);
  EXPECT_FALSE(*over);
}

}  // namespace
}  // namespace troupe::testing
