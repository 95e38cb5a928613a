#include "stores/rules/commit_rules.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

spi::turn_record good_record() {
  spi::turn_record record;
  record.actor = {"seller", "acme"};
  record.expected = {4, 11};
  record.next = {5, 11};
  record.cells = {{"cart", 1, "[]"}, {"stock", 2, "7"}};
  return record;
}

template <typename Change>
std::string refusal_after(Change change) {
  auto record = good_record();
  change(record);
  return refusal(record, {}).value_or("none");
}

TEST(CommitRules, RefuseNothingThatIsWellFormed) {
  EXPECT_EQ(refusal_after([](auto&) {}), "none");
  EXPECT_EQ(refusal_after([](auto& record) {
              record.cells.clear();
              record.erase = true;
            }),
            "none");
}

TEST(CommitRules, RefuseWhatBreaksTheRulesOfARecord) {
  const auto refused = [](auto change, std::string_view words) {
    const std::string message = refusal_after(change);
    EXPECT_EQ(message.rfind("the record of ", 0), 0U) << message;
    EXPECT_NE(message.find(words), std::string::npos) << message;
  };
  refused([](auto& r) { r.actor.type.clear(); }, "type name");
  refused([](auto& r) { r.actor.key.clear(); }, "its key");
  refused([](auto& r) { r.actor.key.assign(513, 'k'); }, "its key");
  refused([](auto& r) { r.next.version = 4; }, "next version");
  refused([](auto& r) { r.erase = true; }, "erases and writes");
  refused([](auto& r) { std::swap(r.cells[0], r.cells[1]); }, "not sorted");
  refused([](auto& r) { r.cells[1].name = "cart"; }, "a name repeats");
  refused([](auto& r) { r.cells[0].name = "a b"; }, "cell name");
  refused([](auto& r) { r.cells[0].name.clear(); }, "cell name");
  refused([](auto& r) { r.cells[0].schema = 0; }, "schema version 0");
  refused([](auto& r) { r.cells[0].json = "{"; }, "cell cart is not JSON");
  refused([](auto& r) { r.cells[0].json = "1,\"x\":2"; }, "cell cart is not JSON");
  refused([](auto& r) { r.reminders = {{{"", {}, {}, "null"}}}; }, "reminder name");
  refused([](auto& r) { r.reminders = {{{"a", {}, {}, ""}}}; }, "data of reminder a");
  refused([](auto& r) { r.requests_added = {{"", "null", {}}}; }, "idempotency key");
  refused([](auto& r) { r.requests_added = {{"k", "nul", {}}}; }, "reply to request k");
  refused([](auto& r) { r.keeps_cells = true; }, "keeps the cells and writes");
}

spi::message_changes good_messages() {
  const actor_id bolt{"buyer", "bolt"};
  spi::message_changes changes;
  changes.sent_added = {{.sequence = 1, .to = bolt, .method = "take", .arguments = "[1]"}};
  changes.marks_set = {{.from = bolt, .stream = 7, .sequence = 1, .at = {}}};
  changes.letters_added = {
      {.id = 1, .from = bolt, .to = {"seller", "acme"}, .method = "pay", .arguments = "[]", .error = "no"}};
  return changes;
}

TEST(CommitRules, RefuseMessagesThatBreakTheRules) {
  EXPECT_EQ(refusal_after([](auto& record) { record.messages = good_messages(); }), "none");
  const auto refused = [](auto change, std::string_view words) {
    const std::string message = refusal_after([&](auto& record) {
      record.messages = good_messages();
      change(record, *record.messages);
    });
    EXPECT_NE(message.find(words), std::string::npos) << message;
  };
  refused([](auto& r, auto&) { r.erase = true; }, "erases and writes");
  refused([](auto&, auto& m) { m.sent_added[0].sequence = 0; }, "numbered 0");
  refused([](auto&, auto& m) { m.sent_added[0].sequence = std::uint64_t{1} << 63U; }, "numbered 9223372036854775808");
  refused([](auto&, auto& m) { m.sent_added[0].to.key.clear(); }, "names of actors");
  refused([](auto&, auto& m) { m.sent_added[0].method.clear(); }, "method name");
  refused([](auto&, auto& m) { m.sent_added[0].method.assign(257, 'm'); }, "method name");
  refused([](auto&, auto& m) { m.sent_added[0].arguments = "{}"; }, "no JSON array");
  refused([](auto&, auto& m) { m.sent_added[0].arguments = "[1"; }, "is not JSON");
  refused([](auto&, auto& m) { m.marks_set[0].sequence = 0; }, "mark is at 0");
  refused([](auto&, auto& m) { m.marks_set[0].from.type.clear(); }, "names of actors");
  refused([](auto&, auto& m) { m.letters_added[0].id = 0; }, "numbered 0");
  refused([](auto&, auto& m) { m.letters_added[0].from.type.assign(65, 't'); }, "names of actors");
  refused([](auto&, auto& m) { m.letters_added[0].error.assign(1025, 'e'); }, "error of a dead letter");
}

TEST(CommitRules, WakeForTheEarliestReminderUnlessTheRecordSaysOtherwise) {
  const auto at_ms = [](int ms) { return wall_time(std::chrono::milliseconds(ms)); };
  auto record = good_record();
  EXPECT_EQ(due_after(record, at_ms(7)), at_ms(7));
  EXPECT_EQ(due_after(record, std::nullopt), std::nullopt);
  record.reminders = {{{"a", at_ms(5), {}, ""}, {"b", at_ms(-3), {}, ""}, {"c", at_ms(9), {}, ""}}};
  EXPECT_EQ(due_after(record, at_ms(7)), at_ms(-3));
  record.wake = {at_ms(6)};
  EXPECT_EQ(due_after(record, at_ms(7)), at_ms(6));
  record.wake->at.reset();
  EXPECT_EQ(due_after(record, at_ms(7)), std::nullopt);
  record.wake.reset();
  record.reminders.emplace();
  EXPECT_EQ(due_after(record, at_ms(7)), std::nullopt);
}

TEST(CommitRules, CountTheBytesOfMessages) {
  auto record = good_record();
  const std::size_t without = spi::bytes_of(record);
  record.messages = good_messages();
  EXPECT_EQ(spi::bytes_of(record) - without, (9U + 4U + 3U) + 9U + (9U + 10U + 3U + 2U + 2U));
}

TEST(CommitRules, CountTheBytesOfEverythingARecordBrings) {
  auto record = good_record();
  EXPECT_EQ(spi::bytes_of(record), 4U + 2U + 5U + 1U);
  record.reminders = {{{"bill", {}, {}, "null", "null"}}};
  record.requests_added = {{"key", "true", {}}};
  EXPECT_EQ(spi::bytes_of(record), 12U + 12U + 7U);
  EXPECT_FALSE(refusal(record, {.record_bytes_max = 31}));
  EXPECT_EQ(*refusal(record, {.record_bytes_max = 30}),
            "the record of seller/acme cannot be stored: it has 31 bytes, over the limit of 30");
}

TEST(CommitRules, JudgeByStampAndEpoch) {
  const auto verdict = [](held_actor held) { return judge(held, good_record()); };
  EXPECT_EQ(verdict({.stamp = {4, 11}}), commit_verdict::apply);
  EXPECT_EQ(verdict({.stamp = {5, 11}}), commit_verdict::repeated);
  EXPECT_EQ(verdict({.stamp = {5, 11}, .epoch = 9}), commit_verdict::repeated);
  EXPECT_EQ(verdict({.stamp = {4, 12}}), commit_verdict::conflict);
  EXPECT_EQ(verdict({.stamp = {6, 11}}), commit_verdict::conflict);
  EXPECT_EQ(verdict({}), commit_verdict::conflict);
  EXPECT_EQ(verdict({.stamp = {4, 11}, .epoch = 1}), commit_verdict::conflict);
}

TEST(CommitRules, TakeOnlyARememberedErasureForARepeatedOne) {
  auto record = good_record();
  record.cells.clear();
  record.erase = true;
  EXPECT_EQ(judge({}, record), commit_verdict::conflict);
  EXPECT_EQ(judge({.stamp = {}, .epoch = 0, .erased_by_record = true}, record), commit_verdict::repeated);
  auto other = record;
  other.actor.key = "bolt";
  EXPECT_EQ(erasure_of(record), erasure_of(record));
  EXPECT_NE(erasure_of(record), erasure_of(other));
}

}  // namespace
}  // namespace troupe::internal
