#include <algorithm>
#include <array>
#include <limits>

#include "contract/clause_support.hpp"

namespace troupe::contract {
namespace {

using spi::commit_status;

/// A record with something in every list.
spi::turn_record full_birth(actor_id actor) {
  auto record = birth(std::move(actor));
  record.epoch = 3;
  record.cells = {cell("cart", "[]", 4), cell("history", R"([{"at":1}])"), cell("inventory", R"({"stock":7})", 2)};
  record.reminders = {{reminder("bill", 2000, 60000, R"({"to":"x"})"), reminder("restock", 1000)}};
  record.reminders->at(1).plan = R"({"repeat":"@daily","left":3})";
  record.requests_added = {request("r1", 10, R"({"paid":true})"), request("r2", 20)};
  return record;
}

violations keeps_all_of_a_record(store_place& place) {
  checker check;
  const store_client client(place.open());
  check.expect_status(client.commit(full_birth(acme)), commit_status::committed, "an insert");
  check.expect_image(client.load(acme), image_of(full_birth(acme)), "after an insert with everything");
  auto empty = turn(acme, {1, 11}, {2, 11});
  empty.epoch = 3;
  empty.cells.clear();
  empty.reminders.emplace();
  empty.requests_dropped = {"r1", "r2"};
  check.expect_status(client.commit(empty), commit_status::committed, "an update that leaves nothing");
  check.expect_image(client.load(acme), image_of(empty), "after an update that leaves nothing");
  return check.take();
}

violations replaces_cells_as_a_whole(store_place& place) {
  checker check;
  const store_client client(place.open());
  check.expect_status(client.commit(full_birth(acme)), commit_status::committed, "an insert");
  auto update = turn(acme, {1, 11}, {2, 11});
  update.epoch = 3;
  update.cells = {cell("added", "true"), cell("cart", "[1]", 5)};
  check.expect_status(client.commit(update), commit_status::committed, "an update");
  auto wanted = image_of(full_birth(acme));
  wanted.stamp = update.next;
  wanted.cells = update.cells;
  check.expect_image(client.load(acme), wanted, "after an update of the cells alone");
  return check.take();
}

violations keeps_reminders_that_a_record_does_not_mention(store_place& place) {
  checker check;
  const store_client client(place.open());
  check.expect_status(client.commit(full_birth(acme)), commit_status::committed, "an insert");
  auto update = turn(acme, {1, 11}, {2, 11});
  update.epoch = 3;
  check.expect_status(client.commit(update), commit_status::committed, "an update without reminders");
  check.expect(client.load(acme).image.reminders == *full_birth(acme).reminders,
               "a record that does not mention reminders changed them");
  update = turn(acme, {2, 11}, {3, 11});
  update.epoch = 3;
  update.reminders = {{reminder("audit", 500)}};
  check.expect_status(client.commit(update), commit_status::committed, "an update of the reminders");
  check.expect(client.load(acme).image.reminders == *update.reminders, "reminders were not replaced as a whole");
  update = turn(acme, {3, 11}, {4, 11});
  update.epoch = 3;
  update.reminders.emplace();
  check.expect_status(client.commit(update), commit_status::committed, "an update that ends all reminders");
  check.expect(client.load(acme).image.reminders.empty(), "reminders that were ended are still there");
  return check.take();
}

std::string keys_of(const spi::actor_image& image) {
  std::string keys;
  for (const auto& request : image.requests) keys += request.key + " ";
  return keys;
}

violations adds_and_drops_requests(store_place& place) {
  checker check;
  const store_client client(place.open());
  auto record = birth(acme);
  record.requests_added = {request("z", 10, "1"), request("m", 10, "2"), request("a", 20, "3")};
  check.expect_status(client.commit(record), commit_status::committed, "an insert with requests");
  check.expect(keys_of(client.load(acme).image) == "z m a ", "requests are not oldest first");
  record = turn(acme, {1, 11}, {2, 11});
  record.requests_added = {request("b", 20, "4")};
  record.requests_dropped = {"z", "never-there"};
  check.expect_status(client.commit(record), commit_status::committed, "an update that adds and drops");
  check.expect(keys_of(client.load(acme).image) == "m a b ",
               "after adding b and dropping z there are " + keys_of(client.load(acme).image));
  record = turn(acme, {2, 11}, {3, 11});
  check.expect_status(client.commit(record), commit_status::committed, "an update without requests");
  check.expect(keys_of(client.load(acme).image) == "m a b ", "a record that does not mention requests changed them");
  record = turn(acme, {3, 11}, {4, 11});
  record.requests_dropped = {"a"};
  record.requests_added = {request("a", 40, "5")};
  check.expect_status(client.commit(record), commit_status::committed, "an update that drops a key and adds it anew");
  const auto image = client.load(acme).image;
  check.expect(keys_of(image) == "m b a " && image.requests.back() == request("a", 40, "5"),
               "a key that left the window cannot enter it again: " + keys_of(image));
  return check.take();
}

violations erases_everything(store_place& place) {
  checker check;
  const store_client client(place.open());
  check.expect_status(client.commit(full_birth(acme)), commit_status::committed, "an insert");
  auto gone = erasure(acme, {1, 11}, {2, 11});
  gone.epoch = 3;
  check.expect_status(client.commit(gone), commit_status::committed, "an erasure");
  check.expect_nothing(client.load(acme), "after an erasure");
  check.expect(client.list({}).actors.empty(), "an erased actor is listed");
  check.expect(client.scan_due({at_ms(5000), std::nullopt, 10}).actors.empty(), "an erased actor is due");
  const auto reborn = turn(acme, {}, {1, 12});
  check.expect_status(client.commit(reborn), commit_status::committed, "a new insert");
  check.expect_image(client.load(acme), image_of(reborn), "after a rebirth");
  return check.take();
}

/// Keys that drivers confuse when they treat bytes as text, or text as commands.
std::vector<std::string> hostile_keys() {
  using namespace std::string_literals;
  return {"a",
          "a\0"s,
          "a\0b"s,
          "\0"s,
          "\xff",
          "\xff\xff",
          "a\xff",
          "\xc3\xa9",
          "e\xcc\x81",
          "'",
          "''; DROP --",
          "\"",
          "\\",
          "%",
          "_",
          "*?[a-z]",
          "{a}:b",
          "A",
          "\r\n",
          "\xf0\x9f\x8e\xad",
          " ",
          " a",
          "a ",
          "1",
          "01",
          "1.0",
          "x'61'",
          "\x7f",
          "\xed\xa0\x80",
          "null",
          std::string(512, 'k'),
          std::string(512, '\xff'),
          std::string(512, '\0')};
}

violations keeps_hostile_keys_apart(store_place& place) {
  checker check;
  const store_client client(place.open());
  std::uint64_t version = 1;
  std::vector<spi::turn_record> records;
  for (const std::string& key : hostile_keys()) records.push_back(turn({"seller", key}, {}, {version++, 11}));
  for (const auto& result : client.commit(records)) {
    check.expect_status(result, commit_status::committed, "an insert under a hostile key");
  }
  std::vector<actor_id> actors;
  for (const auto& record : records) actors.push_back(record.actor);
  const auto loaded = client.load(actors);
  check.expect(loaded.size() == actors.size(), "a load has another number of results than of actors");
  for (std::size_t i = 0; i < loaded.size(); ++i) {
    check.expect_image(loaded[i], image_of(records[i]), to_string(records[i].actor));
  }
  return check.take();
}

violations keeps_hostile_names_and_values(store_place& place) {
  checker check;
  const store_client client(place.open());
  auto record = birth({"Type_1.x-y", "k"});
  record.cells = {cell("-", R"("\u0000\u001f\"\\\/\ud83c\udfad")"),
                  cell(".", R"(  )"
                            "\n\t[1 , 2]"),
                  cell("0", "-0.0e-0"),
                  cell("A", "123456789012345678901234567890.10"),
                  cell("_", "\"\xf0\x9f\x8e\xad \xe2\x80\xa8'; --\""),
                  cell("a", R"({"a":1,"a":2,"":{"}":"]"}})"),
                  cell(std::string(64, 'z'), "null", std::numeric_limits<std::uint32_t>::max())};
  // Values are handed over without the white space around them.
  record.cells[1].json = "[1 , 2]";
  record.reminders.emplace();
  for (const std::string& key : hostile_keys()) {
    const std::string name = key.substr(0, 128);
    record.reminders->push_back(reminder(name, -1 - static_cast<std::int64_t>(key.size()), 1, R"("\u0000")"));
    record.requests_added.push_back(request(name, 5, R"("\u0000")"));
  }
  const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
  std::sort(record.reminders->begin(), record.reminders->end(), by_name);
  check.expect_status(client.commit(record), commit_status::committed, "a record of hostile names and values");
  check.expect_image(client.load(record.actor), image_of(record), "hostile names and values");
  return check.take();
}

violations keeps_extreme_numbers(store_place& place) {
  constexpr auto highest = std::numeric_limits<std::uint64_t>::max();
  checker check;
  const store_client client(place.open());
  auto record = turn(acme, {}, {(std::uint64_t{1} << 53U) + 1, highest});
  record.epoch = highest;
  record.reminders = {{reminder("far", 253402300799999, 1), reminder("long", 0, std::int64_t{1} << 53U)}};
  record.requests_added = {request("r", 253402300799999)};
  check.expect_status(client.commit(record), commit_status::committed, "an insert with extreme numbers");
  check.expect_image(client.load(acme), image_of(record), "extreme numbers");
  auto update = turn(acme, record.next, {record.next.version + 1, highest - 1});
  update.epoch = highest;
  check.expect_status(client.commit(update), commit_status::committed, "an update with extreme numbers");
  return check.take();
}

}  // namespace

std::span<const clause> content_clauses() {
  static constexpr std::array clauses{
      clause{"KeepsAllOfARecord", keeps_all_of_a_record},
      clause{"ReplacesCellsAsAWhole", replaces_cells_as_a_whole},
      clause{"KeepsRemindersThatARecordDoesNotMention", keeps_reminders_that_a_record_does_not_mention},
      clause{"AddsAndDropsRequests", adds_and_drops_requests},
      clause{"ErasesEverything", erases_everything},
      clause{"KeepsHostileKeysApart", keeps_hostile_keys_apart},
      clause{"KeepsHostileNamesAndValues", keeps_hostile_names_and_values},
      clause{"KeepsExtremeNumbers", keeps_extreme_numbers},
  };
  return clauses;
}

}  // namespace troupe::contract
