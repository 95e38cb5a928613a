#include <gtest/gtest.h>

#include "unit/core/ledger.hpp"

// Mistakes that were made once with what left an actor too early, too late or with the wrong word about its effect.

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// Keeps in memory what it was told, in order.
class listener : public actor {
 public:
  static constexpr std::string_view actor_type = "listener";
  void hear(std::string word) { heard_ += word + " "; }
  std::string heard() const { return heard_; }
  using methods = troupe::methods<&listener::hear, &listener::heard>;

 private:
  std::string heard_;
};

/// Saves later, tells at once.
class speaker : public actor {
 public:
  static constexpr std::string_view actor_type = "speaker";
  static constexpr durability persistence = durability::write_behind(1h);
  int say(std::string word) {
    ref<listener>("l").tell<&listener::hear>(word);
    return ++said_.edit();
  }
  task<void> say_by_call(std::string word) { co_await ref<listener>("l").call<&listener::hear>(word); }
  using methods = troupe::methods<&speaker::say, &speaker::say_by_call>;

 private:
  state<int> said_{*this, "said"};
};

/// Has no cell.
class blank : public actor {
 public:
  static constexpr std::string_view actor_type = "blank";
  int count() { return ++count_; }
  int erase_all() {
    erase();
    return 5;
  }
  using methods = troupe::methods<&blank::count, &blank::erase_all>;

 private:
  int count_ = 0;
};

class EffectRegression : public ::testing::Test {
 protected:
  EffectRegression() {
    rt.host<ledger>();
    rt.host<listener>();
    rt.host<speaker>();
    rt.host<blank>();
  }
  [[nodiscard]] auto a(std::string_view key = {}) { return rt.ref<ledger>("a").with({.idempotency_key = key}); }
  void let_go() {
    rt.store().set_plan({});
    rt.store().release_all();
    rt.settle();
  }
  [[nodiscard]] std::string heard() { return rt.ref<listener>("l").call<&listener::heard>().get(); }

  answer first;
  test_runtime rt;
  answer second;
  answer third;
};

/// The retry was answered with the fate of a later record: "nothing happened" about a key that was committed.
TEST_F(EffectRegression, RetryOfAKeySharesTheFateOfTheRecordThatCarriesIt) {
  a().call<&ledger::read>().get();
  rt.store().set_plan(held_commits());
  a("k").call<&ledger::add>(1)(first.sink());
  rt.settle();
  a().call<&ledger::add>(10)(second.sink());
  rt.settle();
  a("k").call<&ledger::add>(1)(third.sink());
  rt.advance(11s);
  EXPECT_EQ(error_in(first.failure).effect(), effect::unknown);
  EXPECT_EQ(error_in(second.failure).effect(), effect::none);
  EXPECT_EQ(error_in(third.failure).effect(), effect::unknown);
  let_go();
  EXPECT_EQ(rt.stored({"ledger", "a"}).requests.size(), 1U);
}

/// The tells of a turn with a key waited for its commit, those of the next turn did not.
TEST_F(EffectRegression, TellsOfAnActorThatSavesLaterKeepTheirOrder) {
  const auto s = rt.ref<speaker>("s");
  s.call<&speaker::say>("zeroth").get();
  rt.store().set_plan(held_commits());
  s.with({.idempotency_key = "k"}).call<&speaker::say>("first")(first.sink());
  rt.settle();
  s.call<&speaker::say>("second")(second.sink());
  s.call<&speaker::say_by_call>("third")([this](std::exception_ptr why) { third.sink()(std::move(why), 0); });
  rt.settle();
  EXPECT_FALSE(first.done);
  EXPECT_TRUE(second.ok()) << "by its policy the reply need not wait";
  EXPECT_EQ(heard(), "zeroth ");
  let_go();
  EXPECT_EQ(heard(), "zeroth first second third ");
}

/// What was stored of an actor without cells was not looked at, so its keys were never forgotten.
TEST_F(EffectRegression, EraseForgetsTheKeysOfAnActorWithoutCells) {
  rt.ref<blank>("b").with({.idempotency_key = "k"}).call<&blank::count>().get();
  rt.restart();
  EXPECT_EQ(rt.stored({"blank", "b"}).requests.size(), 1U);
  const auto b = rt.ref<blank>("b");
  rt.store().set_plan(held_commits());
  b.call<&blank::erase_all>()(first.sink());
  rt.settle();
  EXPECT_FALSE(first.done) << "the reply did not wait for the erasure";
  let_go();
  EXPECT_EQ(first.value, 5);
  EXPECT_EQ(rt.stored({"blank", "b"}).stamp.version, 0U);
  EXPECT_EQ(rt.counters().resident_actors, 0U);
  EXPECT_EQ(b.with({.idempotency_key = "k"}).call<&blank::count>().get(), 1);
  EXPECT_EQ(rt.ref<blank>("never stored").call<&blank::erase_all>().get(), 5);
}

TEST_F(EffectRegression, EraseOfAnActorThatCannotBeLoadedFailsItsTurn) {
  const auto b = rt.ref<blank>("b");
  b.call<&blank::count>().get();
  rt.store().set_plan(every(store_operation::load, {.what = fault::outcome::unavailable}));
  EXPECT_EQ(error_of([&] { static_cast<void>(b.call<&blank::erase_all>().get()); }).kind(), errc::unavailable);
  rt.store().set_plan({});
  EXPECT_EQ(b.call<&blank::count>().get(), 1);
}

}  // namespace
}  // namespace troupe::testing
