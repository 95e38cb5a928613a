#include <gtest/gtest.h>

#include "troupe/testing/test_runtime.hpp"
#include "troupe/troupe.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;
using numbers = std::vector<int>;

class seller : public actor {
 public:
  static constexpr std::string_view actor_type = "seller";

  void sell(int price) { sales_.append(price); }
  void sell_many(int count) {
    for (int i = 0; i < count; ++i) sales_.append(static_cast<int>(sales_.next()));
  }
  void sell_and_fail(int price) {
    sales_.append(price);
    throw std::runtime_error("no deal");
  }
  task<numbers> sell_and_look(int price) {
    sales_.append(price);
    co_return values(co_await sales_.newest(3));
  }
  task<numbers> latest(int count) { co_return values(co_await sales_.newest(static_cast<std::size_t>(count))); }
  task<numbers> range(int from, int to) {
    co_return values(co_await sales_.read(static_cast<std::uint64_t>(from), static_cast<std::uint64_t>(to)));
  }
  numbers bounds() const { return {static_cast<int>(sales_.first()), static_cast<int>(sales_.next())}; }
  void keep(int count) { sales_.keep_newest(static_cast<std::size_t>(count)); }
  void keep_then_sell(int count, int price) {
    sales_.keep_newest(static_cast<std::size_t>(count));
    sales_.append(price);
  }
  void clear() { sales_.clear(); }
  void drop_all_then_sell(int price) {
    sales_.drop_before(1'000'000);
    sales_.append(price);
  }
  task<int> drop_older(std::int64_t milliseconds) {
    co_return static_cast<int>(co_await sales_.drop_older(now() - std::chrono::milliseconds(milliseconds)));
  }
  void note(std::string text) { recent_.append(text); }
  task<std::vector<std::string>> notes() {
    std::vector<std::string> texts;
    for (auto& entry : co_await recent_.read(0, 100)) texts.push_back(std::move(entry.value));
    co_return texts;
  }
  void forget() { erase(); }
  using methods = troupe::methods<&seller::sell, &seller::sell_many, &seller::sell_and_fail, &seller::sell_and_look,
                                  &seller::latest, &seller::range, &seller::bounds, &seller::keep,
                                  &seller::keep_then_sell, &seller::drop_all_then_sell, &seller::clear,
                                  &seller::drop_older, &seller::note, &seller::notes, &seller::forget>;

 private:
  static numbers values(const log<int>::entries& entries) {
    numbers read;
    for (const auto& entry : entries) read.push_back(entry.value);
    return read;
  }

  log<int> sales_{*this, "sales"};
  log<std::string> recent_{*this, "recent", {.entries_max = 2}};
};

class Log : public ::testing::Test {
 protected:
  Log() { rt.host<seller>(); }

  [[nodiscard]] actor_ref<seller> acme() { return rt.ref<seller>("acme"); }

  test_runtime rt;
};

TEST_F(Log, KeepsWhatIsAppendedAcrossActivations) {
  acme().call<&seller::sell>(5).get();
  acme().call<&seller::sell>(7).get();
  EXPECT_EQ(acme().call<&seller::latest>(10).get(), (numbers{7, 5}));
  rt.restart();
  EXPECT_EQ(acme().call<&seller::bounds>().get(), (numbers{1, 3}));
  EXPECT_EQ(acme().call<&seller::latest>(1).get(), numbers{7});
  rt.crash();
  EXPECT_EQ(acme().call<&seller::range>(1, 3).get(), (numbers{5, 7}));
}

TEST_F(Log, WritesTheEntryAndNotTheHistory) {
  acme().call<&seller::sell_many>(1000).get();
  std::size_t bytes = 0;
  rt.store().set_plan([&](const operation_info& operation) -> fault {
    for (const auto& record : operation.records) bytes = spi::bytes_of(record);
    return {};
  });
  acme().call<&seller::sell>(5).get();
  EXPECT_LT(bytes, 20U);
  EXPECT_EQ(acme().call<&seller::bounds>().get(), (numbers{1, 1002}));
}

TEST_F(Log, IsNotReadWithTheActor) {
  acme().call<&seller::sell_many>(100).get();
  rt.restart();
  acme().call<&seller::sell>(5).get();
  EXPECT_EQ(rt.store().counts().log_reads, 0U);
}

TEST_F(Log, OfATurnThatFailsIsAsBefore) {
  acme().call<&seller::sell>(1).get();
  EXPECT_THROW(acme().call<&seller::sell_and_fail>(2).get(), std::runtime_error);
  EXPECT_EQ(acme().call<&seller::range>(1, 10).get(), numbers{1});
  acme().call<&seller::sell>(3).get();
  EXPECT_EQ(acme().call<&seller::range>(1, 10).get(), (numbers{1, 3}));
}

TEST_F(Log, ShowsATurnWhatItHasAppendedItself) {
  acme().call<&seller::sell>(1).get();
  EXPECT_EQ(acme().call<&seller::sell_and_look>(2).get(), (numbers{2, 1}));
  EXPECT_EQ(acme().call<&seller::sell_and_look>(3).get(), (numbers{3, 2, 1}));
}

TEST_F(Log, ShowsWhatIsStillOnItsWayToTheStore) {
  numbers seen;
  rt.store().set_plan([](const operation_info& operation) -> fault {
    const bool commit = operation.kind == store_operation::commit;
    return {.what = fault::outcome::none, .when = commit ? fault::hold::before : fault::hold::no, .only = {}};
  });
  acme().call<&seller::sell>(1)([](const std::exception_ptr& /*whatever*/) {});
  acme().call<&seller::sell_and_look>(2)([&](const std::exception_ptr&, numbers read) { seen = std::move(read); });
  rt.settle();
  EXPECT_TRUE(seen.empty()) << "a reply left before the commit";
  rt.store().set_plan({});
  rt.store().release_all();
  rt.settle();
  EXPECT_EQ(seen, (numbers{2, 1}));
}

TEST_F(Log, ReadsMoreThanAPageOfTheStore) {
  acme().call<&seller::sell_many>(2500).get();
  const numbers all = acme().call<&seller::range>(0, 100000).get();
  ASSERT_EQ(all.size(), 2500U);
  for (std::size_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i], static_cast<int>(i) + 1);
  EXPECT_EQ(acme().call<&seller::range>(2499, 2501).get(), (numbers{2499, 2500}));
  EXPECT_TRUE(acme().call<&seller::range>(2501, 9000).get().empty());
  EXPECT_TRUE(acme().call<&seller::range>(7, 7).get().empty());
}

TEST_F(Log, IsTrimmedByCount) {
  acme().call<&seller::sell_many>(10).get();
  acme().call<&seller::keep>(3).get();
  EXPECT_EQ(acme().call<&seller::range>(0, 100).get(), (numbers{8, 9, 10}));
  acme().call<&seller::keep>(5).get();
  EXPECT_EQ(acme().call<&seller::bounds>().get(), (numbers{8, 11}));
  acme().call<&seller::keep_then_sell>(1, 77).get();
  EXPECT_EQ(acme().call<&seller::range>(0, 100).get(), (numbers{10, 77}));
  acme().call<&seller::clear>().get();
  EXPECT_EQ(acme().call<&seller::bounds>().get(), (numbers{12, 12}));
  acme().call<&seller::sell>(5).get();
  EXPECT_EQ(acme().call<&seller::bounds>().get(), (numbers{12, 13})) << "an emptied log goes on counting";
}

TEST_F(Log, TrimBeyondTheEndLeavesWhatIsAppendedAfterIt) {
  acme().call<&seller::sell_many>(3).get();
  acme().call<&seller::drop_all_then_sell>(7).get();
  EXPECT_EQ(acme().call<&seller::latest>(5).get(), numbers{7});
  rt.crash();
  EXPECT_EQ(acme().call<&seller::latest>(5).get(), numbers{7});
}

TEST_F(Log, IsTrimmedByAge) {
  for (int day = 0; day < 20; ++day) {
    acme().call<&seller::sell>(day).get();
    rt.advance(24h);
  }
  const auto reads = rt.store().counts().log_reads;
  EXPECT_EQ(acme().call<&seller::drop_older>(5 * 86'400'000LL + 1000).get(), 15);
  EXPECT_LE(rt.store().counts().log_reads - reads, 5U) << "it reads about the logarithm of the size";
  EXPECT_EQ(acme().call<&seller::range>(0, 100).get(), (numbers{15, 16, 17, 18, 19}));
  EXPECT_EQ(acme().call<&seller::drop_older>(100 * 86'400'000LL).get(), 0);
}

TEST_F(Log, WithABoundDropsTheOldestWithEachAppend) {
  for (const char* text : {"a", "b", "c", "d"}) acme().call<&seller::note>(text).get();
  EXPECT_EQ(acme().call<&seller::notes>().get(), (std::vector<std::string>{"c", "d"}));
  EXPECT_EQ(rt.stored({"seller", "acme"}).logs.at(0), (spi::log_head{"recent", 3, 5}));
}

TEST_F(Log, GoesWithItsActor) {
  acme().call<&seller::sell_many>(3).get();
  acme().call<&seller::forget>().get();
  EXPECT_EQ(acme().call<&seller::bounds>().get(), (numbers{1, 1}));
  acme().call<&seller::sell>(9).get();
  EXPECT_EQ(acme().call<&seller::range>(0, 100).get(), numbers{9});
}

TEST_F(Log, ThatCannotBeReadFailsTheTurn) {
  acme().call<&seller::sell>(1).get();
  rt.restart();
  acme().call<&seller::bounds>().get();
  rt.store().set_plan([](const operation_info& operation) -> fault {
    if (operation.kind != store_operation::read_log) return {};
    return {.what = fault::outcome::unavailable, .when = fault::hold::no, .only = {}};
  });
  try {
    acme().call<&seller::sell_and_look>(2).get();
    FAIL() << "a read that failed was not noticed";
  } catch (const error& failure) {
    EXPECT_EQ(failure.kind(), errc::unavailable);
    EXPECT_NE(std::string(failure.what()).find("seller/acme"), std::string::npos) << failure.what();
  }
  rt.store().set_plan({});
  EXPECT_EQ(acme().call<&seller::range>(0, 100).get(), numbers{1});
}

TEST_F(Log, ReadIsTriedAgainWhileTheStoreIsAway) {
  acme().call<&seller::sell>(1).get();
  rt.restart();
  rt.store().set_plan([](const operation_info& operation) -> fault {
    if (operation.kind != store_operation::read_log || operation.number_of_kind > 2) return {};
    return {.what = fault::outcome::unavailable, .when = fault::hold::no, .only = {}};
  });
  EXPECT_EQ(acme().call<&seller::range>(0, 100).get(), numbers{1});
}

TEST_F(Log, ReadThatIsNeverAnsweredEndsInTime) {
  acme().call<&seller::sell>(1).get();
  rt.restart();
  rt.store().set_plan([](const operation_info& operation) -> fault {
    if (operation.kind != store_operation::read_log) return {};
    return {.what = fault::outcome::none, .when = fault::hold::before, .only = {}};
  });
  EXPECT_THROW(acme().call<&seller::latest>(1).get(), error);
  rt.store().set_plan({});
  rt.store().release_all();
  EXPECT_EQ(acme().call<&seller::latest>(1).get(), numbers{1});
}

TEST_F(Log, CrashAtAnyStepLosesAndDoublesNothing) {
  int kept = 0;
  for (int steps = 0; steps < 60; ++steps) {
    test_runtime one({.seed = static_cast<std::uint64_t>(steps) + 1});
    one.host<seller>();
    for (int i = 1; i <= 3; ++i) {
      one.ref<seller>("a").call<&seller::sell>(i)([](const std::exception_ptr& /*whatever*/) {});
    }
    for (int i = 0; i < steps && one.step(); ++i) {
    }
    one.crash();
    const numbers there = one.ref<seller>("a").call<&seller::range>(0, 100).get();
    for (std::size_t i = 0; i < there.size(); ++i) EXPECT_EQ(there[i], static_cast<int>(i) + 1) << steps;
    kept += static_cast<int>(there.size());
  }
  EXPECT_GT(kept, 60);
}

class unstored : public actor {
 public:
  static constexpr std::string_view actor_type = "unstored";
  static constexpr durability persistence = durability::none();
  void write() { entries_.append(1); }
  using methods = troupe::methods<&unstored::write>;

 private:
  log<int> entries_{*this, "entries"};
};

class badly_named : public actor {
 public:
  static constexpr std::string_view actor_type = "badly_named";
  void write() { entries_.append(1); }
  using methods = troupe::methods<&badly_named::write>;

 private:
  log<int> entries_{*this, "no good name"};
};

TEST_F(Log, IsRefusedWhereItCannotBeKept) {
  rt.host<unstored>();
  rt.host<badly_named>();
  EXPECT_THROW(rt.ref<unstored>("a").call<&unstored::write>().get(), std::logic_error);
  try {
    rt.ref<badly_named>("a").call<&badly_named::write>().get();
    FAIL() << "a bad name was taken";
  } catch (const error& failure) {
    EXPECT_NE(std::string(failure.what()).find("log \"no good name\""), std::string::npos) << failure.what();
  }
}

}  // namespace
}  // namespace troupe::testing
