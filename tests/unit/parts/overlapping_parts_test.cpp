#include <set>

#include <gtest/gtest.h>

#include "troupe/testing/test_runtime.hpp"
#include "troupe/troupe.hpp"
#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;
using numbers = std::vector<int>;

/// Its methods overlap: what each does is its own until it ends.
class desk : public actor {
 public:
  static constexpr std::string_view actor_type = "desk";
  static constexpr auto reentrant = reentrancy::interleave;

  task<void> note(int number, int wait_ms) {
    log_.append(number);
    co_await sleep_for(std::chrono::milliseconds(wait_ms));
    log_.append(number);
  }
  task<void> note_and_fail(int number, int wait_ms) {
    co_await note(number, wait_ms);
    throw std::runtime_error("no deal");
  }
  task<numbers> noted() {
    numbers read;
    for (const auto& entry : co_await log_.read(0, 100)) read.push_back(entry.value);
    co_return read;
  }
  task<void> put(std::string key, int value, int wait_ms) {
    items_.set(key, value);
    co_await sleep_for(std::chrono::milliseconds(wait_ms));
  }
  task<std::uint64_t> put_and_find(std::string key, int value, int wait_ms) {
    items_.set(key, value);
    const auto found = co_await items_.find<int>(std::move(key));
    co_await sleep_for(std::chrono::milliseconds(wait_ms));
    co_return found->version;
  }
  task<std::vector<std::uint64_t>> put_thrice_and_fail(std::string key, bool fails) {
    std::vector<std::uint64_t> told;
    for (int value = 0; value < 3; ++value) {
      if (value == 2) items_.erase(key);
      items_.set(key, value);
      const auto found = co_await items_.find<int>(key);
      told.push_back(found->version);
    }
    if (fails) throw std::runtime_error("no deal");
    co_return told;
  }
  /// Returns what it is told of a value that it replaces.
  task<std::uint64_t> put_find_and_put(std::string key, bool erases) {
    const std::uint64_t told = co_await put_and_find(key, 1, 0);
    if (erases) items_.erase(key);
    items_.set(key, 2);
    co_return told;
  }
  task<bool> swap(std::string key, int expected_version, int value, int wait_ms) {
    const bool done =
        co_await items_.compare_and_set(std::move(key), static_cast<std::uint64_t>(expected_version), value);
    co_await sleep_for(std::chrono::milliseconds(wait_ms));
    co_return done;
  }
  task<bool> remove(std::string key, int expected_version, int wait_ms) {
    const bool done = co_await items_.compare_and_erase(std::move(key), static_cast<std::uint64_t>(expected_version));
    co_await sleep_for(std::chrono::milliseconds(wait_ms));
    co_return done;
  }
  task<int> version_of(std::string key) {
    const auto found = co_await items_.find<int>(std::move(key));
    co_return static_cast<int>(found ? found->version : 0);
  }
  task<int> look(std::string key) {
    const std::optional<int> value = co_await items_.get<int>(key);
    co_return value.value_or(-1);
  }
  task<void> write_page(int which, int bytes, int wait_ms) {
    auto& page = which == 1 ? one_ : two_;
    page.edit().assign(static_cast<std::size_t>(bytes), 'x');
    co_await sleep_for(std::chrono::milliseconds(wait_ms));
  }
  numbers page_sizes() const { return {static_cast<int>(one_->size()), static_cast<int>(two_->size())}; }

  /// Calls itself back, inside its own turn.
  task<numbers> note_around(int number) {
    log_.append(number);
    const actor_ref<desk> self = ref<desk>(key());
    co_await self.call<&desk::note_inside>(number + 1);
    log_.append(number + 2);
    co_return co_await noted();
  }
  void note_inside(int number) { log_.append(number); }
  /// The same for items. Returns what it is told before and, unless it does not ask, behind the turn inside.
  task<std::vector<std::uint64_t>> put_around(std::string item, bool asks) {
    std::vector<std::uint64_t> told;
    told.push_back(co_await put_and_find(item, 1, 0));
    const actor_ref<desk> self = ref<desk>(key());
    co_await self.call<&desk::put_inside>(item);
    if (asks) told.push_back(static_cast<std::uint64_t>(co_await version_of(item)));
    co_return told;
  }
  void put_inside(std::string item) { items_.set(item, 2); }

  using methods =
      troupe::methods<&desk::note, &desk::note_and_fail, &desk::noted, &desk::put, &desk::swap, &desk::put_and_find,
                      &desk::put_thrice_and_fail, &desk::put_find_and_put, call_chain<&desk::put_around>,
                      call_chain<&desk::put_inside>, &desk::remove, &desk::version_of, &desk::look, &desk::write_page,
                      &desk::page_sizes, call_chain<&desk::note_around>, call_chain<&desk::note_inside>>;

 private:
  log<int> log_{*this, "notes"};
  storage items_{*this};
  state<std::string> one_{*this, "one"};
  state<std::string> two_{*this, "two"};
};

class OverlappingParts : public ::testing::Test {
 protected:
  OverlappingParts() { rt.host<desk>(); }

  [[nodiscard]] actor_ref<desk> mine() { return rt.ref<desk>("mine"); }

  /// Begins a call without waiting for it.
  template <auto Method, class... Args>
  void begin(Args... arguments) {
    mine().call<Method>(arguments...)([this](const std::exception_ptr& failure) { failures += failure ? 1 : 0; });
    rt.settle();
  }

  int failures = 0;  // before rt, whose end answers
  test_runtime rt;
};

TEST_F(OverlappingParts, InterleavedTurnsAppendOneBehindTheOther) {
  begin<&desk::note>(1, 100);
  begin<&desk::note>(2, 50);
  begin<&desk::note_and_fail>(3, 70);
  EXPECT_TRUE(mine().call<&desk::noted>().get().empty()) << "what a turn appends is its own until it ends";
  rt.advance(1s);
  EXPECT_EQ(mine().call<&desk::noted>().get(), (numbers{2, 2, 1, 1}));
  EXPECT_EQ(failures, 1);
  rt.crash();
  EXPECT_EQ(mine().call<&desk::noted>().get(), (numbers{2, 2, 1, 1}));
}

TEST_F(OverlappingParts, ItemsOfAnInterleavedTurnAreItsOwnUntilItEnds) {
  begin<&desk::put>(std::string("a"), 1, 100);
  begin<&desk::put>(std::string("b"), 2, 50);
  EXPECT_EQ(mine().call<&desk::look>("a").get(), -1);
  rt.advance(60ms);
  EXPECT_EQ(mine().call<&desk::look>("b").get(), 2);
  EXPECT_EQ(mine().call<&desk::look>("a").get(), -1);
  rt.advance(60ms);
  EXPECT_EQ(mine().call<&desk::look>("a").get(), 1);
}

TEST_F(OverlappingParts, OfTwoTurnsThatComparedTheSameVersionOneWins) {
  mine().call<&desk::put>("a", 1, 0).get();
  const int version = mine().call<&desk::version_of>("a").get();
  std::vector<std::string> ends;
  const auto swap = [&](const std::string& key, int expected, int value, int wait_ms) {
    mine().call<&desk::swap>(key, expected, value, wait_ms)([&ends, value](const std::exception_ptr& why, bool done) {
      const bool conflict = why && error_of([&] { std::rethrow_exception(why); }).kind() == errc::conflict;
      ends.push_back(std::to_string(value) + (conflict ? " conflict" : done ? " done" : " refused"));
    });
    rt.settle();
  };
  swap("a", version, 2, 100);
  swap("a", version, 3, 50);
  swap("b", 0, 4, 80);
  rt.advance(1s);
  EXPECT_EQ(ends, (std::vector<std::string>{"3 done", "4 done", "2 conflict"}));
  EXPECT_EQ(mine().call<&desk::look>("a").get(), 3);
  EXPECT_EQ(mine().call<&desk::look>("b").get(), 4);
  swap("a", version, 5, 0);
  swap("a", mine().call<&desk::version_of>("a").get(), 6, 0);
  rt.advance(1s);
  EXPECT_EQ(ends, (std::vector<std::string>{"3 done", "4 done", "2 conflict", "5 refused", "6 done"}));
}

TEST_F(OverlappingParts, ComparedVersionIsStaleWhenAnotherTurnIsCommittedDuringTheRead) {
  mine().call<&desk::put>("a", 1, 0).get();
  const int version = mine().call<&desk::version_of>("a").get();
  rt.store().set_plan([held = false](const operation_info& operation) mutable -> fault {
    if (operation.kind != store_operation::read_items || held) return {};
    held = true;
    return {.when = fault::hold::after};
  });
  std::optional<errc> ended;
  mine().call<&desk::swap>("a", version, 2, 0)([&](const std::exception_ptr& why, bool) {
    if (why) ended = error_of([&] { std::rethrow_exception(why); }).kind();
  });
  rt.settle();
  mine().call<&desk::put>("a", 7, 0).get();
  rt.store().set_plan({});
  rt.store().release_all();
  rt.advance(1s);
  EXPECT_EQ(ended, errc::conflict);
  EXPECT_EQ(mine().call<&desk::look>("a").get(), 7);
}

TEST_F(OverlappingParts, VersionThatATurnIsToldIsTheOneItsItemIsStoredWith) {
  std::uint64_t told = 0;
  mine().call<&desk::put_and_find>("a", 1,
                                   100)([&](const std::exception_ptr&, std::uint64_t version) { told = version; });
  rt.settle();
  for (int i = 0; i < 3; ++i) mine().call<&desk::put>("b", i, 0).get();
  rt.advance(1s);
  EXPECT_NE(told, 0U);
  EXPECT_EQ(mine().call<&desk::version_of>("a").get(), static_cast<int>(told));
  rt.crash();
  EXPECT_EQ(mine().call<&desk::version_of>("a").get(), static_cast<int>(told));
  EXPECT_TRUE(mine().call<&desk::swap>("a", static_cast<int>(told), 2, 0).get());
}

TEST_F(OverlappingParts, NoTwoValuesOfAnItemHaveTheSameVersion) {
  std::vector<std::uint64_t> seen;
  const auto now_stored = [&] {
    seen.push_back(static_cast<std::uint64_t>(mine().call<&desk::version_of>("a").get()));
  };
  const auto find = [&](int value, int wait_ms) {
    mine().call<&desk::put_and_find>(
        "a", value, wait_ms)([&](const std::exception_ptr&, std::uint64_t version) { seen.push_back(version); });
    rt.settle();
  };
  find(1, 100);
  find(2, 50);
  mine().call<&desk::put>("a", 3, 0).get();
  now_stored();
  rt.advance(1s);
  EXPECT_THROW(mine().call<&desk::put_thrice_and_fail>("a", true).get(), std::runtime_error);
  mine().call<&desk::put>("a", 4, 0).get();
  now_stored();
  const auto told = mine().call<&desk::put_thrice_and_fail>("a", false).get();
  seen.insert(seen.end(), told.begin(), told.end());
  EXPECT_EQ(mine().call<&desk::version_of>("a").get(), static_cast<int>(told.back()));
  rt.crash();
  mine().call<&desk::put>("a", 5, 0).get();
  now_stored();
  EXPECT_EQ(seen.size(), 8U);
  EXPECT_EQ(std::set<std::uint64_t>(seen.begin(), seen.end()).size(), seen.size()) << ::testing::PrintToString(seen);
}

TEST_F(OverlappingParts, ValueThatATurnReplacesKeepsItsVersionToItself) {
  for (const bool erases : {false, true}) {
    const std::uint64_t told = mine().call<&desk::put_find_and_put>("a", erases).get();
    EXPECT_NE(mine().call<&desk::version_of>("a").get(), static_cast<int>(told)) << erases;
  }
}

TEST_F(OverlappingParts, ValueThatATurnInsideReplacesKeepsItsVersionToItself) {
  for (const bool asks : {false, true}) {
    std::vector<std::uint64_t> told = mine().call<&desk::put_around>("a", asks).get();
    const auto stored = static_cast<std::uint64_t>(mine().call<&desk::version_of>("a").get());
    if (asks) {
      EXPECT_EQ(told.back(), stored);
    }
    EXPECT_NE(told.front(), stored);
  }
}

TEST_F(OverlappingParts, ErasureThatComparedAnOldVersionFails) {
  mine().call<&desk::put>("a", 1, 0).get();
  const int version = mine().call<&desk::version_of>("a").get();
  std::optional<errc> ended;
  mine().call<&desk::remove>("a", version, 100)([&](const std::exception_ptr& why, bool) {
    if (why) ended = error_of([&] { std::rethrow_exception(why); }).kind();
  });
  rt.settle();
  mine().call<&desk::put>("a", 7, 0).get();
  rt.advance(1s);
  EXPECT_EQ(ended, errc::conflict);
  EXPECT_EQ(mine().call<&desk::look>("a").get(), 7);
}

TEST_F(OverlappingParts, TurnInsideAnotherOneAppendsWithIt) {
  EXPECT_EQ(mine().call<&desk::note_around>(1).get(), (numbers{1, 2, 3}));
  rt.crash();
  EXPECT_EQ(mine().call<&desk::noted>().get(), (numbers{1, 2, 3}));
}

TEST_F(OverlappingParts, LargeCellsOfInterleavedTurnsAreKeptApart) {
  begin<&desk::write_page>(1, 5'000, 100);
  begin<&desk::write_page>(2, 6'000, 50);
  rt.advance(60ms);
  EXPECT_EQ(mine().call<&desk::page_sizes>().get(), (numbers{0, 6'000}));
  rt.advance(60ms);
  EXPECT_EQ(mine().call<&desk::page_sizes>().get(), (numbers{5'000, 6'000}));
  begin<&desk::write_page>(1, 10, 100);
  begin<&desk::write_page>(2, 7'000, 50);
  rt.advance(1s);
  rt.crash();
  EXPECT_EQ(mine().call<&desk::page_sizes>().get(), (numbers{10, 7'000}));
}

}  // namespace
}  // namespace troupe::testing
