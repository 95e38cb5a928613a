#include <algorithm>

#include "unit/messages/durable_actors.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

class DeadLetter : public messages_fixture {
 protected:
  /// Makes so many dead letters of "b", which then takes what it gets.
  void make_letters(int count) {
    at("b").call<&post::refuse_next>(5 * count).get();
    at("a").call<&post::send_many>("b", count).get();
    rt.advance(2h);
    ASSERT_EQ(rt.dead_letters(b).size(), static_cast<std::size_t>(std::min(count, 10)));
  }

  const actor_id b{"post", "b"};
  const actor_id h{"hopeful", "h"};
};

TEST_F(DeadLetter, IsListedInPagesWithWhatHappened) {
  make_letters(5);
  const auto first = rt.dead_letters(b, 0, 2);
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[0].from, (actor_id{"post", "a"}));
  EXPECT_EQ(first[0].to, b);
  EXPECT_EQ(first[0].method, "take");
  EXPECT_EQ(first[0].arguments, "[0]");
  EXPECT_EQ(first[0].error, "refused");
  EXPECT_EQ(first[0].attempts, 5U);
  EXPECT_LT(first[0].sent, first[0].died);
  const auto second = rt.dead_letters(b, first[1].id, 10);
  ASSERT_EQ(second.size(), 3U);
  EXPECT_EQ(second[2].arguments, "[4]");
  EXPECT_TRUE(rt.dead_letters({"post", "nobody"}).empty());
  const auto& log = rt.log_lines();
  EXPECT_TRUE(std::any_of(log.begin(), log.end(), [](const std::string& line) {
    return line.find("is a dead letter of its receiver") != std::string::npos;
  }));
}

TEST_F(DeadLetter, RedrivenOneHasItsEffectAndLeavesInOneCommit) {
  make_letters(2);
  const auto letters = rt.dead_letters(b);
  rt.redrive_dead_letter(b, letters[1].id);
  EXPECT_EQ(got("b"), numbers{1});
  EXPECT_EQ(rt.dead_letters(b).size(), 1U);
  rt.crash();
  EXPECT_EQ(got("b"), numbers{1});
  EXPECT_THROW(rt.redrive_dead_letter(b, letters[1].id), error) << "it was redriven twice";
  rt.redrive_dead_letter(b, letters[0].id);
  EXPECT_EQ(got("b"), (numbers{1, 0}));
  EXPECT_TRUE(rt.dead_letters(b).empty());
}

TEST_F(DeadLetter, StaysWhenRedrivingItFails) {
  make_letters(1);
  at("b").call<&post::refuse_next>(1).get();
  const auto letter = rt.dead_letters(b).at(0);
  EXPECT_THROW(rt.redrive_dead_letter(b, letter.id), std::runtime_error);
  EXPECT_EQ(rt.dead_letters(b).size(), 1U);
  EXPECT_EQ(got("b"), numbers{});
  rt.redrive_dead_letter(b, letter.id);
  EXPECT_EQ(got("b"), numbers{0});
}

TEST_F(DeadLetter, DroppedOneIsGone) {
  make_letters(2);
  const auto letters = rt.dead_letters(b);
  rt.drop_dead_letter(b, letters[0].id);
  rt.crash();
  ASSERT_EQ(rt.dead_letters(b).size(), 1U);
  EXPECT_EQ(rt.dead_letters(b)[0].id, letters[1].id);
  EXPECT_EQ(got("b"), numbers{});
  EXPECT_THROW(rt.drop_dead_letter(b, letters[0].id), error);
}

TEST_F(DeadLetter, MessageStaysWithItsSenderWhileTheReceiverHasTooMany) {
  make_letters(12);
  EXPECT_EQ(stored("a").messages.size(), 2U) << "letters_max is 10";
  rt.drop_dead_letter(b, rt.dead_letters(b)[0].id);
  rt.advance(2h);
  EXPECT_EQ(rt.dead_letters(b).size(), 10U);
  ASSERT_EQ(stored("a").messages.size(), 1U);
  EXPECT_EQ(stored("a").messages[0].arguments, "[11]");
}

TEST_F(DeadLetter, OfAReceiverThatCannotBeActivatedStaysWithTheSender) {
  refuses = true;
  rt.ref<hopeful>("h").call<&hopeful::send>("s", 1).get();
  rt.advance(1h);
  const auto letters = rt.dead_letters(h);
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].to, (actor_id{"stubborn", "s"}));
  EXPECT_NE(letters[0].error.find("not today"), std::string::npos) << letters[0].error;
  EXPECT_TRUE(rt.stored(h).messages.empty());
  refuses = false;
  rt.redrive_dead_letter(h, letters[0].id);
  rt.advance(1s);
  EXPECT_EQ(rt.ref<stubborn>("s").call<&stubborn::seen>().get(), numbers{1});
  EXPECT_TRUE(rt.dead_letters(h).empty());
}

TEST_F(DeadLetter, MessageStaysInTheOutboxWhileItsSenderHasTooMany) {
  refuses = true;
  test_runtime one;
  one.host<hopeful>({.messages = {.attempts_max = 1, .letters_max = 2}});
  one.host<stubborn>({}, [this] { return std::make_unique<stubborn>(refuses); });
  for (int n = 0; n < 5; ++n) {
    one.ref<hopeful>("h").call<&hopeful::send>("s", n).get();
    one.advance(1s);
  }
  one.advance(1h);
  EXPECT_EQ(one.dead_letters(h).size(), 2U);
  EXPECT_EQ(one.stored(h).messages.size(), 3U);
  refuses = false;
  EXPECT_TRUE(one.release({"stubborn", "s"})) << "an actor that cannot be activated is quarantined";
  one.advance(2min);
  EXPECT_EQ(one.ref<stubborn>("s").call<&stubborn::seen>().get(), (numbers{2, 3, 4}));
}

/// Puts a message into the outbox of hopeful/h, as an earlier program might have.
void put_message(const std::shared_ptr<stores::memory_disk>& disk, const spi::message_image& message) {
  const auto store = stores::memory_store({.disk = disk});
  std::vector<spi::turn_record> records(1);
  records[0].actor = {"hopeful", "h"};
  records[0].next = {1, 5};
  records[0].messages.emplace().stream = 5;
  records[0].wake = {message.sent};
  records[0].messages->sent_added = {message};
  store->async_commit(records, [](const std::vector<spi::commit_result>& results) {
    ASSERT_EQ(results[0].status, spi::commit_status::committed) << results[0].message;
  });
}

TEST_F(DeadLetter, OfAMessageThatThisProgramCannotRunStaysWithTheSender) {
  struct unusable {
    spi::message_image message;
    std::string why;
  };
  const std::vector<unusable> cases{
      {{.sequence = 1, .to = {"nobody", "n"}, .method = "take", .arguments = "[1]"}, "not hosted"},
      {{.sequence = 1, .to = {"post", "b"}, .method = "juggle", .arguments = "[1]"}, "no method post.juggle"},
      {{.sequence = 1, .to = {"post", "b"}, .method = "take", .arguments = R"(["x"])"}, "argument 1"},
      {{.sequence = 1, .to = {"forgetful", "f"}, .method = "take", .arguments = "[1]"},
       "durability of its type is none"},
  };
  for (const auto& [message, why] : cases) {
    const auto disk = stores::make_memory_disk();
    test_runtime one({.disk = disk});
    put_message(disk, message);
    host(one);
    one.host<forgetful>();
    one.advance(1h);
    const auto letters = one.dead_letters(h);
    ASSERT_EQ(letters.size(), 1U) << why;
    EXPECT_NE(letters[0].error.find(why), std::string::npos) << letters[0].error;
    EXPECT_EQ(letters[0].attempts, 3U);
    EXPECT_TRUE(one.stored(h).messages.empty());
    one.drop_dead_letter(h, letters[0].id);
    EXPECT_TRUE(one.dead_letters(h).empty());
  }
}

}  // namespace
}  // namespace troupe::testing
