#include <algorithm>

#include "contract/broken_places.hpp"
#include "contract/clause_support.hpp"

namespace troupe::contract {
namespace {

using spi::actor_image;
using spi::commit_result;
using spi::commit_status;
using spi::turn_record;

template <typename Change>
tampering on_messages(Change change) {
  return {.record = [change](turn_record& record, const actor_image& held) {
    if (record.messages) change(*record.messages, held);
  }};
}

/// Brings back what an erasure should have taken, when the actor is made anew.
tampering outbox_that_outlives_its_actor() {
  const auto gone = std::make_shared<actor_image>();
  return {.record = [gone](turn_record& record, const actor_image& held) {
    if (record.erase) *gone = held;
    if (record.erase || held.stamp.version != 0 || gone->messages.empty()) return;
    record.messages.emplace().sent_added = gone->messages;
  }};
}

}  // namespace

std::vector<broken_driver> drivers_that_lose_messages() {
  return {
      tampered("ForgetsMessages", "KeepsAllOfTheMessages",
               {.record = [](turn_record& record, const actor_image&) { record.messages.reset(); }}),
      tampered("ForgetsTheStream", "KeepsAllOfTheMessages",
               on_messages([](spi::message_changes& changes, const actor_image&) { changes.stream = 0; })),
      tampered("ForgetsDeadLetters", "KeepsAllOfTheMessages",
               on_messages([](spi::message_changes& changes, const actor_image&) { changes.letters_added.clear(); })),
      tampered("KeepsDroppedMessages", "AddsAndDropsMessages",
               on_messages([](spi::message_changes& changes, const actor_image&) { changes.sent_dropped.clear(); })),
      tampered("DoesNotReplaceMarks", "AddsAndDropsMessages",
               on_messages([](spi::message_changes& changes, const actor_image& held) {
                 std::erase_if(changes.marks_set, [&](const auto& mark) {
                   return std::any_of(held.marks.begin(), held.marks.end(),
                                      [&](const auto& old) { return old.from == mark.from; });
                 });
               })),
      tampered("DropsAfterItAdds", "AddsAndDropsMessages",
               on_messages([](spi::message_changes& changes, const actor_image&) {
                 std::erase_if(changes.sent_added, [&](const auto& message) {
                   const auto& dropped = changes.sent_dropped;
                   return std::find(dropped.begin(), dropped.end(), message.sequence) != dropped.end();
                 });
               })),
      tampered("WritesCellsThatShouldStay", "KeepsCellsThatARecordDoesNotWrite",
               {.record = [](turn_record& record, const actor_image&) { record.keeps_cells = false; }}),
      tampered("WakesForRemindersAlone", "WakesWhenARecordSaysSo",
               {.record =
                    [](turn_record& record, const actor_image& held) {
                      if (!record.wake) return;
                      record.wake->at.reset();
                      for (const auto& reminder : record.reminders ? *record.reminders : held.reminders) {
                        record.wake->at = std::min(record.wake->at.value_or(reminder.due), reminder.due);
                      }
                    }}),
      tampered("AppliesMessagesOfARefusedRecord", "AppliesMessagesWithTheirRecordAlone",
               {.after =
                    [](spi::state_store& good, const turn_record& record, const actor_image& held,
                       const commit_result& result) {
                      if (result.status != commit_status::conflict || !record.messages) return;
                      turn_record half;
                      half.actor = held.actor;
                      half.expected = held.stamp;
                      half.next = {held.stamp.version + 1, 99};
                      half.keeps_cells = true;
                      half.messages = record.messages;
                      good.async_commit(std::span(&half, 1), [](std::vector<commit_result> /*whatever*/) {});
                    }}),
      tampered("KeepsTheOutboxOfTheErased", "ErasesMessagesWithTheirActor", outbox_that_outlives_its_actor()),
  };
}

}  // namespace troupe::contract
