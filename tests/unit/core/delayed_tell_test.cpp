#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/deferred.hpp>
#include <gtest/gtest.h>

#include "troupe/core/call_filter.hpp"
#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// Writes down what comes, and sends to others later.
class notary : public actor {
 public:
  static constexpr std::string_view actor_type = "notary";

  void note(std::string text) { page_.edit().note += text + " "; }
  std::string notes() const { return page_->note; }
  void send(std::string to, std::string text, int milliseconds) {
    ++page_.edit().total;
    ref<notary>(to).with({.delay = std::chrono::milliseconds(milliseconds)}).tell<&notary::note>(text);
  }
  void send_many(std::string to, int count) {
    for (int i = 0; i < count; ++i) ref<notary>(to).tell<&notary::note>("x");
  }
  void send_and_throw(std::string to, int milliseconds) {
    send(std::move(to), "never", milliseconds);
    throw std::out_of_range("refused");
  }
  task<void> hold_up(int milliseconds) { co_await sleep_for(std::chrono::milliseconds(milliseconds)); }
  void note_tenant() { note(std::string(context().get("tenant").value_or("none"))); }
  task<void> await_with_delay(std::string other) {
    const call_options late{.delay = 1s};
    co_await ref<notary>(other).with(late).call<&notary::note>("x");
  }
  void note_value(std::shared_ptr<int> value) { note(std::to_string(*value)); }
  void erase_all() { erase(); }

  using methods = troupe::methods<&notary::note, &notary::notes, &notary::send, &notary::send_many,
                                  &notary::send_and_throw, &notary::hold_up, &notary::note_tenant,
                                  &notary::await_with_delay, &notary::note_value, &notary::erase_all>;

 private:
  state<page> page_{*this, "page"};
};

class DelayedTell : public ::testing::Test {
 protected:
  explicit DelayedTell(test_options options = {}) : rt(std::move(options)) { rt.host<notary>(); }
  [[nodiscard]] actor_ref<notary> at(std::string_view key) { return rt.ref<notary>(key); }
  [[nodiscard]] auto later(std::string_view key, std::chrono::milliseconds delay) {
    return at(key).with({.delay = delay});
  }
  [[nodiscard]] std::string notes(std::string_view key = "b") { return at(key).call<&notary::notes>().get(); }
  void send(const std::string& text, int milliseconds) { at("a").call<&notary::send>("b", text, milliseconds).get(); }
  test_runtime rt;
};

TEST_F(DelayedTell, CountsFromTheCommitOfItsTurn) {
  rt.store().set_plan(held_commits());
  at("a").tell<&notary::send>("b", "x", 1000);
  rt.advance(5s);  // the turn has ended, and is not durable
  EXPECT_TRUE(rt.sent().empty());
  EXPECT_EQ(rt.counters().delayed_tells, 0U);
  rt.store().set_plan({});
  rt.store().release_all();
  rt.settle();
  ASSERT_EQ(rt.sent().size(), 1U);
  EXPECT_EQ(rt.sent()[0].delay, 1s);
  EXPECT_EQ(rt.counters().delayed_tells, 1U);
  rt.advance(999ms);
  EXPECT_EQ(notes(), "");
  rt.advance(1ms);
  EXPECT_EQ(notes(), "x ");
  EXPECT_EQ(rt.counters().delayed_tells, 0U);
}

TEST_F(DelayedTell, CountsFromTheCallOutsideATurn) {
  later("b", 1s).tell<&notary::note>("x");
  rt.advance(999ms);
  EXPECT_EQ(notes(), "");
  rt.advance(1ms);
  EXPECT_EQ(notes(), "x ");
}

TEST_F(DelayedTell, OfATurnThatFailsIsNotSent) {
  EXPECT_THROW(at("a").call<&notary::send_and_throw>("b", 10).get(), std::out_of_range);
  rt.store().set_plan(first(1, store_operation::commit, {.what = fault::outcome::conflict, .when = {}, .only = {}}));
  EXPECT_EQ(error_of([&] { send("never", 10); }).kind(), errc::conflict);
  rt.store().set_plan({});
  rt.advance(1s);
  EXPECT_EQ(notes(), "");
  EXPECT_TRUE(rt.sent().empty());
  EXPECT_EQ(rt.counters().queued_messages, 0U);
}

TEST_F(DelayedTell, NeitherActivatesItsReceiverNorKeepsItInMemory) {
  send("x", 60'000);
  rt.settle();
  EXPECT_EQ(rt.counters().resident_actors, 1U) << "the sender alone";
  at("b").call<&notary::note>("y").get();
  rt.deactivate(at("b"));
  rt.deactivate(at("a"));
  rt.settle();
  EXPECT_EQ(rt.counters().resident_actors, 0U);
  EXPECT_EQ(rt.counters().delayed_tells, 1U);
  rt.advance(1min);
  EXPECT_EQ(rt.counters().resident_actors, 1U);
  EXPECT_EQ(notes(), "y x ");
}

TEST_F(DelayedTell, ArrivesInTheOrderOfDueTimesThenOfSending) {
  const auto one_after_the_other = [&](const char* text, std::chrono::milliseconds delay) {
    later("b", delay).tell<&notary::note>(text);
  };
  one_after_the_other("5", 500ms);
  one_after_the_other("3", 300ms);
  one_after_the_other("3'", 300ms);
  rt.advance(100ms);
  one_after_the_other("2", 100ms);
  one_after_the_other("3''", 200ms);
  one_after_the_other("4", 300ms);
  std::string many;
  for (int i = 0; i < 200; ++i) {
    one_after_the_other(std::to_string(i).c_str(), 500ms);
    many += std::to_string(i) + " ";
  }
  rt.advance(1s);
  EXPECT_EQ(notes(), "2 3 3' 3'' 4 5 " + many);
}

TEST_F(DelayedTell, LaterOnesDoNotHoldUpOneThatIsDueEarlier) {
  later("b", 1h).tell<&notary::note>("late");
  for (int i = 0; i < 3; ++i) {
    later("b", 1s).tell<&notary::note>("soon");
    rt.advance(1s);
  }
  EXPECT_EQ(notes(), "soon soon soon ");
  rt.advance(1h);
  EXPECT_EQ(notes(), "soon soon soon late ");
}

TEST_F(DelayedTell, TimeoutCountsFromWhenItIsDue) {
  at("b").tell<&notary::hold_up>(1100);
  at("b").with({.timeout = 200ms, .delay = 1s}).tell<&notary::note>("in time");
  at("b").with({.timeout = 50ms, .delay = 1s}).tell<&notary::note>("too late");
  rt.advance(2s);
  EXPECT_EQ(notes(), "in time ");
  ASSERT_EQ(rt.log_lines().size(), 1U);
  EXPECT_NE(rt.log_lines()[0].find("timed out after 100 ms"), std::string::npos) << rt.log_lines()[0];
}

TEST_F(DelayedTell, CarriesTheContextOfItsSending) {
  {
    const request_context tenant = request_context().with("tenant", "acme");
    at("b").with({.context = &tenant, .delay = 1s}).tell<&notary::note_tenant>();
  }
  later("b", 1s).tell<&notary::note_tenant>();
  rt.advance(1s);
  EXPECT_EQ(notes(), "acme none ");
}

TEST_F(DelayedTell, WithAKeyTakesEffectOnce) {
  const auto again = at("b").with({.idempotency_key = "k", .delay = 1s});
  const auto copy = again;
  again.tell<&notary::note>("x");
  copy.tell<&notary::note>("x");
  rt.advance(1s);
  EXPECT_EQ(notes(), "x ");
  EXPECT_EQ(rt.counters().replayed_replies, 1U);
}

TEST_F(DelayedTell, ReachesAnActorThatWasErasedMeanwhile) {
  at("b").call<&notary::note>("gone").get();
  later("b", 1s).tell<&notary::note>("x");
  at("b").call<&notary::erase_all>().get();
  rt.advance(1s);
  EXPECT_EQ(notes(), "x ");
}

TEST_F(DelayedTell, IsLostInACrash) {
  auto value = std::make_shared<int>(1);
  later("b", 1s).tell<&notary::note_value>(value);
  EXPECT_EQ(value.use_count(), 2);
  rt.crash();
  EXPECT_EQ(value.use_count(), 1);
  rt.advance(2s);
  EXPECT_EQ(notes(), "");
  EXPECT_TRUE(rt.log_lines().empty());
}

TEST_F(DelayedTell, ShutdownDropsWhatIsNotDueAndSaysHowMany) {
  auto value = std::make_shared<int>(1);
  later("b", 1s).tell<&notary::note_value>(value);
  send("x", 10);
  rt.restart();
  EXPECT_EQ(value.use_count(), 1);
  ASSERT_EQ(rt.log_lines().size(), 1U);
  EXPECT_EQ(rt.log_lines()[0], "shutdown: 2 one-way messages were dropped that were not yet due");
  rt.advance(2s);
  EXPECT_EQ(notes(), "");
}

TEST_F(DelayedTell, ShutdownDropsTheOnesOfItsLastTurnsToo) {
  at("a").tell<&notary::hold_up>(50);
  at("a").tell<&notary::send>("b", "x", 10);
  rt.settle();
  rt.restart();
  ASSERT_EQ(rt.log_lines().size(), 1U);
  EXPECT_EQ(rt.log_lines()[0], "shutdown: 1 one-way messages were dropped that were not yet due");
}

TEST_F(DelayedTell, CallsWithADelayAreRefused) {
  const auto check = [](const error& refusal) {
    EXPECT_EQ(refusal.kind(), errc::invalid_argument);
    EXPECT_EQ(refusal.effect(), effect::none);
    EXPECT_TRUE(has(refusal, "tell it")) << refusal.what();
  };
  check(error_of([&] { later("b", 1s).call<&notary::note>("x").get(); }));
  check(error_of([&] { later("b", 1s).call<&notary::note>("x")([](std::exception_ptr) {}); }));
  check(error_of([&] { static_cast<void>(later("b", 1s).call<&notary::note>("x")(boost::asio::deferred)); }));
  check(error_of([&] { at("a").call<&notary::await_with_delay>("b").get(); }));
  rt.advance(2s);
  EXPECT_EQ(notes(), "");
}

TEST_F(DelayedTell, DelaysOutOfRangeAreRefused) {
  for (const auto bad : {-1ms, std::chrono::milliseconds(delay_max) + 1ms, no_timeout}) {
    const error refusal = error_of([&] { static_cast<void>(later("b", bad)); });
    EXPECT_EQ(refusal.kind(), errc::invalid_argument);
    EXPECT_TRUE(has(refusal, "0 to 100 years")) << refusal.what();
  }
  later("b", delay_max).tell<&notary::note>("x");
  later("b", 0ms).tell<&notary::note>("at once");
  rt.settle();
  EXPECT_EQ(notes(), "at once ");
}

/// Throws when it is asked of a "note".
class keeps_quiet : public call_filter {
 public:
  void on_send(const filtered_call& call, request_context& context) override {
    ++asked;
    if (call.method == "note") throw std::domain_error("no notes");
    context = context.with("tenant", "of the filter");
  }
  int asked = 0;
};

TEST(DelayedTellFilter, RunsAndThrowsWhereTheMessageIsSent) {
  const auto filter = std::make_shared<keeps_quiet>();
  test_runtime rt({.filters = {filter}});
  rt.host<notary>();
  const auto later = rt.ref<notary>("b").with({.delay = 1s});
  EXPECT_THROW(later.tell<&notary::note>("x"), std::domain_error);
  EXPECT_EQ(rt.counters().delayed_tells, 0U);
  EXPECT_THROW(rt.ref<notary>("a").call<&notary::send>("b", "x", 10).get(), std::domain_error);
  later.tell<&notary::note_tenant>();
  const int asked = filter->asked;
  rt.advance(1s);
  EXPECT_EQ(filter->asked, asked);
  EXPECT_EQ(rt.ref<notary>("b").call<&notary::notes>().get(), "of the filter ");
}

class DelayedTellBounds : public DelayedTell {
 protected:
  DelayedTellBounds() : DelayedTell({.overload = {.queued_messages_max = 400, .queued_bytes_max = 10'000'000}}) {}
};

TEST_F(DelayedTellBounds, CountInTheBoundsOfTheRuntime) {
  for (int i = 0; i < 1000; ++i) later("b" + std::to_string(i), 1s).tell<&notary::note>("x");
  const runtime_counters now = rt.counters();
  EXPECT_NEAR(static_cast<double>(now.delayed_tells), 400, 10);
  EXPECT_EQ(now.queued_messages, now.delayed_tells);
  EXPECT_EQ(now.dropped_tells, 1000 - now.delayed_tells);
  EXPECT_EQ(now.refused_messages, now.dropped_tells);
  EXPECT_EQ(error_of([&] { static_cast<void>(notes()); }).kind(), errc::overloaded);
  rt.advance(1s);
  EXPECT_EQ(rt.counters().dropped_tells, now.dropped_tells) << "what was let in is not refused";
  EXPECT_EQ(rt.counters().queued_messages, 0U);
  EXPECT_EQ(rt.counters().queued_bytes, 0U);
  EXPECT_EQ(rt.counters().turns, now.delayed_tells);
}

TEST_F(DelayedTellBounds, AreNotComparedWithThemAgainWhenTheyAreDue) {
  for (int i = 0; i < 300; ++i) later("b" + std::to_string(i), 1s).tell<&notary::note>("x");
  at("busy").tell<&notary::hold_up>(5000);
  at("a").tell<&notary::send_many>("busy", 190);  // actors may send a quarter more
  rt.settle();
  EXPECT_GT(rt.counters().queued_messages, 480U);
  EXPECT_EQ(rt.counters().dropped_tells, 0U);
  rt.advance(1s);
  EXPECT_EQ(rt.counters().dropped_tells, 0U);
  EXPECT_EQ(rt.counters().queued_messages, 190U);
}

TEST_F(DelayedTellBounds, CountTheirMemory) {
  for (int i = 0; i < 300; ++i) later("b", 1s).tell<&notary::note>(std::string(100'000, 'x'));
  EXPECT_NEAR(static_cast<double>(rt.counters().delayed_tells), 100, 5);
  rt.crash();
  EXPECT_EQ(rt.counters().queued_bytes, 0U);
}

TEST_F(DelayedTellBounds, MailboxThatIsFullWhenTheyAreDueDropsThem) {
  rt.host<ledger>({.mailbox_max = 20});
  rt.ref<ledger>("l").tell<&ledger::add_slowly>(1, 2000);
  for (int i = 0; i < 100; ++i) rt.ref<ledger>("l").with({.delay = 1s}).tell<&ledger::add>(1);
  rt.advance(10s);
  const int total = rt.ref<ledger>("l").call<&ledger::read>().get();
  EXPECT_GT(total, 10);
  EXPECT_LT(total, 30);
  EXPECT_EQ(rt.counters().dropped_tells, static_cast<std::uint64_t>(101 - total));
  EXPECT_EQ(rt.counters().queued_messages, 0U);
}

}  // namespace
}  // namespace troupe::testing
