#include "unit/messages/durable_actors.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

class DurableFaults : public messages_fixture {};

/// The process dies after any number of steps: the messages are there all and once, or not at all.
TEST_F(DurableFaults, CrashAfterAnyStepLosesAndDoublesNothing) {
  int sent = 0;
  for (int steps = 0; steps < 120; ++steps) {
    test_runtime one({.seed = static_cast<std::uint64_t>(steps) + 1});
    host(one);
    one.ref<post>("a").call<&post::send_many>("b", 3)([](const std::exception_ptr& /*whatever*/) {});
    for (int i = 0; i < steps && one.step(); ++i) {
    }
    one.crash();
    one.advance(5s);
    const numbers there = one.ref<post>("b").call<&post::seen>().get();
    EXPECT_TRUE(there.empty() || there == (numbers{0, 1, 2})) << steps << " steps, " << there.size() << " messages";
    EXPECT_TRUE(one.stored({"post", "a"}).messages.empty()) << steps << " steps";
    sent += there.empty() ? 0 : 1;
  }
  EXPECT_GT(sent, 60);
  EXPECT_LT(sent, 120);
}

TEST_F(DurableFaults, EveryFaultOfTheStoreIsOutlived) {
  for (const auto what : {fault::outcome::unavailable, fault::outcome::conflict, fault::outcome::lost_answer,
                          fault::outcome::lost_call}) {
    test_runtime one({.store_timeout = 1s});
    host(one);
    one.ref<post>("a").call<&post::send_many>("b", 3).get();
    one.store().set_plan([what](const operation_info& operation) -> fault {
      const bool commit = operation.kind == store_operation::commit;
      if (!commit || operation.number_of_kind % 3 == 0) return {};
      return {.what = what, .when = fault::hold::no, .only = {}};
    });
    one.advance(30s);
    one.store().set_plan({});
    one.advance(60s);
    EXPECT_EQ(one.ref<post>("b").call<&post::seen>().get(), (numbers{0, 1, 2})) << static_cast<int>(what);
    one.advance(1s);
    EXPECT_TRUE(one.stored({"post", "a"}).messages.empty());
    EXPECT_EQ(one.counters().deliveries_failed, 0U) << "an outage counted as a failure of the message";
  }
}

TEST_F(DurableFaults, StoreThatNeverAnswersTheReceiverCostsOnlyTime) {
  at("a").call<&post::send>("b", 1).get();
  rt.store().set_plan([](const operation_info& operation) -> fault {
    if (operation.kind != store_operation::commit) return {};
    return {.what = fault::outcome::none, .when = fault::hold::after, .only = {}};
  });
  rt.advance(15s);
  rt.store().drop_all();
  rt.store().set_plan({});
  rt.advance(60s);
  EXPECT_EQ(got("b"), numbers{1});
}

TEST_F(DurableFaults, ReceiptWaitsForTheCommitOfTheReceiver) {
  at("a").call<&post::send>("b", 1).get();
  rt.store().set_plan([](const operation_info& operation) -> fault {
    const bool of_b = operation.kind == store_operation::commit && operation.records.front().actor.key == "b";
    return {.what = fault::outcome::none, .when = of_b ? fault::hold::before : fault::hold::no, .only = {}};
  });
  rt.advance(2s);
  EXPECT_EQ(stored("a").messages.size(), 1U) << "it left the outbox before it arrived";
  rt.store().set_plan({});
  rt.store().release_all();
  rt.advance(1s);
  EXPECT_TRUE(stored("a").messages.empty());
}

TEST_F(DurableFaults, TwoRuntimesOnOneStoreTakeItOnce) {
  const auto disk = stores::make_memory_disk();
  test_runtime first({.seed = 1, .disk = disk});
  test_runtime second({.seed = 2, .disk = disk});
  host(first);
  host(second);
  for (int n = 1; n <= 5; ++n) first.ref<post>("a").call<&post::send>("b", n).get();
  for (int i = 0; i < 100; ++i) {
    for (test_runtime* one : {&second, &first}) {
      for (int steps = 0; steps < 3 && one->step(); ++steps) {
      }
      one->advance(50ms);
    }
  }
  first.advance(2min);
  second.advance(2min);
  first.restart();
  EXPECT_EQ(first.ref<post>("b").call<&post::seen>().get(), (numbers{1, 2, 3, 4, 5}));
}

TEST_F(DurableFaults, RestartAndEvictionKeepWhatHasNotArrived) {
  at("b").call<&post::refuse_next>(2).get();
  at("a").call<&post::send>("b", 1).get();
  rt.restart();
  rt.advance(30s);
  EXPECT_EQ(got("b"), numbers{1});
  test_runtime small({.resident_actors_max = 1});
  host(small);
  for (int n = 0; n < 20; ++n) {
    small.ref<post>(std::to_string(n)).call<&post::send>(std::to_string(n + 1), n).get();
  }
  small.advance(1min);
  for (int n = 0; n < 20; ++n) {
    EXPECT_EQ(small.ref<post>(std::to_string(n + 1)).call<&post::seen>().get(), numbers{n});
  }
}

TEST_F(DurableFaults, SenderThatErasesItselfIsGoneWhenItsMessagesHaveArrived) {
  at("b").call<&post::refuse_next>(2).get();
  at("a").call<&post::send>("c", 5).get();
  at("a").call<&post::send_and_erase>("b", 1).get();
  EXPECT_TRUE(stored("a").cells.empty());
  EXPECT_FALSE(stored("a").messages.empty());
  rt.advance(1min);
  EXPECT_EQ(got("b"), numbers{1});
  EXPECT_EQ(stored("a").stamp.version, 0U);
  at("a").call<&post::send>("b", 2).get();
  rt.advance(1s);
  EXPECT_EQ(got("b"), (numbers{1, 2})) << "the one made anew is taken for the erased one";
}

TEST_F(DurableFaults, ErasedReceiverTakesAMessageAgainWhoseReceiptWasLost) {
  at("a").call<&post::send>("b", 1).get();
  rt.settle();
  at("b").call<&post::send_and_erase>("c", 7).get();
  rt.crash();
  rt.advance(1min);
  EXPECT_EQ(got("b"), numbers{1});
  EXPECT_EQ(got("c"), numbers{7});
}

TEST_F(DurableFaults, ActorsWithoutStateSendAndReceive) {
  rt.ref<relay>("r").call<&relay::pass_by>("s", "b", 1).get();
  rt.crash();
  rt.advance(5s);
  EXPECT_EQ(got("b"), numbers{1});
  rt.ref<relay>("r").call<&relay::pass_and_erase>("b", 2).get();
  rt.advance(5s);
  EXPECT_EQ(got("b"), (numbers{1, 2}));
  EXPECT_TRUE(rt.stored({"relay", "r"}).messages.empty());
  EXPECT_EQ(rt.stored({"relay", "s"}).marks.size(), 1U);
}

TEST_F(DurableFaults, ActorsThatSaveLaterCommitAtOnce) {
  const auto a = rt.ref<lazy>("a");
  a.call<&lazy::note>(9).get();
  a.call<&lazy::send>("b", 1).get();
  a.call<&lazy::send_slow>("c", 2).get();
  rt.advance(1s);
  rt.crash();
  rt.advance(1s);
  EXPECT_EQ(got("b"), numbers{1});
  EXPECT_EQ(rt.ref<lazy>("c").call<&lazy::seen>().get(), numbers{2});
  EXPECT_EQ(rt.ref<lazy>("a").call<&lazy::seen>().get(), numbers{9}) << "what earlier turns changed goes with it";
}

TEST_F(DurableFaults, ReceiptsRideOnRecordsThatAreMadeAnyway) {
  const auto records = [this] { return rt.store().counts().records_committed; };
  for (int n = 0; n < 10; ++n) {
    at("a").call<&post::send>("b", n).get();
    rt.settle();
  }
  EXPECT_EQ(records(), 20U) << "ten records that send, ten that receive";
  rt.advance(1s);
  EXPECT_EQ(records(), 21U) << "and one for the last receipt";
  EXPECT_TRUE(stored("a").messages.empty());
}

TEST_F(DurableFaults, TenThousandMessagesOfOneTurnArrive) {
  rt.ref<hopeful>("h").call<&hopeful::send_many>("b", 10'000).get();
  rt.advance(1s);
  EXPECT_EQ(at("b").call<&post::counted>().get(), 10'000);
  try {
    rt.ref<hopeful>("h").call<&hopeful::send_many>("b", 10'001).get();
    FAIL() << "one more than outbox_max was sent";
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), errc::overloaded);
    EXPECT_NE(std::string(e.what()).find("outbox_max"), std::string::npos) << e.what();
  }
}

TEST_F(DurableFaults, SendersAreRememberedWithinTheirBoundsOnly) {
  test_runtime one;
  one.host<post>({.messages = {.senders_max = 2}});
  for (int n = 0; n < 5; ++n) one.ref<post>(std::to_string(n)).call<&post::send>("b", n).get();
  one.advance(1s);
  EXPECT_EQ(one.stored({"post", "b"}).marks.size(), 2U);
}

}  // namespace
}  // namespace troupe::testing
