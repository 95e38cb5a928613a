#include <iostream>

#include <gtest/gtest.h>

#include "troupe/testing/test_runtime.hpp"
#include "troupe/troupe.hpp"

// The code of docs/guide/11-logs-and-storage.md.

namespace {

using namespace std::chrono_literals;

struct sale {
  std::string buyer;
  std::int64_t pence = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(sale, buyer, pence)

class stall : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "stall";

  void sell(sale made) {
    turnover_.edit() += made.pence;
    sales_.append(made);  // the commit writes this entry, however long the log is
  }

  troupe::task<std::vector<sale>> latest(int count) {
    std::vector<sale> found;
    const troupe::log<sale>::entries read = co_await sales_.newest(static_cast<std::size_t>(count));
    for (const auto& entry : read) found.push_back(entry.value);
    co_return found;
  }

  troupe::task<void> close_year() {
    const std::uint64_t dropped = co_await sales_.drop_older(now() - 24h * 365 * 10);
    notes_.append("dropped " + std::to_string(dropped));
  }

  using methods = troupe::methods<&stall::sell, &stall::latest, &stall::close_year>;

 private:
  troupe::state<std::int64_t> turnover_{*this, "turnover"};
  troupe::log<sale> sales_{*this, "sales"};
  troupe::log<std::string> notes_{*this, "notes", {.entries_max = 100}};
};

struct seat {
  std::string holder;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(seat, holder)

class theatre : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "theatre";

  void hold(std::string place, std::string who) { seats_.set("seat/" + place, seat{who}, {.ttl = 10min}); }

  /// Two seats change hands together, or none does.
  troupe::task<bool> exchange(std::string one, std::string other) {
    std::optional<seat> first = co_await seats_.get<seat>("seat/" + one);
    std::optional<seat> second = co_await seats_.get<seat>("seat/" + other);
    if (!first || !second) co_return false;
    seats_.set("seat/" + one, *second);
    seats_.set("seat/" + other, *first);
    co_return true;
  }

  troupe::task<std::vector<std::string>> taken() {
    std::vector<std::string> places;
    troupe::item_range range{.prefix = "seat/"};
    for (bool more = true; more;) {
      const troupe::item_page<seat> page = co_await seats_.list<seat>(range);
      for (const auto& item : page.items) places.push_back(item.key.substr(5));
      more = page.next.has_value();
      range.after = page.next;
    }
    co_return places;
  }

  using methods = troupe::methods<&theatre::hold, &theatre::exchange, &theatre::taken>;

 private:
  troupe::storage seats_{*this};
};

TEST(Guide, LogsKeepAHistory) {
  troupe::testing::test_runtime rt;
  rt.host<stall>();
  const auto acme = rt.ref<stall>("acme");
  acme.call<&stall::sell>(sale{"bolt", 100}).get();
  acme.call<&stall::sell>(sale{"cask", 200}).get();
  rt.crash();
  const auto found = rt.ref<stall>("acme").call<&stall::latest>(5).get();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].buyer, "cask");
  rt.ref<stall>("acme").call<&stall::close_year>().get();
  EXPECT_EQ(rt.ref<stall>("acme").call<&stall::latest>(5).get().size(), 2U);
}

TEST(Guide, StorageKeepsValuesByKey) {
  troupe::testing::test_runtime rt;
  rt.host<theatre>();
  const auto house = rt.ref<theatre>("house");
  house.call<&theatre::hold>("1", "ann").get();
  house.call<&theatre::hold>("2", "bob").get();
  EXPECT_TRUE(house.call<&theatre::exchange>("1", "2").get());
  EXPECT_FALSE(house.call<&theatre::exchange>("1", "3").get());
  house.call<&theatre::hold>("3", "eve").get();
  rt.advance(10min);
  EXPECT_EQ(house.call<&theatre::taken>().get(), (std::vector<std::string>{"1", "2"}));
}

TEST(Guide, EverythingStoredIsWrittenAnew) {
  troupe::testing::test_runtime rt;
  rt.host<stall>();
  rt.put({"stall", "a"}, {{.name = "turnover", .schema = 2, .json = "5"}});  // of a later program
  const troupe::migration_report report = rt.migrate(stall::actor_type);
  for (const auto& failure : report.failures) {
    std::cerr << to_string(failure.actor) << ": " << failure.error << '\n';
  }
  EXPECT_EQ(report.seen, 1U);
  EXPECT_EQ(report.failures.size(), 1U);
}

}  // namespace
