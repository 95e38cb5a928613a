#include "stores/document/document.hpp"

#include <gtest/gtest.h>

#include "unit/stores/document/sample_document.hpp"

namespace troupe::internal {
namespace {

spi::turn_record erasure_of_sample(spi::commit_stamp next) {
  spi::turn_record record;
  record.actor = sample_document().actor.image.actor;
  record.expected = sample_document().actor.image.stamp;
  record.next = next;
  record.erase = true;
  return record;
}

TEST(Document, KeepsWhatARecordDoesNotMention) {
  const document before = sample_document();
  spi::turn_record record;
  record.actor = before.actor.image.actor;
  record.epoch = 4;
  record.expected = before.actor.image.stamp;
  record.next = {before.actor.image.stamp.version + 1, 1};
  record.cells = {{.name = "book", .json = {}, .kept = true}, {.name = "y", .json = "2"}};
  const document after = document_after(&before, record);
  const spi::cell_image written{.name = "y", .json = "2", .kept = true};
  EXPECT_EQ(after.actor.image.cells, (std::vector<spi::cell_image>{before.actor.image.cells[0], written}));
  EXPECT_EQ(after.actor.image.epoch, 4U);
  EXPECT_EQ(after.actor.image.stamp, record.next);
  EXPECT_EQ(after.actor.due, before.actor.due);
  EXPECT_EQ(after.actor.image.letters, before.actor.image.letters);
  EXPECT_EQ(after.actor.items, before.actor.items);
  EXPECT_EQ(after.erasures, before.erasures);
}

TEST(Document, OfAnErasedActorRemembersTheErasure) {
  const document before = sample_document();
  const auto record = erasure_of_sample({before.actor.image.stamp.version + 1, 1});
  const document after = document_after(&before, record);
  EXPECT_TRUE(after.erased && after.actor.image.cells.empty() && after.actor.items.empty() && !after.actor.due);
  EXPECT_EQ(judge(held_by(&after, record), record), commit_verdict::repeated);
  auto other = record;
  other.next.writer = 2;
  EXPECT_EQ(judge(held_by(&after, other), other), commit_verdict::conflict);
  EXPECT_EQ(load_of(after).image.stamp.version, 0U);
}

TEST(Document, OfARebornActorBeginsEmptyAndStillRemembers) {
  const document before = sample_document();
  const auto gone = erasure_of_sample({before.actor.image.stamp.version + 1, 1});
  const document erased = document_after(&before, gone);
  spi::turn_record birth;
  birth.actor = before.actor.image.actor;
  birth.next = {1, 5};
  EXPECT_EQ(judge(held_by(&erased, birth), birth), commit_verdict::apply);
  document reborn = document_after(&erased, birth);
  EXPECT_FALSE(reborn.erased);
  EXPECT_TRUE(reborn.actor.image.requests.empty() && reborn.actor.logs.empty());
  // Repeated while it lives, the erasure meets another state; erased once more, both erasures are known.
  EXPECT_EQ(judge(held_by(&reborn, gone), gone), commit_verdict::conflict);
  auto second = gone;
  second.expected = {1, 5};
  second.next = {2, 5};
  const document erased_again = document_after(&reborn, second);
  EXPECT_EQ(judge(held_by(&erased_again, gone), gone), commit_verdict::repeated);
  EXPECT_EQ(judge(held_by(&erased_again, second), second), commit_verdict::repeated);
}

TEST(Document, ForgetsTheOldestErasures) {
  document held = sample_document();
  held.erasures.clear();
  for (std::uint64_t i = 1; i <= erasures_per_document + 2; ++i) {
    held = document_after(&held, erasure_of_sample({i, 1}));
  }
  ASSERT_EQ(held.erasures.size(), erasures_per_document);
  EXPECT_EQ(held.erasures.front(), (spi::commit_stamp{3, 1}));
}

TEST(Document, OfNobodyIsJudgedAsNothing) {
  spi::turn_record birth;
  birth.actor = {"seller", "a"};
  birth.next = {1, 5};
  EXPECT_EQ(judge(held_by(nullptr, birth), birth), commit_verdict::apply);
}

}  // namespace
}  // namespace troupe::internal
