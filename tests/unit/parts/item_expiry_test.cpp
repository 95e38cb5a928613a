#include <gtest/gtest.h>

#include "troupe/testing/test_runtime.hpp"
#include "troupe/troupe.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

class larder : public actor {
 public:
  static constexpr std::string_view actor_type = "larder";

  void set(std::string key, int value, int ttl_ms) {
    items_.set(key, value, {.ttl = std::chrono::milliseconds(ttl_ms)});
  }
  task<int> get(std::string key) {
    const std::optional<int> value = co_await items_.get<int>(key);
    co_return value.value_or(-1);
  }
  /// The first expires after `first_ms`, and the others one after the other.
  void fill(int count, int first_ms, int step_ms) {
    for (int i = 0; i < count; ++i) {
      items_.set("many/" + std::to_string(i), i, {.ttl = std::chrono::milliseconds(first_ms + i * step_ms)});
    }
  }
  using methods = troupe::methods<&larder::set, &larder::get, &larder::fill>;

 private:
  storage items_{*this};
};

/// The removal of expired items, beside commits that set them anew.
class ItemExpiry : public ::testing::Test {
 protected:
  ItemExpiry() {
    rt.host<larder>();
    set("a", 1, 5'000);
    set("b", 1, 5'000);
  }
  [[nodiscard]] actor_ref<larder> one() { return rt.ref<larder>("one"); }
  void set(const std::string& key, int value, int ttl_ms) { one().call<&larder::set>(key, value, ttl_ms).get(); }
  [[nodiscard]] int get(const std::string& key) { return one().call<&larder::get>(key).get(); }

  /// Sets an item anew without waiting for the store, which holds commits back, and the answers to reads too when
  /// `reads` says so, until they are released. Then the old one expires.
  void set_anew_and_expire(fault::hold reads) {
    rt.store().set_plan([reads](const operation_info& operation) -> fault {
      if (operation.kind == store_operation::commit) return {.when = fault::hold::before};
      return {.when = operation.kind == store_operation::read_items ? reads : fault::hold::no};
    });
    one().call<&larder::set>("a", 2, 0)([](const std::exception_ptr& why) { EXPECT_FALSE(why); });
    rt.advance(6s);
  }
  void release(store_operation kind) {
    const auto held = rt.store().held();
    std::size_t released = 0;
    for (const auto& one_held : held) {
      if (one_held.kind == kind && rt.store().release(one_held.ticket)) ++released;
    }
    ASSERT_NE(released, 0U);
    rt.settle();
  }
  void expect_only_the_new_one() {
    rt.store().set_plan({});
    rt.store().release_all();
    rt.advance(20s);
    EXPECT_EQ(get("a"), 2);
    EXPECT_EQ(get("b"), -1);
    rt.crash();
    EXPECT_EQ(get("a"), 2);
    EXPECT_EQ(rt.stored({"larder", "one"}).items_expire, std::nullopt) << "b was not removed";
  }
  test_runtime rt;
};

TEST_F(ItemExpiry, LeavesWhatIsSetAnewOnItsWayToTheStore) {
  set_anew_and_expire(fault::hold::no);
  expect_only_the_new_one();
}

TEST_F(ItemExpiry, LeavesWhatWasSetAnewWhileTheStoreReadTheOldOne) {
  set_anew_and_expire(fault::hold::after);
  release(store_operation::commit);
  release(store_operation::read_items);
  expect_only_the_new_one();
}

/// Counts the pages that are read to remove what has expired.
class ManyItemsExpire : public ItemExpiry {
 protected:
  ManyItemsExpire() {
    rt.store().set_plan([this](const operation_info& operation) -> fault {
      if (operation.kind == store_operation::read_items) ++pages;
      return {};
    });
  }
  std::size_t pages = 0;
};

TEST_F(ManyItemsExpire, OneAfterTheOtherAndAreReadSeldom) {
  one().call<&larder::fill>(2'000, 5'000, 10).get();
  rt.advance(1min);
  EXPECT_EQ(rt.stored({"larder", "one"}).items_expire, std::nullopt);
  bool empty = false;
  rt.store().async_read_items({.actor = {"larder", "one"}}, [&](const auto& read) { empty = read.items.empty(); });
  EXPECT_TRUE(empty);
  EXPECT_LE(pages, 150U);
}

TEST_F(ManyItemsExpire, AmongManyThatStayAndAreReadSeldom) {
  one().call<&larder::fill>(2'000, 3'600'000, 0).get();
  for (int i = 0; i < 100; ++i) {
    set("short", i, 100);
    rt.advance(100ms);
    EXPECT_EQ(get("short"), -1) << "nobody sees it, whether the store has it still or not";
  }
  EXPECT_LE(pages - 100, 40U);
  rt.advance(20s);
  bool gone = false;
  rt.store().async_read_items({.actor = {"larder", "one"}, .keys = {"short"}},
                              [&](const auto& read) { gone = read.items.empty(); });
  EXPECT_TRUE(gone);
}

}  // namespace
}  // namespace troupe::testing
