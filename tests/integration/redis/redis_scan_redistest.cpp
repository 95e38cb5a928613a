#include <algorithm>

#include "redis_fixture.hpp"

// Lists and scans over many more actors than one page of each shard has.
namespace troupe::redis_test {
namespace {

constexpr int actors = 3000;

/// Actors that are due at one of ten times each.
std::vector<spi::due_actor> make_actors(const store_client& client) {
  std::vector<spi::due_actor> made;
  std::vector<spi::turn_record> records;
  for (int i = 0; i < actors; ++i) {
    auto& record = records.emplace_back(contract::birth({"seller", std::to_string(i)}));
    record.reminders = {{contract::reminder("bill", i % 10)}};
    made.push_back({record.actor, contract::at_ms(i % 10)});
  }
  for (std::size_t first = 0; first < records.size(); first += 500) {
    for (const auto& result : client.commit(std::span(records).subspan(first, 500))) {
      EXPECT_EQ(result.status, commit_status::committed) << result.message;
    }
  }
  return made;
}

TEST(RedisScan, ListsAreInOrderWhateverTheSizeOfAPage) {
  const redis_server server;
  const auto client = open(server);
  auto made = make_actors(client);
  std::sort(made.begin(), made.end(), [](const auto& a, const auto& b) { return a.actor < b.actor; });
  for (const std::size_t limit : {70U, 1000U, 2999U, 3000U, 10'000U}) {
    std::vector<actor_id> got;
    spi::list_query query{"", "", std::nullopt, limit};
    while (true) {
      const auto page = client.list(query);
      ASSERT_EQ(page.status, read_status::ok) << page.message;
      for (const auto& image : page.actors) got.push_back(image.actor);
      if (page.actors.size() < limit) break;
      query.after = got.back();
    }
    ASSERT_EQ(got.size(), made.size()) << limit;
    EXPECT_TRUE(std::equal(got.begin(), got.end(), made.begin(), [](const auto& a, const auto& b) {
      return a == b.actor;
    })) << limit;
  }
}

TEST(RedisScan, WhatIsDueIsInOrderWhateverTheSizeOfAPage) {
  const redis_server server;
  const auto client = open(server);
  auto made = make_actors(client);
  std::erase_if(made, [](const auto& due) { return due.due > contract::at_ms(7); });
  std::sort(made.begin(), made.end(),
            [](const auto& a, const auto& b) { return std::tie(a.due, a.actor) < std::tie(b.due, b.actor); });
  for (const std::size_t limit : {70U, 1000U, 10'000U}) {
    std::vector<spi::due_actor> got;
    spi::due_query query{contract::at_ms(7), std::nullopt, limit};
    while (true) {
      const auto page = client.scan_due(query);
      ASSERT_EQ(page.status, read_status::ok) << page.message;
      got.insert(got.end(), page.actors.begin(), page.actors.end());
      if (page.actors.size() < limit) break;
      query.after = got.back();
    }
    EXPECT_EQ(got, made) << limit;
  }
}

}  // namespace
}  // namespace troupe::redis_test
