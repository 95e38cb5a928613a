#include <array>
#include <limits>

#include "contract/clause_support.hpp"

namespace troupe::contract {
namespace {

using spi::commit_status;

const actor_id hostile{"buyer", std::string("bo\xff\0lt", 6)};
const actor_id buyer{"buyer", "buyer"};

spi::message_image message(std::uint64_t sequence, std::int64_t due_ms = 0, std::string arguments = "[]") {
  spi::message_image made;
  made.sequence = sequence;
  made.to = sequence % 2 == 0 ? hostile : buyer;
  made.method = "take";
  made.arguments = std::move(arguments);
  made.sent = at_ms(7);
  made.not_before = at_ms(due_ms);
  return made;
}

spi::mark_image mark(actor_id from, std::uint64_t stream, std::uint64_t sequence) {
  return {std::move(from), stream, sequence, at_ms(static_cast<std::int64_t>(sequence))};
}

spi::letter_image letter(std::uint64_t id) {
  spi::letter_image made;
  made.id = id;
  made.from = hostile;
  made.to = acme;
  made.method = "pay";
  made.arguments = R"([{"a": "\u0000"},2])";
  made.error = "it's \"broken\"\n";
  made.attempts = 16;
  made.sent = at_ms(5);
  made.died = at_ms(500);
  return made;
}

/// A record of the actor's n-th turn that changes messages alone.
spi::turn_record mail(std::uint64_t version, spi::message_changes changes) {
  auto record = turn(acme, version == 1 ? spi::commit_stamp{} : spi::commit_stamp{version - 1, 11}, {version, 11});
  record.messages = std::move(changes);
  return record;
}

/// The same, and the actor is to be woken then.
spi::turn_record mail(std::uint64_t version, spi::message_changes changes, std::optional<wall_time> due) {
  auto record = mail(version, std::move(changes));
  record.wake = {due};
  return record;
}

/// Something in every list.
spi::message_changes full_changes() {
  spi::message_changes changes;
  changes.stream = std::numeric_limits<std::uint64_t>::max() - 1;
  changes.sent_added = {message(2, 900, R"([{"to":"x"}, [ ]])"), message(3), message(std::uint64_t{1} << 62U)};
  changes.sent_added[1].attempts = std::numeric_limits<std::uint32_t>::max();
  changes.marks_set = {mark(hostile, 1, 9), mark(buyer, std::numeric_limits<std::uint64_t>::max(), 8)};
  changes.letters_added = {letter(4), letter(5)};
  return changes;
}

violations keeps_all_of_the_messages(store_place& place) {
  checker check;
  const store_client client(place.open());
  const auto first = mail(1, full_changes());
  check.expect_status(client.commit(first), commit_status::committed, "an insert with messages");
  check.expect_image(client.load(acme), image_of(first), "after an insert with messages");
  auto wanted = image_of(first);
  auto silent = turn(acme, {1, 11}, {2, 11});
  wanted.stamp = silent.next;
  wanted.cells = silent.cells;
  check.expect_status(client.commit(silent), commit_status::committed, "an update that does not mention messages");
  check.expect_image(client.load(acme), wanted, "after an update that does not mention messages");
  return check.take();
}

violations adds_and_drops_messages(store_place& place) {
  checker check;
  const store_client client(place.open());
  auto record = mail(1, full_changes());
  auto wanted = image_of(record);
  check.expect_status(client.commit(record), commit_status::committed, "an insert with messages");
  spi::message_changes changes;
  changes.sent_dropped = {2, 77};
  changes.sent_added = {message(3, 4000), message(8)};
  changes.sent_added[0].attempts = 2;
  record = mail(2, changes);
  check.expect_status(client.commit(record), commit_status::committed, "an update of the outbox");
  wanted.stamp = record.next;
  wanted.cells = record.cells;
  wanted.messages = {changes.sent_added[0], changes.sent_added[1], full_changes().sent_added[2]};
  check.expect_image(client.load(acme), wanted, "after an update of the outbox");
  changes = {};
  changes.marks_dropped = {buyer, acme};
  changes.marks_set = {mark(acme, 3, 1), mark(hostile, 2, 1)};
  record = mail(3, changes);
  check.expect_status(client.commit(record), commit_status::committed, "an update of the marks");
  wanted.stamp = record.next;
  wanted.cells = record.cells;
  wanted.marks = {mark(hostile, 2, 1), mark(acme, 3, 1)};
  check.expect_image(client.load(acme), wanted, "after an update of the marks");
  changes = {};
  changes.letters_dropped = {4, 6};
  changes.letters_added = {letter(7)};
  record = mail(4, changes);
  check.expect_status(client.commit(record), commit_status::committed, "an update of the dead letters");
  wanted.stamp = record.next;
  wanted.cells = record.cells;
  wanted.letters = {letter(5), letter(7)};
  check.expect_image(client.load(acme), wanted, "after an update of the dead letters");
  changes = {};
  changes.marks_dropped = {hostile};
  changes.marks_set = {mark(hostile, 4, 2)};
  changes.sent_dropped = {8};
  changes.sent_added = {message(8, 1)};
  record = mail(5, changes);
  check.expect_status(client.commit(record), commit_status::committed, "an update that drops and adds the same");
  wanted.stamp = record.next;
  wanted.cells = record.cells;
  wanted.marks[0] = mark(hostile, 4, 2);
  wanted.messages[1] = message(8, 1);
  check.expect_image(client.load(acme), wanted, "after an update that drops and adds the same");
  return check.take();
}

violations keeps_cells_that_a_record_does_not_write(store_place& place) {
  checker check;
  const store_client client(place.open());
  auto first = birth(acme);
  first.cells = {cell("cart", "[]", 4), cell("stock", "7")};
  first.requests_added = {request("r1", 10)};
  check.expect_status(client.commit(first), commit_status::committed, "an insert");
  auto wanted = image_of(first);
  auto record = mail(2, full_changes());
  record.cells.clear();
  record.keeps_cells = true;
  record.epoch = 2;
  check.expect_status(client.commit(record), commit_status::committed, "an update that keeps the cells");
  wanted.stamp = record.next;
  wanted.epoch = 2;
  wanted.stream = record.messages->stream;
  wanted.messages = record.messages->sent_added;
  wanted.marks = record.messages->marks_set;
  wanted.letters = record.messages->letters_added;
  check.expect_image(client.load(acme), wanted, "after an update that keeps the cells");
  record = turn(acme, {2, 11}, {3, 11});
  record.cells.clear();
  record.keeps_cells = true;
  record.epoch = 2;
  record.reminders = {{reminder("bill", 1000)}};
  record.messages.emplace();
  record.wake = {at_ms(600)};
  check.expect_status(client.commit(record), commit_status::committed, "reminders and messages without cells");
  wanted.stamp = record.next;
  wanted.reminders = *record.reminders;
  check.expect_image(client.load(acme), wanted, "after reminders and messages without cells");
  const auto due = client.scan_due({at_ms(5000), std::nullopt, 10}).actors;
  check.expect(due == std::vector<spi::due_actor>{{acme, at_ms(600)}},
               "messages beside reminders do not say what is due");
  return check.take();
}

violations wakes_when_a_record_says_so(store_place& place) {
  checker check;
  const store_client client(place.open());
  const auto due = [&] { return client.scan_due({at_ms(1'000'000), std::nullopt, 10}).actors; };
  const auto commit = [&](const spi::turn_record& record, const std::string& what) {
    check.expect_status(client.commit(record), commit_status::committed, what);
  };
  auto record = mail(1, full_changes(), at_ms(900));
  record.reminders = {{reminder("bill", 3000)}};
  commit(record, "an insert with reminders and messages");
  check.expect(due() == std::vector<spi::due_actor>{{acme, at_ms(900)}}, "a record does not wake its actor");
  commit(turn(acme, {1, 11}, {2, 11}), "an update of the cells");
  check.expect(due() == std::vector<spi::due_actor>{{acme, at_ms(900)}}, "an update of the cells moved the due time");
  commit(mail(3, {}, at_ms(3000)), "an update that moves the due time");
  check.expect(due() == std::vector<spi::due_actor>{{acme, at_ms(3000)}}, "the due time did not move");
  commit(mail(4, {}, std::nullopt), "an update after which nothing is due");
  check.expect(due().empty(), "an actor for which nothing is due is found");
  commit(mail(5, {}, at_ms(-5)), "an update that wakes again");
  check.expect(due() == std::vector<spi::due_actor>{{acme, at_ms(-5)}}, "an actor is not due again");
  return check.take();
}

violations applies_messages_with_their_record_alone(store_place& place) {
  checker check;
  const store_client client(place.open());
  const auto first = mail(1, full_changes());
  check.expect_status(client.commit(first), commit_status::committed, "an insert");
  spi::message_changes changes;
  changes.stream = 5;
  changes.sent_dropped = {2, 3};
  changes.sent_added = {message(9)};
  changes.marks_set = {mark(acme, 1, 1)};
  changes.letters_dropped = {4, 5};
  auto loser = mail(1, changes);
  loser.expected = {7, 11};
  loser.next = {8, 12};
  check.expect_status(client.commit(loser), commit_status::conflict, "a record that lost");
  check.expect_image(client.load(acme), image_of(first), "after a record that lost");
  auto lookalike = first;
  lookalike.messages = changes;
  check.expect_status(client.commit(lookalike), commit_status::committed, "a record with the stamp that is held");
  check.expect_image(client.load(acme), image_of(first), "after a record with the stamp that is held");
  return check.take();
}

violations erases_messages_with_their_actor(store_place& place) {
  checker check;
  const store_client client(place.open());
  check.expect_status(client.commit(mail(1, full_changes())), commit_status::committed, "an insert");
  check.expect_status(client.commit(erasure(acme, {1, 11}, {2, 11})), commit_status::committed, "an erasure");
  check.expect_nothing(client.load(acme), "after an erasure");
  check.expect(client.scan_due({at_ms(5000), std::nullopt, 10}).actors.empty(), "an erased actor is due");
  const auto reborn = turn(acme, {}, {1, 12});
  check.expect_status(client.commit(reborn), commit_status::committed, "a new insert");
  check.expect_image(client.load(acme), image_of(reborn), "after a rebirth");
  return check.take();
}

}  // namespace

std::span<const clause> message_clauses() {
  static constexpr std::array clauses{
      clause{"KeepsAllOfTheMessages", keeps_all_of_the_messages},
      clause{"AddsAndDropsMessages", adds_and_drops_messages},
      clause{"KeepsCellsThatARecordDoesNotWrite", keeps_cells_that_a_record_does_not_write},
      clause{"WakesWhenARecordSaysSo", wakes_when_a_record_says_so},
      clause{"AppliesMessagesWithTheirRecordAlone", applies_messages_with_their_record_alone},
      clause{"ErasesMessagesWithTheirActor", erases_messages_with_their_actor},
  };
  return clauses;
}

}  // namespace troupe::contract
