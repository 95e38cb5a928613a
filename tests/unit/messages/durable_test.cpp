#include "unit/messages/durable_actors.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

class Durable : public messages_fixture {};

TEST_F(Durable, ArrivesAndLeavesTheOutbox) {
  at("a").call<&post::send>("b", 1).get();
  EXPECT_EQ(stored("a").messages.size(), 1U);
  rt.settle();
  EXPECT_EQ(got("b"), numbers{1});
  rt.advance(1s);
  EXPECT_TRUE(stored("a").messages.empty());
  ASSERT_EQ(stored("b").marks.size(), 1U);
  EXPECT_EQ(stored("b").marks.front().from, (actor_id{"post", "a"}));
}

TEST_F(Durable, SurvivesACrashBeforeItLeaves) {
  at("a").call<&post::send_many>("b", 3).get();
  rt.crash();
  rt.advance(1s);
  EXPECT_EQ(got("b"), (numbers{0, 1, 2}));
}

TEST_F(Durable, TakesEffectOnceWhenItsReceiptIsLost) {
  at("a").call<&post::send>("b", 1).get();
  rt.settle();
  ASSERT_EQ(stored("b").marks.size(), 1U);
  ASSERT_EQ(stored("a").messages.size(), 1U) << "the receipt was recorded too early for this test";
  rt.crash();
  rt.advance(1s);
  EXPECT_EQ(got("b"), numbers{1});
  rt.advance(1s);
  EXPECT_TRUE(stored("a").messages.empty());
}

TEST_F(Durable, MessagesOfATurnThatThrewAreNotSent) {
  EXPECT_THROW(at("a").call<&post::send_and_throw>("b", 1).get(), std::runtime_error);
  rt.advance(1s);
  EXPECT_EQ(got("b"), numbers{});
  EXPECT_TRUE(stored("a").messages.empty());
}

TEST_F(Durable, ArriveInTheirOrderAcrossTurnsAndFailures) {
  at("b").call<&post::refuse_next>(3).get();
  at("a").call<&post::send_many>("b", 50).get();
  at("a").call<&post::send>("b", 50).get();
  rt.advance(10s);
  numbers all;
  for (int i = 0; i <= 50; ++i) all.push_back(i);
  EXPECT_EQ(got("b"), all);
  EXPECT_EQ(rt.counters().deliveries_failed, 3U);
}

TEST_F(Durable, PairsDoNotWaitForEachOther) {
  at("b").call<&post::refuse_next>(1'000).get();
  at("a").call<&post::send>("b", 1).get();
  at("a").call<&post::send>("c", 2).get();
  at("d").call<&post::send>("b", 3).get();
  rt.settle();
  EXPECT_EQ(got("c"), numbers{2});
}

TEST_F(Durable, MessageToOneselfTakesEffectOnce) {
  at("a").call<&post::send>("a", 1).get();
  rt.advance(1s);
  EXPECT_EQ(got("a"), numbers{1});
  EXPECT_TRUE(stored("a").messages.empty());
}

TEST_F(Durable, SenderThatLeftMemoryIsWokenForWhatHasNotArrived) {
  at("b").call<&post::refuse_next>(2).get();
  at("a").call<&post::send>("b", 1).get();
  at("a").call<&post::leave>().get();
  rt.settle();
  rt.advance(30s);
  EXPECT_EQ(got("b"), numbers{1});
}

TEST_F(Durable, SenderThatCannotBeWokenForThemIsNotSaidToHaveAReminder) {
  at("b").call<&post::refuse_next>(2).get();
  at("a").call<&post::send>("b", 1).get();
  at("a").call<&post::leave>().get();
  rt.settle();
  const std::size_t before = rt.log_lines().size();
  rt.store().set_plan([](const operation_info& operation) {
    const bool load = operation.kind == store_operation::load;
    return fault{
        .what = load ? fault::outcome::unavailable : fault::outcome::none, .when = fault::hold::no, .only = {}};
  });
  rt.advance(20s);
  ASSERT_GT(rt.log_lines().size(), before);
  EXPECT_TRUE(
      rt.log_lines()[before].starts_with("waking post/a for a reminder or for messages that have not arrived failed: "))
      << rt.log_lines()[before];
  rt.store().set_plan({});
  rt.advance(2min);
  EXPECT_EQ(got("b"), numbers{1});
}

TEST_F(Durable, BecomesADeadLetterOfItsReceiverInTheEnd) {
  at("b").call<&post::refuse_next>(1'000).get();
  at("a").call<&post::send_many>("b", 2).get();
  rt.advance(1h);
  const auto image = stored("b");
  ASSERT_EQ(image.letters.size(), 2U);
  EXPECT_EQ(image.letters[0].arguments, "[0]");
  EXPECT_EQ(image.letters[0].error, "refused");
  EXPECT_EQ(image.letters[0].attempts, 5U);
  EXPECT_EQ(image.letters[1].arguments, "[1]");
  EXPECT_TRUE(stored("a").messages.empty());
  EXPECT_EQ(rt.counters().dead_letters, 2U);
  EXPECT_EQ(got("b"), numbers{});
}

TEST_F(Durable, IsNotSentByAnActorThatLeavesMemory) {
  rt.host<parting>();
  rt.ref<parting>("p").call<&parting::leave>().get();
  rt.settle();
  ASSERT_FALSE(rt.log_lines().empty());
  EXPECT_NE(rt.log_lines().back().find("on_deactivate, has no commit to go with"), std::string::npos)
      << rt.log_lines().back();
  EXPECT_EQ(got("b"), numbers{});
}

TEST_F(Durable, RefusedWithAdviceWhereItCannotBeKept) {
  rt.host<forgetful>();
  try {
    at("a").tell<&post::take>(durable, 1);
    FAIL() << "it was sent outside a turn";
  } catch (const std::logic_error& e) {
    EXPECT_NE(std::string(e.what()).find("idempotency key"), std::string::npos) << e.what();
  }
  const auto refused = [&](auto call, errc code) {
    try {
      std::move(call).get();
      ADD_FAILURE() << "it was sent";
    } catch (const error& e) {
      EXPECT_EQ(e.kind(), code) << e.what();
    }
  };
  refused(rt.ref<forgetful>("f").call<&forgetful::send>("b"), errc::invalid_argument);
  refused(at("a").call<&post::send_to_forgetful>("f"), errc::invalid_argument);
  refused(at("a").call<&post::send_large>("b", 1 << 20U), errc::too_large);
  refused(at("a").call<&post::send_many>("b", 101), errc::overloaded);
  rt.advance(1s);
  EXPECT_EQ(got("b"), numbers{});
}

}  // namespace
}  // namespace troupe::testing
