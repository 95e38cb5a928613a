#include <algorithm>
#include <array>

#include "contract/clause_support.hpp"

namespace troupe::contract {
namespace {

using spi::commit_status;

/// Actors in the order in which a list returns them: by type, then by key, bytewise.
std::vector<actor_id> sorted_actors() {
  using namespace std::string_literals;
  std::vector<actor_id> actors;
  for (const std::string type : {"Buyer", "buyer", "buyer-2", "buyer2", "seller"}) {
    for (const std::string& key : {"\0"s, "1"s, "10"s, "2"s, "Z"s, "a"s, "a\0"s, "a\0z"s, "aa"s, "a\x7f"s, "a\xc3\xa9"s,
                                   "a\xff"s, "a\xff\xff"s, "b"s, "\xc3\xa9"s, "\xff"s, "\xff\xff"s}) {
      actors.push_back({type, key});
    }
  }
  return actors;
}

/// Inserts the actors in an order that is not theirs.
void insert_shuffled(checker& check, const store_client& client, std::vector<actor_id> actors) {
  std::vector<spi::turn_record> records;
  for (std::size_t i = 0; i < actors.size(); ++i) records.push_back(birth(actors[i * 37 % actors.size()]));
  for (const auto& result : client.commit(records)) check.expect_status(result, commit_status::committed, "an insert");
}

std::vector<actor_id> names_of(const std::vector<spi::actor_image>& images) {
  std::vector<actor_id> names;
  for (const auto& image : images) names.push_back(image.actor);
  return names;
}

void expect_list(checker& check, const store_client& client, const spi::list_query& query,
                 const std::vector<actor_id>& wanted, const std::string& what) {
  const auto result = client.list(query);
  check.expect(result.status == spi::read_status::ok, what + ": " + to_string(result.status) + " " + result.message);
  const auto got = names_of(result.actors);
  const auto [a, b] = std::mismatch(got.begin(), got.end(), wanted.begin(), wanted.end());
  check.expect(a == got.end() && b == wanted.end(), what + ": " + (a == got.end() ? "the end" : to_string(*a)) +
                                                        " instead of " +
                                                        (b == wanted.end() ? "the end" : to_string(*b)));
}

template <typename Predicate>
std::vector<actor_id> select(Predicate predicate) {
  auto actors = sorted_actors();
  std::erase_if(actors, [&](const actor_id& actor) { return !predicate(actor); });
  return actors;
}

violations lists_by_type_then_key(store_place& place) {
  checker check;
  const store_client client(place.open());
  expect_list(check, client, {}, {}, "the list of an empty place");
  insert_shuffled(check, client, sorted_actors());
  expect_list(check, client, {}, sorted_actors(), "the whole list");
  return check.take();
}

violations lists_only_what_was_asked_for(store_place& place) {
  checker check;
  const store_client client(place.open());
  insert_shuffled(check, client, sorted_actors());
  for (const std::string type : {"", "buyer", "buyer-2", "seller", "nobody"}) {
    for (const std::string& prefix : {std::string(), std::string("a"), std::string("a\xff"), std::string("\xff"),
                                      std::string("a\0", 2), std::string("zz"), std::string("\0", 1)}) {
      spi::list_query query;
      query.type = type;
      query.key_prefix = prefix;
      const auto wanted = select(
          [&](const actor_id& actor) { return (type.empty() || actor.type == type) && actor.key.starts_with(prefix); });
      expect_list(check, client, query, wanted, "type \"" + type + "\", prefix " + to_display("", prefix));
    }
  }
  return check.take();
}

violations pages_through_the_list(store_place& place) {
  checker check;
  const store_client client(place.open());
  insert_shuffled(check, client, sorted_actors());
  for (const std::string type : {"", "buyer"}) {
    for (const std::string prefix : {"", "a"}) {
      const auto wanted = select(
          [&](const actor_id& actor) { return (type.empty() || actor.type == type) && actor.key.starts_with(prefix); });
      for (const std::size_t limit : {1U, 3U, 50U, 10000U}) {
        std::vector<actor_id> got;
        spi::list_query query{type, prefix, std::nullopt, limit};
        while (true) {
          const auto page = names_of(client.list(query).actors);
          got.insert(got.end(), page.begin(), page.end());
          if (page.size() < limit || got.size() > wanted.size()) break;
          query.after = page.back();
        }
        check.expect(got == wanted, "pages of " + std::to_string(limit) + " of type \"" + type + "\", prefix \"" +
                                        prefix + "\" do not add up to the list");
      }
    }
  }
  return check.take();
}

violations continues_a_list_behind_any_actor(store_place& place) {
  checker check;
  const store_client client(place.open());
  insert_shuffled(check, client, sorted_actors());
  const std::vector<actor_id> cursors{
      {"buyer", "aaa"}, {"Buyer", "zz"}, {"aaa", "x"}, {"zzz", "x"}, {"buyer", "a\x7f"}};
  for (const actor_id& after : cursors) {
    for (const std::string type : {"", "buyer"}) {
      const auto wanted =
          select([&](const actor_id& actor) { return (type.empty() || actor.type == type) && actor > after; });
      expect_list(check, client, {type, "", after, 1000}, wanted, "type \"" + type + "\" behind " + to_string(after));
    }
  }
  return check.take();
}

violations lists_all_but_requests(store_place& place) {
  checker check;
  const store_client client(place.open());
  auto record = birth({"seller", "acme"});
  record.epoch = 4;
  record.cells = {cell("cart", "[]", 3), cell("stock", "7")};
  record.reminders = {{reminder("bill", 1000, 5, "1")}};
  record.requests_added = {request("r", 1)};
  check.expect_status(client.commit(record), commit_status::committed, "an insert");
  const auto listed = client.list({}).actors;
  check.expect(listed.size() == 1, "one actor is not one in the list");
  if (listed.size() != 1) return check.take();
  auto wanted = image_of(record);
  wanted.requests.clear();
  const std::string found = difference(listed[0], wanted);
  check.expect(found.empty(), "a listed actor: " + found);
  return check.take();
}

/// Actors and when they are due, in the order of a scan; several at the same time.
std::vector<spi::due_actor> sorted_due() {
  std::vector<spi::due_actor> due;
  for (const std::int64_t time : {-5, 0, 1000, 1001, 5000}) {
    for (const std::string type : {"buyer", "seller"}) {
      for (const std::string key : {"1", "10", "2", "\xff"}) {
        due.push_back({{type, std::to_string(time + 100) + key}, at_ms(time)});
      }
    }
  }
  std::sort(due.begin(), due.end(),
            [](const auto& a, const auto& b) { return std::tie(a.due, a.actor) < std::tie(b.due, b.actor); });
  return due;
}

void insert_due(checker& check, const store_client& client) {
  const auto due = sorted_due();
  std::vector<spi::turn_record> records{birth({"buyer", "without"})};
  for (std::size_t i = 0; i < due.size(); ++i) {
    const auto& [actor, time] = due[i * 7 % due.size()];
    auto record = birth(actor);
    // The earliest counts, wherever it stands.
    record.reminders = {{reminder("a", 9'000'000), spi::reminder_image{"b", time, {}, "null"}}};
    records.push_back(std::move(record));
  }
  for (const auto& result : client.commit(records)) check.expect_status(result, commit_status::committed, "an insert");
}

violations scans_what_is_due_in_order(store_place& place) {
  checker check;
  const store_client client(place.open());
  insert_due(check, client);
  for (const std::int64_t until : {-6, -5, 0, 999, 1000, 5000}) {
    auto wanted = sorted_due();
    std::erase_if(wanted, [&](const auto& due) { return due.due > at_ms(until); });
    const auto result = client.scan_due({at_ms(until), std::nullopt, 1000});
    check.expect(result.status == spi::read_status::ok, "a scan is " + to_string(result.status));
    check.expect(result.actors == wanted, "the scan until " + std::to_string(until) + " returns " +
                                              std::to_string(result.actors.size()) + " actors, or another order");
  }
  return check.take();
}

violations pages_through_what_is_due(store_place& place) {
  checker check;
  const store_client client(place.open());
  insert_due(check, client);
  for (const std::size_t limit : {1U, 3U, 40U, 1000U}) {
    std::vector<spi::due_actor> got;
    spi::due_query query{at_ms(5000), std::nullopt, limit};
    while (true) {
      const auto page = client.scan_due(query).actors;
      got.insert(got.end(), page.begin(), page.end());
      if (page.size() < limit || got.size() > sorted_due().size()) break;
      query.after = page.back();
    }
    check.expect(got == sorted_due(), "pages of " + std::to_string(limit) + " do not add up to what is due");
  }
  return check.take();
}

violations continues_a_scan_behind_any_time(store_place& place) {
  checker check;
  const store_client client(place.open());
  insert_due(check, client);
  for (const auto& [actor, time] : sorted_due()) {
    auto wanted = sorted_due();
    std::erase_if(wanted, [&](const auto& due) { return due.due < time; });
    const auto got = client.scan_due({at_ms(5000), spi::due_actor{{}, time}, 1000}).actors;
    check.expect(got == wanted, "a scan behind " + std::to_string(time.time_since_epoch().count()) +
                                    " and no actor does not begin with the first that is due then");
  }
  return check.take();
}

violations follows_reminders_as_they_change(store_place& place) {
  checker check;
  const store_client client(place.open());
  const auto due = [&] { return client.scan_due({at_ms(1'000'000), std::nullopt, 10}).actors; };
  auto record = birth(acme);
  record.reminders = {{reminder("bill", 3000), reminder("restock", 2000)}};
  check.expect_status(client.commit(record), commit_status::committed, "an insert");
  check.expect(due() == std::vector<spi::due_actor>{{acme, at_ms(2000)}}, "the earliest reminder does not count");
  record = turn(acme, {1, 11}, {2, 11});
  check.expect_status(client.commit(record), commit_status::committed, "an update of the cells");
  check.expect(due() == std::vector<spi::due_actor>{{acme, at_ms(2000)}}, "an update of the cells moved a reminder");
  record = turn(acme, {2, 11}, {3, 11});
  record.reminders = {{reminder("bill", 3000)}};
  check.expect_status(client.commit(record), commit_status::committed, "an update of the reminders");
  check.expect(due() == std::vector<spi::due_actor>{{acme, at_ms(3000)}}, "the due time did not move");
  record = turn(acme, {3, 11}, {4, 11});
  record.reminders.emplace();
  check.expect_status(client.commit(record), commit_status::committed, "the end of the reminders");
  check.expect(due().empty(), "an actor without reminders is due");
  return check.take();
}

}  // namespace

std::span<const clause> query_clauses() {
  static constexpr std::array clauses{
      clause{"ListsByTypeThenKey", lists_by_type_then_key},
      clause{"ListsOnlyWhatWasAskedFor", lists_only_what_was_asked_for},
      clause{"PagesThroughTheList", pages_through_the_list},
      clause{"ContinuesAListBehindAnyActor", continues_a_list_behind_any_actor},
      clause{"ListsAllButRequests", lists_all_but_requests},
      clause{"ScansWhatIsDueInOrder", scans_what_is_due_in_order},
      clause{"PagesThroughWhatIsDue", pages_through_what_is_due},
      clause{"ContinuesAScanBehindAnyTime", continues_a_scan_behind_any_time},
      clause{"FollowsRemindersAsTheyChange", follows_reminders_as_they_change},
  };
  return clauses;
}

}  // namespace troupe::contract
