#include <gtest/gtest.h>

#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

struct opaque {};

/// Has no state of its own.
class echo : public actor {
 public:
  static constexpr std::string_view actor_type = "echo";
  int count() { return ++calls_; }
  void ping() { ++calls_; }
  opaque riddle() { return {}; }
  using methods = troupe::methods<&echo::count, &echo::ping, &echo::riddle>;

 private:
  int calls_ = 0;
};

class Idempotency : public ::testing::Test {
 protected:
  Idempotency() {
    rt.host<ledger>({.requests = {.count_max = 2, .age_max = 1h}});
    rt.host<echo>();
  }
  [[nodiscard]] auto a(std::string key) { return rt.ref<ledger>("a").with({.idempotency_key = std::move(key)}); }
  [[nodiscard]] int total() { return rt.ref<ledger>("a").call<&ledger::read>().get(); }

  test_runtime rt;
};

TEST_F(Idempotency, SecondCallGetsTheStoredReplyWithoutRunning) {
  EXPECT_EQ(a("k").call<&ledger::add>(3).get(), 3);
  EXPECT_EQ(a("k").call<&ledger::add>(3).get(), 3);
  EXPECT_EQ(a("other").call<&ledger::add>(3).get(), 6);
  EXPECT_EQ(total(), 6);
  EXPECT_EQ(rt.counters().replayed_replies, 1U);
}

TEST_F(Idempotency, RetryWhileTheCommitIsUnderWayWaitsForIt) {
  rt.store().set_plan(held_commits());
  answer first;
  answer again;
  a("k").call<&ledger::add>(3)(first.sink());
  rt.settle();
  a("k").call<&ledger::add>(3)(again.sink());
  rt.settle();
  EXPECT_FALSE(again.done) << "the reply of an uncommitted turn left the actor";
  rt.store().set_plan({});
  rt.store().release_all();
  rt.settle();
  EXPECT_EQ(first.value, 3);
  EXPECT_EQ(again.value, 3);
  EXPECT_EQ(total(), 3);
}

TEST_F(Idempotency, RetryAfterAnUnknownCommitTakesEffectOnce) {
  rt.store().set_plan(
      every(store_operation::commit, {.what = fault::outcome::none, .when = fault::hold::after, .only = {}}));
  EXPECT_EQ(error_of([&] { a("k").call<&ledger::add>(3).get(); }).kind(), errc::commit_unknown);
  rt.store().set_plan({});
  EXPECT_EQ(a("k").call<&ledger::add>(3).get(), 3);
  EXPECT_EQ(total(), 3);
}

TEST_F(Idempotency, FailedTurnIsNotRemembered) {
  EXPECT_THROW(a("k").call<&ledger::add_then_throw>(3).get(), std::out_of_range);
  EXPECT_EQ(a("k").call<&ledger::add>(3).get(), 3);
}

TEST_F(Idempotency, WindowIsBoundedByCount) {
  for (const char* key : {"1", "2", "3"}) a(key).call<&ledger::add>(1).get();
  EXPECT_EQ(rt.stored({"ledger", "a"}).requests.size(), 2U);
  EXPECT_EQ(a("3").call<&ledger::add>(1).get(), 3);
  EXPECT_EQ(a("2").call<&ledger::add>(1).get(), 2);
  EXPECT_EQ(a("1").call<&ledger::add>(1).get(), 4) << "the oldest key had left the window";
}

TEST_F(Idempotency, WindowIsBoundedByAge) {
  a("k").call<&ledger::add>(1).get();
  rt.advance(1h);
  EXPECT_EQ(a("k").call<&ledger::add>(1).get(), 1);
  rt.advance(1s);
  EXPECT_EQ(a("k").call<&ledger::add>(1).get(), 2);
  rt.crash();
  EXPECT_EQ(a("k").call<&ledger::add>(1).get(), 2) << "the key was not remembered anew";
}

TEST_F(Idempotency, KeyBelongsToOneActor) {
  a("k").call<&ledger::add>(1).get();
  EXPECT_EQ(rt.ref<ledger>("b").with({.idempotency_key = "k"}).call<&ledger::add>(5).get(), 5);
}

TEST_F(Idempotency, TellWithAKeyTakesEffectOnce) {
  for (int i = 0; i < 2; ++i) a("k").tell<&ledger::add>(3);
  rt.settle();
  EXPECT_EQ(total(), 3);
}

TEST_F(Idempotency, ActorWithoutStateRemembersToo) {
  auto e = rt.ref<echo>("e");
  EXPECT_EQ(e.call<&echo::count>().get(), 1);
  EXPECT_EQ(e.with({.idempotency_key = "k"}).call<&echo::count>().get(), 2);
  rt.crash();
  e = rt.ref<echo>("e");
  EXPECT_EQ(e.with({.idempotency_key = "k"}).call<&echo::count>().get(), 2);
  e.with({.idempotency_key = "v"}).call<&echo::ping>().get();
  e.with({.idempotency_key = "v"}).call<&echo::ping>().get();
  EXPECT_EQ(e.call<&echo::count>().get(), 2) << "one ping and this call";
}

TEST_F(Idempotency, ResultWithoutAnEncodingIsRefused) {
  const error why = error_of([&] { rt.ref<echo>("e").with({.idempotency_key = "k"}).call<&echo::riddle>().get(); });
  EXPECT_EQ(why.kind(), errc::not_encodable);
  EXPECT_TRUE(has(why, "riddle")) << why.what();
}

TEST_F(Idempotency, OversizedKeyIsRefusedAtOnce) {
  EXPECT_NO_THROW(a(std::string(idempotency_key_bytes_max, '\xff')).call<&ledger::add>(1).get());
  EXPECT_EQ(error_of([&] { static_cast<void>(a(std::string(idempotency_key_bytes_max + 1, 'k'))); }).kind(),
            errc::too_large);
}

}  // namespace
}  // namespace troupe::testing
