#include <algorithm>
#include <array>
#include <limits>

#include "contract/clause_support.hpp"

// Append-only logs.
namespace troupe::contract {
namespace {

using spi::commit_status;
using entries = std::vector<spi::log_entry_image>;

spi::log_entry_image entry(std::uint64_t sequence) {
  return {sequence, at_ms(static_cast<std::int64_t>(sequence) * 10),
          R"({"n":)" + std::to_string(sequence) + R"(,"t":")" + std::string(sequence % 50, 'x') + "\"}"};
}

entries entries_from(std::uint64_t first, std::uint64_t next) {
  entries made;
  for (auto i = first; i < next; ++i) made.push_back(entry(i));
  return made;
}

/// A log that had the entries from `first_before` on, and then those of `[first, next)`, of which the last are new.
spi::log_changes log(std::string name, std::uint64_t first_before, std::uint64_t first, std::uint64_t next,
                     std::uint64_t added) {
  return {{std::move(name), first, next}, first_before, entries_from(next - added, next)};
}

spi::turn_record nth(std::uint64_t version, std::vector<spi::log_changes> logs) {
  auto record = turn(acme, version == 1 ? spi::commit_stamp{} : spi::commit_stamp{version - 1, 11}, {version, 11});
  record.logs = std::move(logs);
  return record;
}

entries all_of(const store_client& client, const std::string& name) {
  return client.read_log({.actor = acme, .log = name, .limit = 10'000}).entries;
}

void expect_entries(checker& check, const spi::log_result& read, const entries& wanted, const std::string& what) {
  check.expect(read.status == spi::read_status::ok && read.message.empty(), what + ": not ok " + read.message);
  check.expect(read.entries == wanted, what + ": " + std::to_string(read.entries.size()) + " entries, other than the " +
                                           std::to_string(wanted.size()) + " that were expected");
}

violations appends_and_trims_logs(store_place& place) {
  checker check;
  const store_client client(place.open());
  const auto commit = [&](const spi::turn_record& record, const std::string& what) {
    check.expect_status(client.commit(record), commit_status::committed, what);
    return image_of(record);
  };
  auto image = commit(nth(1, {log("audit", 1, 1, 1, 0), log("sales", 1, 1, 4, 3)}), "an insert with logs");
  check.expect_image(client.load(acme), image, "after an insert with logs");
  check.expect(all_of(client, "sales") == entries_from(1, 4), "the entries of an insert are not there");
  check.expect(all_of(client, "audit").empty(), "an empty log has entries");
  auto silent = turn(acme, {1, 11}, {2, 11});
  check.expect_status(client.commit(silent), commit_status::committed, "a record without logs");
  image.stamp = silent.next;
  image.cells = silent.cells;
  check.expect_image(client.load(acme), image, "after a record without logs");
  commit(nth(3, {log("audit", 1, 1, 2, 1), log("sales", 1, 3, 6, 2)}), "an update that appends and trims");
  check.expect(all_of(client, "audit") == entries_from(1, 2), "the first entry of a log is not there");
  check.expect(all_of(client, "sales") == entries_from(3, 6), "a log was not trimmed and appended to");
  commit(nth(4, {log("audit", 1, 2, 2, 0), log("sales", 3, 105, 110, 5)}), "an update that passes a log over");
  check.expect(all_of(client, "audit").empty(), "a log that was emptied has entries");
  check.expect(all_of(client, "sales") == entries_from(105, 110), "a log that was passed over has other entries");
  image = commit(nth(5, {log("audit", 2, 2, 3, 1), log("sales", 105, 105, 110, 0)}), "an append to an emptied log");
  check.expect(all_of(client, "audit") == entries_from(2, 3), "an emptied log does not go on counting");
  check.expect_image(client.load(acme), image, "after five updates");
  return check.take();
}

violations reads_ranges_of_logs(store_place& place) {
  checker check;
  const store_client client(place.open());
  check.expect_status(client.commit(nth(1, {log("sales", 1, 1, 301, 300)})), commit_status::committed, "an insert");
  check.expect_status(client.commit(nth(2, {log("sales", 1, 21, 301, 0)})), commit_status::committed, "a trim");
  const auto read = [&](spi::log_query query) {
    query.actor = acme;
    query.log = "sales";
    return client.read_log(std::move(query));
  };
  const auto down = [](entries up) {
    std::reverse(up.begin(), up.end());
    return up;
  };
  constexpr auto last = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  expect_entries(check, read({.from = 30, .to = 33}), entries_from(30, 34), "a range");
  expect_entries(check, read({.from = 30, .to = 33, .newest_first = true}), down(entries_from(30, 34)), "downwards");
  expect_entries(check, read({.limit = 5}), entries_from(21, 26), "the oldest");
  expect_entries(check, read({.newest_first = true, .limit = 5}), down(entries_from(296, 301)), "the newest");
  expect_entries(check, read({.from = 1, .to = 22}), entries_from(21, 23), "a range that begins before the log");
  expect_entries(check, read({.from = 299, .to = last}), entries_from(299, 301), "a range that ends behind the log");
  expect_entries(check, read({.from = 1, .to = 20}), {}, "a range before the log");
  expect_entries(check, read({.from = 301, .to = last}), {}, "a range behind the log");
  expect_entries(check, read({.from = 40, .to = 39}), {}, "a range that is empty");
  std::size_t bytes = 0;
  for (const auto& each : entries_from(21, 25)) bytes += each.json.size();
  expect_entries(check, read({.bytes_max = bytes}), entries_from(21, 25), "a page as large as four entries");
  expect_entries(check, read({.bytes_max = bytes - 1}), entries_from(21, 24), "a page one byte smaller");
  expect_entries(check, read({.bytes_max = 1}), entries_from(21, 22), "a page smaller than an entry");
  expect_entries(check, client.read_log({.actor = acme, .log = "never"}), {}, "a log that is not there");
  expect_entries(check, client.read_log({.actor = {"seller", "nobody"}, .log = "sales"}), {}, "an actor without state");
  return check.take();
}

violations keeps_logs_of_different_actors_apart(store_place& place) {
  checker check;
  const store_client client(place.open());
  const actor_id hostile{"seller", std::string("ac\0me:{}*\xff", 10)};
  auto one = nth(1, {log("a", 1, 1, 3, 2), log("a.b", 1, 1, 2, 1)});
  auto other = nth(1, {log("a", 1, 1, 5, 4)});
  other.actor = hostile;
  check.expect_status(client.commit(one), commit_status::committed, "an insert");
  check.expect_status(client.commit(other), commit_status::committed, "another");
  check.expect(all_of(client, "a") == entries_from(1, 3), "a log has entries of another one");
  check.expect(all_of(client, "a.b") == entries_from(1, 2), "a log has entries of one whose name begins alike");
  expect_entries(check, client.read_log({.actor = hostile, .log = "a"}), entries_from(1, 5), "a key of hostile bytes");
  return check.take();
}

violations appends_with_their_record_alone(store_place& place) {
  checker check;
  const store_client client(place.open());
  const auto first = nth(1, {log("sales", 1, 1, 4, 3)});
  check.expect_status(client.commit(first), commit_status::committed, "an insert");
  auto loser = nth(2, {log("sales", 1, 3, 6, 2)});
  loser.expected = {1, 12};
  check.expect_status(client.commit(loser), commit_status::conflict, "a record that lost");
  check.expect(all_of(client, "sales") == entries_from(1, 4), "a record that lost has changed a log");
  check.expect_image(client.load(acme), image_of(first), "after a record that lost");
  const auto second = nth(2, {log("sales", 1, 2, 6, 2)});
  check.expect_status(client.commit(second), commit_status::committed, "an append");
  check.expect_status(client.commit(second), commit_status::committed, "the same append again");
  check.expect(all_of(client, "sales") == entries_from(2, 6), "a repeated append has changed a log");
  check.expect_status(client.commit(erasure(acme, {2, 11}, {3, 11})), commit_status::committed, "an erasure");
  check.expect(all_of(client, "sales").empty(), "an erased actor has a log");
  auto reborn = nth(1, {log("sales", 1, 1, 2, 1)});
  reborn.next.writer = 12;
  check.expect_status(client.commit(reborn), commit_status::committed, "a new insert");
  check.expect(all_of(client, "sales") == entries_from(1, 2), "a log outlived the erasure of its actor");
  return check.take();
}

violations rejects_impossible_logs(store_place& place) {
  checker check;
  const store_client client(place.open());
  const auto rejected = [&](const std::string& what, std::vector<spi::log_changes> logs) {
    check.expect_status(client.commit(nth(1, std::move(logs))), commit_status::rejected, what);
  };
  rejected("a log without a name", {log("", 1, 1, 2, 1)});
  rejected("a bad name of a log", {log("sales:1", 1, 1, 2, 1)});
  rejected("unsorted logs", {log("b", 1, 1, 2, 1), log("a", 1, 1, 2, 1)});
  rejected("a log that repeats", {log("a", 1, 1, 2, 1), log("a", 1, 1, 2, 1)});
  rejected("a log that ends before it begins", {log("a", 1, 3, 2, 0)});
  rejected("an entry that was dropped", {log("a", 1, 2, 3, 2)});
  rejected("bounds that go down", {log("a", 3, 2, 4, 0)});
  auto gap = log("a", 1, 1, 4, 3);
  gap.added.erase(gap.added.begin() + 1);
  rejected("a gap between entries", {gap});
  auto text = log("a", 1, 1, 2, 1);
  text.added[0].json = "nothing";
  rejected("an entry that is not JSON", {text});
  check.expect_nothing(client.load(acme), "after rejections");
  return check.take();
}

}  // namespace

std::span<const clause> log_clauses() {
  static constexpr std::array clauses{
      clause{"AppendsAndTrimsLogs", appends_and_trims_logs},
      clause{"ReadsRangesOfLogs", reads_ranges_of_logs},
      clause{"KeepsLogsOfDifferentActorsApart", keeps_logs_of_different_actors_apart},
      clause{"AppendsWithTheirRecordAlone", appends_with_their_record_alone},
      clause{"RejectsImpossibleLogs", rejects_impossible_logs},
  };
  return clauses;
}

}  // namespace troupe::contract
