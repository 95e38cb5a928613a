#include "core/mail.hpp"

#include <random>

#include <gtest/gtest.h>

#include "troupe/base/error.hpp"
#include "troupe/stores/memory.hpp"

namespace troupe::internal {
namespace {

constexpr std::size_t room = 1U << 20U;

const actor_id acme{"seller", "acme"};
const actor_id bolt{"buyer", "bolt"};

message_effects sending(int count) {
  message_effects effects;
  for (int i = 0; i < count; ++i) effects.sent.push_back({bolt, "take", "[" + std::to_string(i) + "]"});
  return effects;
}

TEST(Mail, NumbersMessagesByVersionAndPlace) {
  mail post{{}};
  post.next_stream = 9;
  auto effects = sending(2);
  auto first = post.describe(effects, 3, {}, room);
  post.apply(effects, first, {}, 1);
  EXPECT_EQ(first.stream, 9U);
  EXPECT_EQ(first.sent_added[0].sequence, (3U << 20U) + 1);
  EXPECT_EQ(first.sent_added[1].sequence, (3U << 20U) + 2);
  effects = sending(1);
  const auto second = post.describe(effects, 4, {}, room);
  EXPECT_EQ(second.stream, 0U) << "the stream is named once";
  EXPECT_GT(second.sent_added[0].sequence, first.sent_added[1].sequence);
}

TEST(Mail, SecondTurnWithTheSameEffectIsRefused) {
  mail post{{}};
  message_effects effects;
  effects.received = {bolt, 7, 5, 0};
  auto changes = post.describe(effects, 1, {}, room);
  post.apply(effects, changes, {}, 1);
  EXPECT_THROW(static_cast<void>(post.describe(effects, 2, {}, room)), error);
  effects.received.reset();
  effects.letter_taken = 5;
  EXPECT_THROW(static_cast<void>(post.describe(effects, 2, {}, room)), error);
}

TEST(Mail, UndeliverableMessageBecomesALetterInTheRecordThatDropsIt) {
  mail post{{.attempts_max = 1}};
  auto effects = sending(1);
  auto changes = post.describe(effects, 1, {}, room);
  post.apply(effects, changes, {}, 1);
  ASSERT_EQ(post.out.take_ready(1, {}).size(), 1U);
  const auto sequence = changes.sent_added[0].sequence;
  auto verdict = post.out.ended(bolt, sequence, delivery_end::unreachable, "no such type", {}, {}, 0);
  ASSERT_TRUE(verdict.dead);
  spi::letter_image letter;
  letter.to = bolt;
  post.keep_undeliverable(sequence, letter);
  effects = {};
  changes = post.describe(effects, 2, {}, room);
  EXPECT_EQ(changes.sent_dropped, std::vector{sequence});
  ASSERT_EQ(changes.letters_added.size(), 1U);
  post.apply(effects, changes, {}, 2);
  EXPECT_TRUE(post.has_letter(changes.letters_added[0].id));
  EXPECT_FALSE(post.changed());
}

/// Random changes of few messages, marks and letters.
spi::message_changes random_changes(std::mt19937& random) {
  spi::message_changes changes;
  changes.stream = random() % 3;
  const auto number = [&] { return std::uint64_t{1} + random() % 4; };
  const auto sender = [&] { return actor_id{"buyer", std::string(1, static_cast<char>('a' + random() % 3))}; };
  for (auto n = random() % 3; n > 0; --n) changes.sent_dropped.push_back(number());
  for (auto n = random() % 2; n > 0; --n) {
    changes.sent_added.push_back({.sequence = number(), .to = bolt, .method = "take", .arguments = "[]"});
    changes.sent_added.back().attempts = static_cast<std::uint32_t>(random() % 5);
  }
  for (auto n = random() % 2; n > 0; --n) changes.marks_dropped.push_back(sender());
  for (auto n = random() % 2; n > 0; --n) changes.marks_set.push_back({sender(), 1 + random() % 2, number(), {}});
  for (auto n = random() % 2; n > 0; --n) changes.letters_dropped.push_back(number());
  for (auto n = random() % 2; n > 0; --n) {
    changes.letters_added.push_back({.id = number(), .from = bolt, .to = acme, .method = "take", .arguments = "[]"});
    changes.letters_added.back().attempts = static_cast<std::uint32_t>(random() % 5);
  }
  return changes;
}

/// What a store holds after records with these changes.
spi::actor_image stored_after(const std::vector<spi::message_changes>& all) {
  const auto store = stores::memory_store({});
  spi::commit_stamp stamp;
  spi::actor_image image;
  for (const auto& changes : all) {
    std::vector<spi::turn_record> records(1);
    records[0].actor = acme;
    records[0].expected = stamp;
    records[0].next = {stamp.version + 1, 1};
    records[0].messages = changes;
    stamp = records[0].next;
    store->async_commit(records, [](const std::vector<spi::commit_result>& results) {
      EXPECT_EQ(results[0].status, spi::commit_status::committed) << results[0].message;
    });
  }
  const std::vector<actor_id> asked{acme};
  store->async_load(asked, [&](std::vector<spi::load_result> results) { image = std::move(results[0].image); });
  return image;
}

TEST(Mail, MergedChangesHaveTheEffectOfBoth) {
  for (unsigned seed = 1; seed <= 2'000; ++seed) {
    std::mt19937 random(seed);
    const auto first = random_changes(random);
    const auto second = random_changes(random);
    const auto third = random_changes(random);
    auto merged = second;
    merge_changes(merged, spi::message_changes(third));
    const auto apart = stored_after({first, second, third});
    const auto together = stored_after({first, merged});
    EXPECT_EQ(apart.stream, together.stream) << "seed " << seed;
    EXPECT_EQ(apart.messages, together.messages) << "seed " << seed;
    EXPECT_EQ(apart.marks, together.marks) << "seed " << seed;
    EXPECT_EQ(apart.letters, together.letters) << "seed " << seed;
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace troupe::internal
