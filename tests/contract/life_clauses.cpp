#include <array>
#include <thread>

#include "contract/clause_support.hpp"

namespace troupe::contract {
namespace {

using commit_results = std::vector<spi::commit_result>;
using spi::commit_status;

std::vector<spi::turn_record> births(std::size_t count, std::uint64_t writer) {
  std::vector<spi::turn_record> records;
  for (std::size_t i = 0; i < count; ++i) {
    records.push_back(turn({"seller", std::to_string(i)}, {}, {1, writer}));
  }
  return records;
}

/// Turns each record into the next one of the same actor by `writer`, on top of what won.
void advance(std::vector<spi::turn_record>& records, const std::vector<spi::load_result>& held, std::uint64_t writer) {
  for (std::size_t i = 0; i < records.size(); ++i) {
    const spi::commit_stamp stamp = held[i].image.stamp;
    records[i] = turn(records[i].actor, stamp, {stamp.version + 1, writer});
  }
}

violations settles_overlapping_batches(store_place& place) {
  checker check;
  const store_client client(place.open());
  // All under way at once, all from the same stamp.
  std::vector<std::vector<spi::turn_record>> batches;
  std::vector<pending<commit_results>> results(8);
  for (std::size_t b = 0; b < results.size(); ++b) batches.push_back(births(40, 100 + b));
  for (std::size_t b = 0; b < results.size(); ++b) client.store().async_commit(batches[b], results[b].completion());
  for (std::size_t i = 0; i < batches[0].size(); ++i) {
    std::vector<std::uint64_t> winners;
    for (std::size_t b = 0; b < results.size(); ++b) {
      const spi::commit_result result = results[b].get().at(i);
      if (result.status == commit_status::committed) {
        winners.push_back(100 + b);
      } else {
        check.expect_status(result, commit_status::conflict, "a record that lost to another batch");
      }
    }
    const auto stamp = client.load(batches[0][i].actor).image.stamp;
    check.expect(winners.size() == 1, std::to_string(winners.size()) + " of several batches won one actor");
    check.expect(winners.empty() || stamp.writer == winners[0], "the store does not hold the record that won");
  }
  return check.take();
}

violations lets_exactly_one_of_two_stores_win(store_place& place) {
  constexpr std::size_t rounds = 10;
  checker check;
  const store_client one(place.open());
  const store_client two(place.open());
  auto records_of_one = births(256, 1);
  auto records_of_two = births(256, 2);
  std::vector<actor_id> actors;
  for (const auto& record : records_of_one) actors.push_back(record.actor);
  for (std::size_t round = 0; round < rounds; ++round) {
    commit_results results_of_two;
    std::thread other([&] { results_of_two = two.commit(records_of_two); });
    const commit_results results_of_one = one.commit(records_of_one);
    other.join();
    const auto held = two.load(actors);
    for (std::size_t i = 0; i < actors.size(); ++i) {
      const bool one_won = results_of_one[i].status == commit_status::committed;
      const bool two_won = results_of_two[i].status == commit_status::committed;
      check.expect(one_won != two_won, to_string(actors[i]) + " was won by " + (one_won ? "both" : "none"));
      const std::uint64_t winner = one_won ? 1 : 2;
      check.expect(held[i].image.stamp == spi::commit_stamp{round + 1, winner},
                   to_string(actors[i]) + " does not hold what won");
    }
    advance(records_of_one, held, 1);
    advance(records_of_two, held, 2);
  }
  return check.take();
}

violations shows_a_commit_to_every_later_read(store_place& place) {
  checker check;
  const store_client writer(place.open());
  const store_client reader(place.open());
  for (std::uint64_t version = 1; version <= 50; ++version) {
    const spi::commit_stamp before{version - 1, version == 1 ? 0U : 11U};
    check.expect_status(writer.commit(turn(acme, before, {version, 11})), commit_status::committed, "a write");
    check.expect(reader.load(acme).image.stamp.version == version, "a load does not see the commit before it");
  }
  return check.take();
}

violations completes_every_operation_once(store_place& place) {
  checker check;
  const auto store = place.open();
  const auto records = births(10, 11);
  std::vector<actor_id> actors;
  for (const auto& record : records) actors.push_back(record.actor);
  const pending<commit_results> commit;
  const pending<std::vector<spi::load_result>> load;
  const pending<spi::list_result> list;
  const pending<spi::due_result> due;
  store->async_commit(records, commit.completion());
  store->async_load(actors, load.completion());
  store->async_list({}, list.completion());
  store->async_scan_due({at_ms(0), std::nullopt, 10}, due.completion());
  store->close();
  store->close();
  for (const std::size_t count : {commit.completions(), load.completions(), list.completions(), due.completions()}) {
    check.expect(count == 1, "an operation completed " + std::to_string(count) + " times");
  }
  return check.take();
}

violations finishes_what_was_begun_before_close(store_place& place) {
  checker check;
  std::vector<spi::turn_record> records = births(200, 11);
  std::vector<pending<commit_results>> results(records.size());
  const auto store = place.open();
  for (std::size_t i = 0; i < records.size(); ++i) {
    store->async_commit(std::span(&records[i], 1), results[i].completion());
  }
  store->close();
  const store_client again(place.open());
  for (std::size_t i = 0; i < records.size(); ++i) {
    check.expect(results[i].completions() == 1, "close returned before a commit completed");
    if (results[i].completions() == 0) continue;
    check.expect_status(results[i].get().at(0), commit_status::committed, "a commit begun before close");
    check.expect_image(again.load(records[i].actor), image_of(records[i]), "a commit begun before close");
  }
  return check.take();
}

violations is_unavailable_after_close(store_place& place) {
  checker check;
  const store_client client(place.open());
  const auto record = birth({"seller", "acme"});
  check.expect_status(client.commit(record), commit_status::committed, "an insert");
  client.store().close();
  client.store().close();
  const auto unavailable = spi::read_status::unavailable;
  check.expect_status(client.commit(record), commit_status::unavailable, "a commit after close");
  const auto loaded = client.load(record.actor);
  check.expect(loaded.status == unavailable && !loaded.message.empty(), "a load after close says ok");
  check.expect(loaded.image.stamp.version == 0, "a load after close has an image");
  check.expect(client.list({}).status == unavailable, "a list after close says ok");
  check.expect(client.scan_due({at_ms(0), std::nullopt, 1}).status == unavailable, "a scan after close says ok");
  const auto log = client.read_log({.actor = record.actor, .log = "sales"});
  check.expect(log.status == unavailable && !log.message.empty(), "a read of a log after close says ok");
  const auto items = client.read_items({.actor = record.actor});
  check.expect(items.status == unavailable && !items.message.empty(), "a read of items after close says ok");
  const auto lease = client.take_lease("host");
  check.expect(lease.status == unavailable && !lease.message.empty(), "a lease is taken after close");
  return check.take();
}

violations gives_the_same_after_reopening(store_place& place) {
  checker check;
  auto record = birth({"seller", std::string("a\0\xff", 3)});
  record.epoch = 9;
  record.cells = {cell("cart", "[1,2]", 2)};
  record.reminders = {{reminder("bill", 1000, 5, "{}")}};
  record.requests_added = {request("r", 5, "1")};
  const auto gone = birth({"seller", "gone"});
  {
    const store_client client(place.open());
    check.expect_status(client.commit(record), commit_status::committed, "an insert");
    check.expect_status(client.commit(gone), commit_status::committed, "another insert");
    check.expect_status(client.commit(erasure(gone.actor, {1, 11}, {2, 11})), commit_status::committed, "an erasure");
    client.store().close();
  }
  const store_client again(place.open());
  check.expect_image(again.load(record.actor), image_of(record), "after reopening");
  check.expect_nothing(again.load(gone.actor), "an erased actor after reopening");
  check.expect(again.list({}).actors.size() == 1, "the list after reopening");
  check.expect(again.scan_due({at_ms(1000), std::nullopt, 10}).actors.size() == 1, "what is due after reopening");
  check.expect_status(again.commit(record), commit_status::committed, "a record repeated after reopening");
  check.expect_status(again.commit(erasure(gone.actor, {1, 11}, {2, 11})), commit_status::committed,
                      "an erasure repeated after reopening");
  auto stale = turn(record.actor, record.next, {2, 11});
  stale.epoch = 8;
  check.expect_status(again.commit(stale), commit_status::conflict, "a lower epoch after reopening");
  return check.take();
}

}  // namespace

std::span<const clause> life_clauses() {
  static constexpr std::array clauses{
      clause{"SettlesOverlappingBatches", settles_overlapping_batches},
      clause{"LetsExactlyOneOfTwoStoresWin", lets_exactly_one_of_two_stores_win},
      clause{"ShowsACommitToEveryLaterRead", shows_a_commit_to_every_later_read},
      clause{"CompletesEveryOperationOnce", completes_every_operation_once},
      clause{"FinishesWhatWasBegunBeforeClose", finishes_what_was_begun_before_close},
      clause{"IsUnavailableAfterClose", is_unavailable_after_close},
      clause{"GivesTheSameAfterReopening", gives_the_same_after_reopening},
  };
  return clauses;
}

std::vector<clause> state_store_clauses() {
  std::vector<clause> all;
  for (const auto part : {commit_clauses(), content_clauses(), cell_clauses(), message_clauses(), log_clauses(),
                          item_clauses(), size_clauses(), query_clauses(), lease_clauses(), life_clauses()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace troupe::contract
