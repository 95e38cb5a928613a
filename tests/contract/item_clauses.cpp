#include <algorithm>
#include <array>

#include "contract/clause_support.hpp"

// Items: values that an actor keeps by key.
namespace troupe::contract {
namespace {

using spi::commit_status;
using items = std::vector<spi::item_image>;

spi::item_image item(std::string key, std::string json, std::uint64_t version = 1,
                     std::optional<wall_time> expires = std::nullopt) {
  return {std::move(key), std::move(json), version, expires};
}

spi::turn_record nth(std::uint64_t version, spi::item_changes changes) {
  auto record = turn(acme, version == 1 ? spi::commit_stamp{} : spi::commit_stamp{version - 1, 11}, {version, 11});
  record.items = std::move(changes);
  return record;
}

void expect_items(checker& check, const spi::item_result& read, const items& wanted, bool more,
                  const std::string& what) {
  check.expect(read.status == spi::read_status::ok && read.message.empty(), what + ": not ok " + read.message);
  std::string keys;
  for (const auto& each : read.items) keys += to_display("", each.key) + " ";
  check.expect(read.items == wanted, what + ": other items: " + keys);
  check.expect(read.more == more, what + (more ? ": says that it is the end" : ": says that there are more"));
}

violations sets_and_erases_items(store_place& place) {
  checker check;
  const store_client client(place.open());
  const auto all = [&] { return client.read_items({.actor = acme}); };
  const auto commit = [&](const spi::turn_record& record, const std::string& what) {
    check.expect_status(client.commit(record), commit_status::committed, what);
    return image_of(record);
  };
  const auto soon = item("offer/1", R"({"price":[1, 2]})", 1, at_ms(5000));
  const auto never = item("offer/2", "\"\xc3\xa9\"");
  auto image = commit(nth(1, {at_ms(5000), false, {}, {soon, never}}), "an insert with items");
  check.expect_image(client.load(acme), image, "after an insert with items");
  expect_items(check, all(), {soon, never}, false, "after an insert with items");
  auto silent = turn(acme, {1, 11}, {2, 11});
  check.expect_status(client.commit(silent), commit_status::committed, "a record without items");
  image.stamp = silent.next;
  check.expect_image(
      client.load(acme),
      [&] {
        image.cells = silent.cells;
        return image;
      }(),
      "after a record without items");
  expect_items(check, all(), {soon, never}, false, "after a record without items");
  const auto changed = item("offer/1", "7", 3);
  image = commit(nth(3, {std::nullopt, false, {"offer/2", "never"}, {changed}}), "an update that sets and erases");
  check.expect_image(client.load(acme), image, "after an update that sets and erases");
  expect_items(check, all(), {changed}, false, "after an update that sets and erases");
  const auto again = item("offer/1", "8", 4, at_ms(-5));
  commit(nth(4, {at_ms(-5), false, {"offer/1"}, {again}}), "an erasure and a set of one key");
  expect_items(check, all(), {again}, false, "an erasure and a set of one key; and one that has expired");
  const auto last = item("offer/9", "9", 5);
  commit(nth(5, {std::nullopt, true, {}, {last}}), "an erasure of all, and a set");
  expect_items(check, all(), {last}, false, "after an erasure of all, and a set");
  return check.take();
}

violations reads_items_by_key_and_prefix(store_place& place) {
  checker check;
  const store_client client(place.open());
  items made;
  for (const char* key : {"a", "b", "b/", "b/1", "b/2", "b/\xff", "b0", "c"}) made.push_back(item(key, "\"12345\""));
  made.push_back(item(std::string("b/\0x", 4), "1"));
  made.push_back(item(std::string(spi::item_key_bytes_max, '\xff'), "2"));
  std::sort(made.begin(), made.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  check.expect_status(client.commit(nth(1, {std::nullopt, false, {}, made})), commit_status::committed, "an insert");
  const auto read = [&](spi::item_query query) {
    query.actor = acme;
    return client.read_items(std::move(query));
  };
  const items of_b(made.begin() + 2, made.begin() + 7);
  expect_items(check, read({}), made, false, "all items");
  expect_items(check, read({.prefix = "b/"}), of_b, false, "a prefix");
  expect_items(check, read({.prefix = "b/", .limit = 2}), {of_b[0], of_b[1]}, true, "the first page");
  expect_items(check, read({.prefix = "b/", .after = of_b[1].key, .limit = 3}), {of_b[2], of_b[3], of_b[4]}, false,
               "the last page");
  expect_items(check, read({.prefix = "b/", .after = "a"}), of_b, false, "behind a key before the prefix");
  expect_items(check, read({.prefix = "b/", .after = "c"}), {}, false, "behind a key after the prefix");
  expect_items(check, read({.prefix = "\xff"}), {made.back()}, false, "a prefix of the highest byte");
  expect_items(check, read({.prefix = "x"}), {}, false, "a prefix that no key has");
  expect_items(check, read({.keys = {"c", "never", "a", "c"}}), {made[0], made[8]}, false, "some keys");
  const std::size_t two = made[0].key.size() + made[0].json.size() + made[1].key.size() + made[1].json.size();
  expect_items(check, read({.bytes_max = two}), {made[0], made[1]}, true, "a page as large as two items");
  expect_items(check, read({.bytes_max = two - 1}), {made[0]}, true, "a page one byte smaller");
  expect_items(check, read({.bytes_max = 1}), {made[0]}, true, "a page smaller than an item");
  expect_items(check, client.read_items({.actor = {"seller", "nobody"}}), {}, false, "an actor without state");
  expect_items(check, client.read_items({.actor = {"seller", "acme2"}, .keys = {"a"}}), {}, false, "another actor");
  return check.take();
}

violations sets_items_with_their_record_alone(store_place& place) {
  checker check;
  const store_client client(place.open());
  const auto first = nth(1, {std::nullopt, false, {}, {item("a", "1"), item("b", "2")}});
  const auto expect_first = [&](const std::string& what) {
    check.expect_image(client.load(acme), image_of(first), what);
    expect_items(check, client.read_items({.actor = acme}), {item("a", "1"), item("b", "2")}, false, what);
  };
  check.expect_status(client.commit(first), commit_status::committed, "an insert");
  auto loser = nth(2, {at_ms(1), false, {"a"}, {item("b", "9")}});
  loser.expected = {1, 12};
  check.expect_status(client.commit(loser), commit_status::conflict, "a record that lost");
  expect_first("after a record that lost");
  auto lookalike = first;
  lookalike.items = {at_ms(1), false, {"a"}, {item("b", "9")}};
  check.expect_status(client.commit(lookalike), commit_status::committed, "a record with the stamp that is held");
  expect_first("after a record with the stamp that is held");
  check.expect_status(client.commit(erasure(acme, {1, 11}, {2, 11})), commit_status::committed, "an erasure");
  expect_items(check, client.read_items({.actor = acme}), {}, false, "after an erasure");
  auto reborn = nth(1, {std::nullopt, false, {}, {item("c", "3")}});
  reborn.next.writer = 12;
  check.expect_status(client.commit(reborn), commit_status::committed, "a new insert");
  expect_items(check, client.read_items({.actor = acme}), {item("c", "3")}, false, "after a rebirth");
  return check.take();
}

violations rejects_impossible_items(store_place& place) {
  checker check;
  const store_client client(place.open());
  const auto rejected = [&](const std::string& what, items set) {
    check.expect_status(client.commit(nth(1, {std::nullopt, false, {}, std::move(set)})), commit_status::rejected,
                        what);
  };
  rejected("an item without a key", {item("", "1")});
  rejected("a key that is too long", {item(std::string(spi::item_key_bytes_max + 1, 'k'), "1")});
  rejected("a key that repeats", {item("a", "1"), item("b", "1"), item("a", "2")});
  rejected("an item that is not JSON", {item("a", "{")});
  rejected("items over the limit of a record", {item("a", "\"" + std::string(record_bytes_max, 'x') + "\"")});
  check.expect_nothing(client.load(acme), "after rejections");
  return check.take();
}

}  // namespace

std::span<const clause> item_clauses() {
  static constexpr std::array clauses{
      clause{"SetsAndErasesItems", sets_and_erases_items},
      clause{"ReadsItemsByKeyAndPrefix", reads_items_by_key_and_prefix},
      clause{"SetsItemsWithTheirRecordAlone", sets_items_with_their_record_alone},
      clause{"RejectsImpossibleItems", rejects_impossible_items},
  };
  return clauses;
}

}  // namespace troupe::contract
