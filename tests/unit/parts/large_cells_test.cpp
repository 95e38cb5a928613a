#include <array>
#include <utility>

#include <gtest/gtest.h>

#include "troupe/testing/test_runtime.hpp"
#include "troupe/troupe.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

struct book {
  std::string text;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(book, text)

class library : public actor {
 public:
  static constexpr std::string_view actor_type = "library";

  void count() { ++visits_.edit(); }
  int visits() const { return *visits_; }
  void write(int bytes) { book_.edit().text.assign(static_cast<std::size_t>(bytes), 'x'); }
  void write_and_fail(int bytes) {
    write(bytes);
    throw std::runtime_error("no deal");
  }
  int text_size() const { return static_cast<int>(book_->text.size()); }
  void burn() { book_.erase(); }
  using methods = troupe::methods<&library::count, &library::visits, &library::write, &library::write_and_fail,
                                  &library::text_size, &library::burn>;

 private:
  state<int> visits_{*this, "visits"};
  state<book> book_{*this, "book"};
};

class LargeCells : public ::testing::Test {
 protected:
  LargeCells() { host(rt); }

  static void host(test_runtime& on) { on.host<library>(); }
  [[nodiscard]] actor_ref<library> one() { return rt.ref<library>("one"); }

  /// The records of what `act` does.
  template <class Act>
  std::vector<spi::turn_record> records_of(Act act) {
    std::vector<spi::turn_record> records;
    rt.store().set_plan([&](const operation_info& operation) -> fault {
      records.insert(records.end(), operation.records.begin(), operation.records.end());
      return {};
    });
    act();
    rt.store().set_plan({});
    return records;
  }

  test_runtime rt;
};

TEST_F(LargeCells, AreNotWrittenByTurnsThatLeaveThemAsTheyAre) {
  one().call<&library::write>(100'000).get();
  const auto records = records_of([&] { one().call<&library::count>().get(); });
  ASSERT_EQ(records.size(), 1U);
  EXPECT_LT(spi::bytes_of(records[0]), 20U);
  ASSERT_EQ(records[0].cells.size(), 2U);
  EXPECT_TRUE(records[0].cells[0].kept) << "book";
  EXPECT_FALSE(records[0].cells[1].kept) << "visits";
  rt.crash();
  EXPECT_EQ(one().call<&library::text_size>().get(), 100'000);
  EXPECT_EQ(one().call<&library::visits>().get(), 1);
  const auto later = records_of([&] { one().call<&library::count>().get(); });
  EXPECT_TRUE(later.at(0).cells[0].kept) << "loaded, and not changed since";
}

TEST_F(LargeCells, GrowShrinkAndGo) {
  for (const int bytes : {10, 5'000, 6'000, 20, 7'000}) {
    one().call<&library::write>(bytes).get();
    one().call<&library::count>().get();
    rt.crash();
    EXPECT_EQ(one().call<&library::text_size>().get(), bytes);
  }
  const auto records = records_of([&] { one().call<&library::burn>().get(); });
  EXPECT_EQ(records.at(0).cells_dropped, std::vector<std::string>{"book"});
  rt.crash();
  EXPECT_EQ(one().call<&library::text_size>().get(), 0);
  EXPECT_EQ(one().call<&library::visits>().get(), 5);
}

TEST_F(LargeCells, OfATurnThatFailsAreAsBefore) {
  one().call<&library::write>(5'000).get();
  EXPECT_THROW(one().call<&library::write_and_fail>(9'000).get(), std::runtime_error);
  const auto records = records_of([&] { one().call<&library::count>().get(); });
  EXPECT_TRUE(records.at(0).cells.at(0).kept);
  rt.crash();
  EXPECT_EQ(one().call<&library::text_size>().get(), 5'000);
}

TEST_F(LargeCells, ThatTheClassDoesNotDeclareStay) {
  rt.put({"library", "one"}, {{"attic", 3, "\"" + std::string(50'000, 'a') + "\"", false}, {"cellar", 2, "7", false}});
  const auto records = records_of([&] { one().call<&library::count>().get(); });
  EXPECT_LT(spi::bytes_of(records.at(0)), 40U);
  const auto image = rt.stored({"library", "one"});
  ASSERT_EQ(image.cells.size(), 3U);
  EXPECT_EQ(image.cells[0].json.size(), 50'002U);
  EXPECT_EQ(image.cells[0].schema, 3U);
  EXPECT_EQ(image.cells[1], (spi::cell_image{"cellar", 2, "7", false}));
}

/// With every cell apart a turn writes what it edits, and crashes between turns show no other state.
TEST_F(LargeCells, WhereEveryCellIsOneTurnsWriteWhatTheyEdit) {
  for (int steps = 0; steps < 60; ++steps) {
    test_runtime own({.seed = static_cast<std::uint64_t>(steps) + 1, .large_cell_bytes = 0});
    host(own);
    const auto ref = own.ref<library>("one");
    for (int i = 1; i <= 3; ++i) {
      ref.call<&library::write>(i)([](const std::exception_ptr& /*whatever*/) {});
      ref.call<&library::count>()([](const std::exception_ptr& /*whatever*/) {});
    }
    for (int i = 0; i < steps && own.step(); ++i) {
    }
    own.crash();
    const int visits = own.ref<library>("one").call<&library::visits>().get();
    const int size = own.ref<library>("one").call<&library::text_size>().get();
    EXPECT_TRUE(size == visits || size == visits + 1) << steps << ": " << visits << " visits, " << size << " bytes";
  }
}

/// What the store kept in its place under one limit stays there under another until a turn writes it.
TEST_F(LargeCells, AreWhereTheStoreSaysWhateverTheLimitIsByNow) {
  const auto disk = stores::make_memory_disk();
  const auto live = [&](std::uint64_t seed, std::size_t limit, auto act) {
    test_runtime own({.seed = seed, .disk = disk, .large_cell_bytes = limit});
    host(own);
    std::vector<spi::turn_record> records;
    own.store().set_plan([&](const operation_info& operation) -> fault {
      records.insert(records.end(), operation.records.begin(), operation.records.end());
      return {};
    });
    act(own.ref<library>("one"));
    return records;
  };
  const auto count = [](const auto& ref) { ref.template call<&library::count>().get(); };
  live(1, 4096, [](const auto& ref) { ref.template call<&library::write>(2'000).get(); });
  const auto grown = live(2, 1000, [&](const auto& ref) {
    count(ref);
    count(ref);
  });
  ASSERT_EQ(grown.size(), 2U);
  EXPECT_FALSE(grown[0].cells.at(0).kept) << "it lies among the small cells";
  EXPECT_TRUE(grown[1].cells.at(0).kept) << "the turn before has written it as a large one";
  const auto raised = live(3, 4096, count);
  EXPECT_TRUE(raised.at(0).cells.at(0).kept) << "it stands apart, though it is small by now";
  EXPECT_TRUE(raised.at(0).cells_dropped.empty());
  const auto edited = live(4, 4096, [](const auto& ref) { ref.template call<&library::write>(2'001).get(); });
  EXPECT_FALSE(edited.at(0).cells.at(0).kept);
  EXPECT_EQ(edited.at(0).cells_dropped, std::vector<std::string>{"book"});
  const auto last = live(5, 4096, [](const auto& ref) {
    EXPECT_EQ(ref.template call<&library::text_size>().get(), 2'001);
    EXPECT_EQ(ref.template call<&library::visits>().get(), 3);
    ref.template call<&library::burn>().get();
  });
  EXPECT_TRUE(last.at(0).cells_dropped.empty()) << "it lay among the small ones";
}

TEST_F(LargeCells, ThatTheClassDoesNotDeclareMoveWithTheFirstTurn) {
  test_runtime own({.large_cell_bytes = 1000});
  host(own);
  const spi::cell_image cellar{"cellar", 2, "7", false};
  own.put({"library", "one"}, {{"attic", 3, "\"" + std::string(2'000, 'a') + "\"", false}, cellar});  // under 4,096
  ASSERT_FALSE(own.stored({"library", "one"}).cells.at(0).kept);
  for (int i = 0; i < 2; ++i) {
    own.ref<library>("one").call<&library::count>().get();
    const auto cells = own.stored({"library", "one"}).cells;
    const auto& attic = cells.at(0);
    EXPECT_EQ(cells.at(1), cellar);
    EXPECT_TRUE(attic.kept && attic.schema == 3U && attic.json.size() == 2'002U) << i;
  }
}

/// Else what loses a cell in other stores would pass all tests on this one.
TEST_F(LargeCells, ThatDoNotStandApartCannotBeKeptInMemoryEither) {
  const auto store = stores::memory_store();
  const auto status_of = [&](std::uint64_t version, std::vector<spi::cell_image> cells) {
    spi::turn_record record;
    record.actor = {"library", "one"};
    record.expected = version == 1 ? spi::commit_stamp{} : spi::commit_stamp{version - 1, 1};
    record.next = {version, 1};
    record.cells = std::move(cells);
    spi::commit_result seen;
    store->async_commit(std::span(&record, 1), [&](const auto& results) { seen = results.at(0); });
    EXPECT_EQ(seen.message.empty(), seen.status == spi::commit_status::committed) << seen.message;
    return seen.status;
  };
  const std::string text = "\"" + std::string(5'000, 'x') + "\"";
  EXPECT_EQ(status_of(1, {{"book", 1, "", true}}), spi::commit_status::rejected) << "there is nothing to keep";
  EXPECT_EQ(status_of(1, {{"book", 1, "7", false}, {"tail", 1, text, false}}), spi::commit_status::committed);
  EXPECT_EQ(status_of(2, {{"book", 1, "", true}, {"tail", 1, "", true}}), spi::commit_status::rejected);
  EXPECT_EQ(status_of(2, {{"book", 1, "8", false}, {"tail", 1, "", true}}), spi::commit_status::committed);
}

/// Turns of two hosts with limits of their own, and crashes among them: no turn loses what another one wrote.
TEST_F(LargeCells, OfHostsWithDifferentLimitsAreNeverLost) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const auto disk = stores::make_memory_disk();
    int size = 0;
    int visits = 0;
    for (std::uint64_t life = 0; life < 12; ++life) {
      test_runtime own({.seed = seed * 100 + life, .disk = disk, .large_cell_bytes = life % 2 == 0 ? 1000U : 4096U});
      host(own);
      const auto ref = own.ref<library>("one");
      EXPECT_EQ(ref.call<&library::text_size>().get(), size) << seed << ' ' << life;
      EXPECT_EQ(ref.call<&library::visits>().get(), visits) << seed << ' ' << life;
      for (std::uint64_t i = 0; i < 3; ++i) {
        const std::uint64_t drawn = (seed * 7 + life * 5 + i * 3) % 11;
        if (drawn < 5) {
          size = std::array{10, 1'500, 2'500, 5'000, 20}[drawn];
          ref.call<&library::write>(size).get();
        } else {
          ref.call<&library::count>()([](const std::exception_ptr& /*whatever*/) {});
          ref.call<&library::count>().get();  // merged with the one before where both wait
          visits += 2;
        }
      }
    }
  }
}

struct pages {
  std::string text;
  int count = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(pages, text, count)

}  // namespace
}  // namespace troupe::testing

template <>
struct troupe::state_schema<troupe::testing::pages> {
  static constexpr std::uint32_t version = 3;
  static nlohmann::json upgrade(nlohmann::json old, std::uint32_t from) {
    if (from == 1) return {{"words", old}};
    return {{"text", old.at("words")}, {"count", old.at("words").get<std::string>().size()}};
  }
};

namespace troupe::testing {
namespace {

class archive : public actor {
 public:
  static constexpr std::string_view actor_type = "archive";

  void count() { ++visits_.edit(); }
  int pages_count() const { return pages_->count; }
  using methods = troupe::methods<&archive::count, &archive::pages_count>;

 private:
  state<int> visits_{*this, "visits"};
  state<pages> pages_{*this, "pages"};
};

TEST_F(LargeCells, ThatWereUpgradedAreWrittenByTheNextCommit) {
  rt.host<archive>();
  rt.put({"archive", "a"}, {{"pages", 1, "\"" + std::string(9'000, 'p') + "\"", false}});
  EXPECT_EQ(rt.ref<archive>("a").call<&archive::pages_count>().get(), 9'000);
  EXPECT_EQ(rt.counters().upgraded_cells, 1U);
  EXPECT_EQ(rt.stored({"archive", "a"}).cells.at(0).schema, 1U) << "reading writes nothing";
  rt.ref<archive>("a").call<&archive::count>().get();
  EXPECT_EQ(rt.stored({"archive", "a"}).cells.at(0).schema, 3U);
  rt.crash();
  EXPECT_EQ(rt.ref<archive>("a").call<&archive::pages_count>().get(), 9'000);
  EXPECT_EQ(rt.counters().upgraded_cells, 0U) << "it was stored under the newest version";
}

TEST_F(LargeCells, OfANewerSchemaAreRefusedAndStay) {
  rt.host<archive>();
  const spi::cell_image newer{"pages", 4, "\"" + std::string(9'000, 'p') + "\"", false};
  rt.put({"archive", "a"}, {newer});
  try {
    rt.ref<archive>("a").call<&archive::count>().get();
    FAIL() << "a newer schema was read";
  } catch (const error& failure) {
    EXPECT_NE(std::string(failure.what()).find("schema version 4"), std::string::npos) << failure.what();
  }
  auto held = rt.stored({"archive", "a"}).cells.at(0);
  EXPECT_TRUE(std::exchange(held.kept, false)) << "it stands apart";
  EXPECT_EQ(held, newer);
}

}  // namespace
}  // namespace troupe::testing
