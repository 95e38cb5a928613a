#include <array>

#include "contract/clause_support.hpp"

namespace troupe::contract {
namespace {

using spi::commit_status;

const actor_id bolt{"seller", "bolt"};
const actor_id cask{"seller", "cask"};

violations inserts_an_actor_that_is_not_there(store_place& place) {
  checker check;
  const store_client client(place.open());
  check.expect_status(client.commit(birth(acme)), commit_status::committed, "an insert");
  check.expect_image(client.load(acme), image_of(birth(acme)), "after an insert");
  return check.take();
}

violations updates_an_actor_whose_stamp_matches(store_place& place) {
  checker check;
  const store_client client(place.open());
  check.expect_status(client.commit(birth(acme)), commit_status::committed, "an insert");
  const auto second = turn(acme, {1, 11}, {2, 11});
  check.expect_status(client.commit(second), commit_status::committed, "an update by the same activation");
  const auto third = turn(acme, {2, 11}, {7, 12});
  check.expect_status(client.commit(third), commit_status::committed, "an update by another one, of several turns");
  check.expect_image(client.load(acme), image_of(third), "after two updates");
  return check.take();
}

/// Expects that `record` meets a conflict and that the actor stays as `before` says.
void expect_refused(checker& check, const store_client& client, const spi::turn_record& record,
                    const spi::actor_image& before, const std::string& what) {
  check.expect_status(client.commit(record), commit_status::conflict, what);
  check.expect_image(client.load(before.actor), before, "after " + what);
}

violations refuses_a_wrong_version(store_place& place) {
  checker check;
  const store_client client(place.open());
  check.expect_status(client.commit(turn(acme, {}, {5, 11})), commit_status::committed, "an insert");
  const auto before = client.load(acme).image;
  expect_refused(check, client, turn(acme, {4, 11}, {6, 12}), before, "an older version");
  expect_refused(check, client, turn(acme, {6, 11}, {7, 12}), before, "a newer version");
  return check.take();
}

violations refuses_a_wrong_writer(store_place& place) {
  checker check;
  const store_client client(place.open());
  check.expect_status(client.commit(birth(acme)), commit_status::committed, "an insert");
  expect_refused(check, client, turn(acme, {1, 12}, {2, 12}), image_of(birth(acme)), "the version of another writer");
  return check.take();
}

violations refuses_to_insert_what_exists(store_place& place) {
  checker check;
  const store_client client(place.open());
  check.expect_status(client.commit(birth(acme)), commit_status::committed, "an insert");
  expect_refused(check, client, turn(acme, {}, {1, 12}), image_of(birth(acme)), "a second insert");
  return check.take();
}

violations refuses_to_update_what_does_not_exist(store_place& place) {
  checker check;
  const store_client client(place.open());
  check.expect_status(client.commit(turn(acme, {1, 11}, {2, 11})), commit_status::conflict, "an update of nothing");
  check.expect_nothing(client.load(acme), "after an update of nothing");
  check.expect_status(client.commit(birth(acme)), commit_status::committed, "an insert");
  check.expect_status(client.commit(erasure(acme, {1, 11}, {2, 11})), commit_status::committed, "an erasure");
  check.expect_status(client.commit(turn(acme, {1, 11}, {2, 12})), commit_status::conflict, "an update of the erased");
  check.expect_status(client.commit(turn(acme, {2, 11}, {3, 12})), commit_status::conflict,
                      "an update on top of the erasure");
  check.expect_nothing(client.load(acme), "after updates of the erased");
  return check.take();
}

violations refuses_an_old_stamp_after_a_rebirth(store_place& place) {
  checker check;
  const store_client client(place.open());
  check.expect_status(client.commit(birth(acme)), commit_status::committed, "an insert");
  check.expect_status(client.commit(erasure(acme, {1, 11}, {2, 11})), commit_status::committed, "an erasure");
  const auto reborn = turn(acme, {}, {1, 12});
  check.expect_status(client.commit(reborn), commit_status::committed, "a new insert");
  expect_refused(check, client, turn(acme, {1, 11}, {2, 11}), image_of(reborn), "an update from before the erasure");
  expect_refused(check, client, erasure(acme, {1, 11}, {2, 11}), image_of(reborn), "the erasure once more");
  return check.take();
}

violations reports_a_repeated_record_as_committed(store_place& place) {
  checker check;
  const store_client client(place.open());
  auto first = birth(acme);
  first.reminders = {{reminder("bill", 1000)}};
  first.requests_added = {request("r1", 10, "1")};
  check.expect_status(client.commit(first), commit_status::committed, "an insert");
  check.expect_status(client.commit(first), commit_status::committed, "the same insert again");
  check.expect_image(client.load(acme), image_of(first), "after the same insert twice");
  const auto second = turn(acme, {1, 11}, {2, 11});
  check.expect_status(client.commit(second), commit_status::committed, "an update");
  check.expect_status(client.commit(second), commit_status::committed, "the same update again");
  check.expect_status(client.commit(second), commit_status::committed, "the same update a third time");
  expect_refused(check, client, first, client.load(acme).image, "an insert repeated after a further write");
  return check.take();
}

violations does_not_apply_a_repeated_record_again(store_place& place) {
  checker check;
  const store_client client(place.open());
  const auto first = birth(acme);
  check.expect_status(client.commit(first), commit_status::committed, "an insert");
  auto lookalike = first;
  lookalike.cells = {cell("other", "1")};
  check.expect_status(client.commit(lookalike), commit_status::committed, "a record with the stamp that is held");
  check.expect_image(client.load(acme), image_of(first), "after a record with the stamp that is held");
  return check.take();
}

violations reports_a_repeated_erasure_as_committed(store_place& place) {
  checker check;
  const store_client client(place.open());
  check.expect_status(client.commit(birth(acme)), commit_status::committed, "an insert");
  const auto gone = erasure(acme, {1, 11}, {2, 11});
  check.expect_status(client.commit(gone), commit_status::committed, "an erasure");
  check.expect_status(client.commit(gone), commit_status::committed, "the same erasure again");
  check.expect_status(client.commit(erasure(acme, {1, 11}, {2, 12})), commit_status::conflict,
                      "another activation's erasure of what is gone");
  check.expect_status(client.commit(erasure(bolt, {1, 11}, {2, 11})), commit_status::conflict,
                      "the erasure of another actor that never was");
  return check.take();
}

violations refuses_a_lower_epoch(store_place& place) {
  constexpr std::uint64_t high = std::uint64_t{1} << 63U;
  checker check;
  const store_client client(place.open());
  auto record = birth(acme);
  record.epoch = 5;
  check.expect_status(client.commit(record), commit_status::committed, "an insert of epoch 5");
  record = turn(acme, {1, 11}, {2, 11});
  record.epoch = 4;
  expect_refused(check, client, record, client.load(acme).image, "a write of epoch 4");
  record.epoch = 5;
  check.expect_status(client.commit(record), commit_status::committed, "a write of epoch 5");
  record = turn(acme, {2, 11}, {3, 12});
  record.epoch = high;
  check.expect_status(client.commit(record), commit_status::committed, "a write of a very high epoch");
  check.expect_image(client.load(acme), image_of(record), "after a very high epoch");
  record = turn(acme, {3, 12}, {4, 12});
  record.epoch = 6;
  expect_refused(check, client, record, client.load(acme).image, "a write of epoch 6 after a very high one");
  record = erasure(acme, {3, 12}, {4, 12});
  record.epoch = 6;
  expect_refused(check, client, record, client.load(acme).image, "an erasure of epoch 6 after a very high one");
  return check.take();
}

violations leaves_no_trace_of_a_refused_record(store_place& place) {
  checker check;
  const store_client client(place.open());
  auto first = birth(acme);
  first.reminders = {{reminder("bill", 1000)}};
  first.requests_added = {request("r1", 10, "1")};
  check.expect_status(client.commit(first), commit_status::committed, "an insert");
  auto loser = turn(acme, {3, 11}, {4, 12});
  loser.reminders = {{reminder("other", 1)}};
  loser.requests_added = {request("r2", 20, "2")};
  loser.requests_dropped = {"r1"};
  expect_refused(check, client, loser, image_of(first), "a record that changes everything");
  const auto due = client.scan_due({at_ms(5000), std::nullopt, 10}).actors;
  check.expect(due == std::vector<spi::due_actor>{{acme, at_ms(1000)}}, "a refused record changed what is due");
  return check.take();
}

violations judges_each_record_of_a_batch_by_itself(store_place& place) {
  checker check;
  const store_client client(place.open());
  check.expect_status(client.commit(birth(bolt)), commit_status::committed, "an insert");
  // Not in the order of the keys: results follow the records.
  const std::array batch{turn(cask, {}, {1, 12}), turn(bolt, {}, {1, 12}), turn(acme, {}, {1, 12})};
  const auto results = client.commit(batch);
  check.expect(results.size() == 3, "three records have " + std::to_string(results.size()) + " results");
  if (results.size() != 3) return check.take();
  check.expect_status(results[0], commit_status::committed, "the first of the batch");
  check.expect_status(results[1], commit_status::conflict, "the second of the batch, which exists");
  check.expect_status(results[2], commit_status::committed, "the third of the batch");
  check.expect(results[1].message.find("seller/bolt") != std::string::npos,
               "the message of a conflict does not name the actor: " + results[1].message);
  check.expect_image(client.load(acme), image_of(batch[2]), "the third of the batch");
  check.expect_image(client.load(bolt), image_of(birth(bolt)), "the second of the batch");
  check.expect_image(client.load(cask), image_of(batch[0]), "the first of the batch");
  return check.take();
}

}  // namespace

std::span<const clause> commit_clauses() {
  static constexpr std::array clauses{
      clause{"InsertsAnActorThatIsNotThere", inserts_an_actor_that_is_not_there},
      clause{"UpdatesAnActorWhoseStampMatches", updates_an_actor_whose_stamp_matches},
      clause{"RefusesAWrongVersion", refuses_a_wrong_version},
      clause{"RefusesAWrongWriter", refuses_a_wrong_writer},
      clause{"RefusesToInsertWhatExists", refuses_to_insert_what_exists},
      clause{"RefusesToUpdateWhatDoesNotExist", refuses_to_update_what_does_not_exist},
      clause{"RefusesAnOldStampAfterARebirth", refuses_an_old_stamp_after_a_rebirth},
      clause{"ReportsARepeatedRecordAsCommitted", reports_a_repeated_record_as_committed},
      clause{"DoesNotApplyARepeatedRecordAgain", does_not_apply_a_repeated_record_again},
      clause{"ReportsARepeatedErasureAsCommitted", reports_a_repeated_erasure_as_committed},
      clause{"RefusesALowerEpoch", refuses_a_lower_epoch},
      clause{"LeavesNoTraceOfARefusedRecord", leaves_no_trace_of_a_refused_record},
      clause{"JudgesEachRecordOfABatchByItself", judges_each_record_of_a_batch_by_itself},
  };
  return clauses;
}

}  // namespace troupe::contract
