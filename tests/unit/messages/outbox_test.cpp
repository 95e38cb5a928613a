#include "core/outbox.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

using namespace std::chrono_literals;

const actor_id nail{"buyer", "nail"};
const actor_id cask{"buyer", "cask"};

spi::message_image message(std::uint64_t sequence, const actor_id& to = nail) {
  spi::message_image made;
  made.sequence = sequence;
  made.to = to;
  made.method = "take";
  made.arguments = "[]";
  return made;
}

/// An outbox, and what its owner would do with it.
class Outbox : public ::testing::Test {
 protected:
  Outbox() { out.begin_stream(7); }

  void add(std::uint64_t first, std::uint64_t last, std::uint64_t record = 0, const actor_id& to = nail) {
    std::vector<spi::message_image> messages;
    for (std::uint64_t i = first; i <= last; ++i) messages.push_back(message(i, to));
    out.add(messages, record);
  }
  /// What leaves now, as "sequence after".
  std::vector<std::string> ready(std::uint64_t committed = 0) {
    std::vector<std::string> texts;
    for (const auto& d : out.take_ready(committed, now)) {
      texts.push_back(std::to_string(d.message->sequence) + " after " + std::to_string(d.after) +
                      (d.given_up.empty() ? "" : ": " + d.given_up));
    }
    return texts;
  }
  outbox::verdict end(std::uint64_t sequence, delivery_end how, const actor_id& to = nail) {
    return out.ended(to, sequence, how, "why", now, wall, 0);
  }
  spi::message_changes changes() {
    spi::message_changes made;
    out.describe_changes(made, 1'000'000);
    out.forget_changes(made);
    return made;
  }
  using left = std::vector<std::string>;

  steady_time now{};
  wall_time wall{};
  outbox out{{.attempts_max = 3, .first_pause = 100ms, .longest_pause = 250ms}};
};

TEST_F(Outbox, LetsNothingLeaveBeforeItsRecordIsCommitted) {
  add(1, 1, 4);
  add(2, 2, 5);
  EXPECT_EQ(ready(3), left{});
  EXPECT_EQ(ready(4), left{"1 after 0"});
  EXPECT_EQ(ready(5), left{"2 after 1"});
  EXPECT_EQ(ready(5), left{});
}

TEST_F(Outbox, HasABoundedNumberUnderWayToEachReceiver) {
  add(1, 100);
  add(101, 101, 0, cask);
  EXPECT_EQ(ready().size(), 33U);
  EXPECT_EQ(ready(), left{});
  static_cast<void>(end(1, delivery_end::arrived));
  EXPECT_EQ(ready(), left{"33 after 32"});
  EXPECT_EQ(out.under_way(), 33U);
}

TEST_F(Outbox, NamesTheOneBeforeUntilThatHasArrived) {
  add(1, 2);
  static_cast<void>(ready());
  static_cast<void>(end(1, delivery_end::arrived));
  static_cast<void>(end(2, delivery_end::early));
  EXPECT_EQ(ready(), left{"2 after 0"});
}

TEST_F(Outbox, SendsOneAtATimeAfterAFailureUntilOneArrives) {
  add(1, 3);
  static_cast<void>(ready());
  EXPECT_EQ(end(1, delivery_end::failed).pause, 100ms);
  static_cast<void>(end(2, delivery_end::early));
  static_cast<void>(end(3, delivery_end::early));
  EXPECT_EQ(ready(), left{}) << "it did not pause";
  EXPECT_EQ(out.next_try(), now + 100ms);
  now += 100ms;
  EXPECT_EQ(ready(), left{"1 after 0"});
  EXPECT_EQ(out.next_try(), std::nullopt);
  static_cast<void>(end(1, delivery_end::arrived));
  EXPECT_EQ(ready(), (left{"2 after 0", "3 after 2"}));
}

TEST_F(Outbox, PausesGrowToTheLongestAndAreShortenedByUpToHalf) {
  add(1, 1);
  for (const auto pause : {100ms, 200ms, 250ms, 250ms}) {
    static_cast<void>(ready());
    EXPECT_EQ(end(1, delivery_end::hindered).pause, pause);
    now += pause;
  }
  static_cast<void>(ready());
  const auto shortest = out.ended(nail, 1, delivery_end::hindered, "", now, wall, 1023).pause;
  EXPECT_GE(shortest, 125ms);
  EXPECT_LE(shortest, 126ms);
}

TEST_F(Outbox, CountsOnlyFailuresOfTheMessageItself) {
  add(1, 1);
  for (int i = 0; i < 50; ++i) {
    static_cast<void>(ready());
    EXPECT_FALSE(end(1, delivery_end::hindered).counted);
    now += 1s;
  }
  EXPECT_FALSE(out.changed()) << "an outage makes records";
  static_cast<void>(ready());
  EXPECT_TRUE(end(1, delivery_end::failed).counted);
  EXPECT_EQ(changes().sent_added.at(0).attempts, 1U);
}

TEST_F(Outbox, GivesUpAfterTheLastAttemptAndHandsItToTheReceiver) {
  add(1, 2);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ready().at(0), "1 after 0");
    EXPECT_FALSE(end(1, delivery_end::failed).dead);
    static_cast<void>(end(2, delivery_end::early));
    if (i < 2) now += 1s;
  }
  EXPECT_EQ(ready(), left{"1 after 0: why"});
  EXPECT_FALSE(end(1, delivery_end::hindered).dead) << "full is not lost";
  now += 1s;
  EXPECT_EQ(ready(), left{"1 after 0: why"});
  EXPECT_TRUE(end(1, delivery_end::arrived).buried);
  EXPECT_EQ(ready(), left{"2 after 0"});
}

TEST_F(Outbox, KeepsWhatDidNotGetAsFarAsItsHandler) {
  add(1, 2);
  for (int i = 0; i < 2; ++i) {
    static_cast<void>(ready());
    EXPECT_FALSE(end(1, delivery_end::unreachable).dead);
    static_cast<void>(end(2, delivery_end::early));
    now += 1s;
  }
  static_cast<void>(ready());
  const auto verdict = end(1, delivery_end::unreachable);
  ASSERT_TRUE(verdict.dead);
  EXPECT_EQ(verdict.dead->attempts, 3U);
  EXPECT_TRUE(changes().sent_dropped.empty()) << "the record that brings its dead letter says so";
  EXPECT_EQ(ready(), left{"2 after 0"});
  EXPECT_EQ(out.size(), 1U);
}

TEST_F(Outbox, ReceiptOfAnEarlierLifeCountsAndOneThatIsUnknownDoesNot) {
  add(1, 2);
  static_cast<void>(end(1, delivery_end::arrived));
  static_cast<void>(end(9, delivery_end::arrived));
  static_cast<void>(end(2, delivery_end::failed));
  EXPECT_EQ(changes().sent_dropped, std::vector<std::uint64_t>{1});
  EXPECT_EQ(ready(), left{"2 after 0"}) << "a message that is not under way cannot have failed";
}

TEST_F(Outbox, ReceiversDoNotWaitForEachOther) {
  add(1, 1);
  add(2, 2, 0, cask);
  static_cast<void>(ready());
  static_cast<void>(end(1, delivery_end::failed));
  static_cast<void>(end(2, delivery_end::arrived, cask));
  add(3, 3);
  add(4, 4, 0, cask);
  EXPECT_EQ(ready(), left{"4 after 0"});
}

TEST_F(Outbox, GoesOnWithThePauseThatIsStored) {
  auto failed = message(1);
  failed.attempts = 2;
  failed.not_before = wall + 200ms;
  out.load(7, {failed, message(2)}, now, wall);
  EXPECT_EQ(ready(), left{});
  EXPECT_EQ(out.next_try(), now + 200ms);
  EXPECT_EQ(out.due(), wall + 200ms);
  now += 200ms;
  EXPECT_EQ(ready(), left{"1 after 0"});
  auto far = failed;
  far.not_before = wall + 100h;
  outbox other{{.longest_pause = 250ms}};
  other.load(7, {far}, now, wall);
  EXPECT_EQ(other.next_try(), now + 250ms) << "the wall clock was set back";
}

TEST_F(Outbox, IsDueWhenTheFirstMessageToAnyReceiverIs) {
  EXPECT_EQ(out.due(), std::nullopt);
  add(1, 2);
  EXPECT_EQ(out.due(), wall);
  static_cast<void>(ready());
  static_cast<void>(end(1, delivery_end::failed));
  EXPECT_EQ(out.due(), wall + 100ms);
  static_cast<void>(end(1, delivery_end::arrived));
  EXPECT_EQ(out.due(), wall);
  static_cast<void>(end(2, delivery_end::arrived));
  EXPECT_EQ(out.due(), std::nullopt);
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace troupe::internal
