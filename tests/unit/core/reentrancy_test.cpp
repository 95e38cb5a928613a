#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "troupe/core/combine.hpp"
#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// Methods that may be entered while others of the same actor wait.
class host_of_many : public actor {
 public:
  static constexpr std::string_view actor_type = "many";

  task<int> look(int milliseconds) const {
    const int before = page_->total;
    co_await sleep_for(std::chrono::milliseconds(milliseconds));
    co_return before == page_->total ? page_->total : -1;
  }
  task<int> set(int to, int milliseconds) {
    co_await sleep_for(std::chrono::milliseconds(milliseconds));
    co_return page_.edit().total = to;
  }

  /// Adds here, has `other` call `inner` of this actor, and adds again.
  task<int> go(std::string other, std::string how) {
    page_.edit().total += 1;
    const std::string self(key());
    ref<host_of_many>(other).tell<&host_of_many::note>("outer");
    int got = 0;
    try {
      got = co_await ref<host_of_many>(other).call<&host_of_many::call_back>(self, how);
    } catch (const std::out_of_range&) {
      got = -1;
    }
    const int seen = page_->total;
    if (how == "outer fails") throw std::out_of_range("outer");
    page_.edit().total += 10'000;
    co_return got * 1'000'000 + seen;
  }
  task<int> call_back(std::string to, std::string how) {
    if (how == "with a key") {
      const call_options keyed{.idempotency_key = "k"};
      co_return co_await ref<host_of_many>(to).with(keyed).call<&host_of_many::inner>(how);
    }
    if (how == "exclusive") co_return co_await ref<host_of_many>(to).call<&host_of_many::plain>();
    co_return co_await ref<host_of_many>(to).call<&host_of_many::inner>(how);
  }
  task<int> inner(std::string how) {
    page_.edit().total += 100;
    ref<host_of_many>("listener").tell<&host_of_many::note>("inner");
    if (how == "waits") co_await sleep_for(50ms);
    if (how == "inner fails") throw std::out_of_range("inner");
    if (how == "removes") schedule_reminder("soon", {.due_in = 1h});
    co_return page_->total;
  }
  int plain() { return page_.edit().total += 1'000; }
  void note(std::string text) { page_.edit().note += text + " "; }
  std::string notes() const { return page_->note; }
  int total() const { return page_->total; }

  /// Goes down `depth` levels, each through another actor and back.
  task<int> deeper(std::string other, int depth) {
    page_.edit().total += 1;
    if (depth == 0) co_return page_->total;
    co_return co_await ref<host_of_many>(other).call<&host_of_many::deeper_at>(std::string(key()), depth - 1);
  }
  task<int> deeper_at(std::string back, int depth) {
    co_return co_await ref<host_of_many>(back).call<&host_of_many::deeper>(std::string(key()), depth);
  }
  /// Waits for two others, of which one comes back and the other answers while it is here.
  task<std::string> both(std::string one, std::string other) {
    std::string order;
    auto all = when_all(come_back(one, order), nap_at(other, order));
    co_await std::move(all);
    co_return order;
  }

  task<void> on_reminder(reminder_tick) override { co_return; }
  using methods =
      troupe::methods<read_only<&host_of_many::look>, &host_of_many::set, &host_of_many::go, &host_of_many::call_back,
                      call_chain<&host_of_many::inner>, &host_of_many::plain, &host_of_many::note, &host_of_many::notes,
                      &host_of_many::total, call_chain<&host_of_many::deeper>, call_chain<&host_of_many::deeper_at>,
                      &host_of_many::both>;

 private:
  task<int> come_back(std::string other, std::string& order) {
    const int got = co_await ref<host_of_many>(other).call<&host_of_many::call_back>(std::string(key()), "waits");
    order += "came back ";
    co_return got;
  }
  task<int> nap_at(std::string other, std::string& order) {
    const int got = co_await ref<host_of_many>(other).call<&host_of_many::set>(1, 20);
    order += "napped ";
    page_.edit().note = "while " + std::to_string(page_->total);
    co_return got;
  }
  state<page> page_{*this, "page"};
};

class Reentrancy : public ::testing::Test {
 protected:
  Reentrancy() { rt.host<host_of_many>(); }
  [[nodiscard]] actor_ref<host_of_many> m(std::string_view key = "m") { return rt.ref<host_of_many>(key); }
  [[nodiscard]] std::chrono::milliseconds passed() const { return rt.wall_now() - manual_clock::default_start; }
  [[nodiscard]] int stored_total(const std::string& key) {
    const auto image = rt.stored({"many", key});
    return image.cells.empty() ? -1 : codec<page>::decode(image.cells.front().json).total;
  }
  answer first, second, third, fourth;
  test_runtime rt;
};

TEST_F(Reentrancy, ReadOnlyTurnsOverlapOneAnother) {
  m().call<&host_of_many::look>(100)(first.sink());
  m().call<&host_of_many::look>(100)(second.sink());
  rt.advance(100ms);
  EXPECT_TRUE(first.ok() && second.ok());
}

TEST_F(Reentrancy, WriterWaitsForReadersAndLaterReadersWaitForIt) {
  m().call<&host_of_many::look>(100)(first.sink());
  m().call<&host_of_many::set>(7, 0)(second.sink());
  m().call<&host_of_many::look>(10)(third.sink());
  rt.advance(99ms);
  EXPECT_FALSE(first.done || second.done || third.done);
  rt.advance(1ms);
  EXPECT_EQ(first.value, 0) << "what a read_only turn saw changed under it";
  EXPECT_TRUE(second.ok());
  rt.advance(10ms);
  EXPECT_EQ(third.value, 7);
}

TEST_F(Reentrancy, ReadersAreNotKeptFromLeavingMemory) {
  m().call<&host_of_many::look>(100)(first.sink());
  rt.settle();
  rt.deactivate(m());
  m().call<&host_of_many::look>(100)(second.sink());
  rt.advance(100ms);
  EXPECT_TRUE(first.ok());
  EXPECT_FALSE(second.done) << "it began beside a turn whose actor is to leave";
  rt.advance(100ms);
  EXPECT_TRUE(second.ok());
  EXPECT_EQ(rt.counters().activations, 2U);
}

TEST_F(Reentrancy, CallComesBackIntoTheTurnThatWaitsForIt) {
  EXPECT_EQ(m().call<&host_of_many::go>("b", "well").get(), 101'000'101);
  EXPECT_EQ(m().call<&host_of_many::total>().get(), 10'101);
  EXPECT_EQ(rt.stored({"many", "m"}).stamp.version, 1U) << "the inner turn was committed by itself";
}

TEST_F(Reentrancy, MethodThatIsNotMarkedIsADeadlock) {
  const error why = error_of([&] { m().call<&host_of_many::go>("b", "exclusive").get(); });
  EXPECT_EQ(why.kind(), errc::deadlock);
}

TEST_F(Reentrancy, InnerTurnThatThrowsUndoesItsOwnEditsOnly) {
  EXPECT_EQ(m().call<&host_of_many::go>("b", "inner fails").get(), -1'000'000 + 1);
  rt.settle();
  EXPECT_EQ(m().call<&host_of_many::total>().get(), 10'001);
  EXPECT_EQ(m("b").call<&host_of_many::notes>().get(), "outer ");
  EXPECT_EQ(m("listener").call<&host_of_many::notes>().get(), "") << "a message of the inner turn left";
  rt.crash();
  EXPECT_EQ(m().call<&host_of_many::total>().get(), 10'001);
}

TEST_F(Reentrancy, OuterTurnThatThrowsTakesTheInnerOneWithIt) {
  EXPECT_THROW(m().call<&host_of_many::go>("b", "outer fails").get(), std::out_of_range);
  rt.settle();
  EXPECT_EQ(m().call<&host_of_many::total>().get(), 0);
  EXPECT_EQ(m("listener").call<&host_of_many::notes>().get(), "");
}

TEST_F(Reentrancy, InnerTurnIsUndoneWithEveryPolicy) {
  for (const durability policy : {durability::write_behind(1s), durability::on_deactivate(), durability::none()}) {
    test_runtime other;
    actor_type_options options;
    options.persistence = policy;
    other.host<host_of_many>(options);
    const auto o = other.ref<host_of_many>("m");
    EXPECT_EQ(o.call<&host_of_many::go>("b", "inner fails").get(), -1'000'000 + 1);
    EXPECT_THROW(o.call<&host_of_many::go>("b", "outer fails").get(), std::out_of_range);
    EXPECT_EQ(o.call<&host_of_many::total>().get(), 10'001);
  }
}

TEST_F(Reentrancy, RemindersOfAnInnerTurnBelongToTheOuterOne) {
  m().call<&host_of_many::go>("b", "removes").get();
  EXPECT_EQ(rt.stored({"many", "m"}).reminders.size(), 1U);
}

TEST_F(Reentrancy, CallOfAnotherChainWaitsUntilTheTurnHasEnded) {
  m().call<&host_of_many::go>("b", "waits")(first.sink());
  rt.settle();
  m().call<&host_of_many::inner>("well")(second.sink());
  rt.advance(49ms);
  EXPECT_FALSE(second.done);
  rt.advance(1ms);
  EXPECT_TRUE(first.ok());
  EXPECT_EQ(second.value, 10'201) << "it did not run after the whole of the first turn";
}

TEST_F(Reentrancy, OuterTurnDoesNotGoOnWhileAnInnerOneRuns) {
  std::string order;
  m().call<&host_of_many::both>("b", "c")([&](std::exception_ptr, std::string got) { order = std::move(got); });
  rt.advance(60ms);
  EXPECT_EQ(order, "napped came back ");
  EXPECT_EQ(m().call<&host_of_many::notes>().get(), "while 100");
  EXPECT_EQ(m().call<&host_of_many::total>().get(), 100);
}

TEST_F(Reentrancy, DepthOfAChainIsLimited) {
  EXPECT_EQ(m().call<&host_of_many::deeper>("b", 31).get(), 32);
  EXPECT_EQ(error_of([&] { m("y").call<&host_of_many::deeper>("b", 32).get(); }).kind(), errc::too_deep);
  const error why = error_of([&] { m("x").call<&host_of_many::deeper>("x", 64).get(); });
  EXPECT_EQ(why.kind(), errc::too_deep);
  EXPECT_TRUE(has(why, "come back to the actor 32 times")) << why.what();
  EXPECT_EQ(m("x").call<&host_of_many::total>().get(), 0) << "the chain was not undone as one turn";
}

TEST_F(Reentrancy, InnerTurnCannotHaveAKeyOfItsOwn) {
  const error why = error_of([&] { m().call<&host_of_many::go>("b", "with a key").get(); });
  EXPECT_EQ(why.kind(), errc::invalid_argument);
  EXPECT_TRUE(has(why, "idempotency key")) << why.what();
}

TEST_F(Reentrancy, InnerTurnMayBeGivenUp) {
  const error why = error_of([&] { m().with({.timeout = 20ms}).call<&host_of_many::go>("b", "waits").get(); });
  EXPECT_EQ(why.kind(), errc::timeout);
  EXPECT_EQ(passed(), 20ms);
  EXPECT_EQ(m().call<&host_of_many::plain>().get(), 1'000) << "the turn ended with the cancellation it did not catch";
}

TEST_F(Reentrancy, CrashInTheMiddleLosesAllOfTheTurn) {
  m().call<&host_of_many::go>("b", "waits")(first.sink());
  rt.advance(10ms);
  rt.crash();
  EXPECT_EQ(m().call<&host_of_many::total>().get(), 0);
}

TEST_F(Reentrancy, OptionsOutOfRangeAreRefused) {
  actor_type_options options;
  options.reentrant = reentrancy::read_only;
  EXPECT_EQ(error_of([&] { test_runtime().host<host_of_many>(options); }).kind(), errc::invalid_argument);
  options.reentrant = reentrancy::none;
  options.call_chain_depth_max = 0;
  EXPECT_EQ(error_of([&] { test_runtime().host<host_of_many>(options); }).kind(), errc::invalid_argument);
}

}  // namespace
}  // namespace troupe::testing
