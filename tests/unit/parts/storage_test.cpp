#include <gtest/gtest.h>

#include "troupe/testing/test_runtime.hpp"
#include "troupe/troupe.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;
using keys = std::vector<std::string>;

class cupboard : public actor {
 public:
  static constexpr std::string_view actor_type = "cupboard";

  void set(std::string key, int value, int ttl_ms) {
    items_.set(key, value, {.ttl = std::chrono::milliseconds(ttl_ms)});
  }
  void erase_item(std::string key) { items_.erase(key); }
  task<int> get(std::string key) {
    const std::optional<int> value = co_await items_.get<int>(key);
    co_return value.value_or(-1);
  }
  task<std::uint64_t> version(std::string key) {
    const std::optional<stored_item<int>> found = co_await items_.find<int>(key);
    co_return found ? found->version : 0;
  }
  task<bool> exists(std::string key) { return items_.exists(std::move(key)); }
  void set_two_and_fail(int value) {
    items_.set("a", value);
    items_.set("b", value);
    throw std::runtime_error("no deal");
  }
  task<int> set_and_get(std::string key, int value) {
    items_.set(key, value);
    const std::optional<int> seen = co_await items_.get<int>(key);
    co_return *seen;
  }
  task<bool> swap_in(std::string key, std::uint64_t expected, int value) {
    return items_.compare_and_set(std::move(key), expected, value);
  }
  task<bool> take_out(std::string key, std::uint64_t expected) {
    return items_.compare_and_erase(std::move(key), expected);
  }
  void set_many(int count) {
    for (int i = 0; i < count; ++i) items_.set("many/" + std::to_string(10'000 + i), i);
  }
  void fill(int from, int count, int ttl_ms) {
    for (int i = from; i < from + count; ++i) {
      items_.set(std::to_string(i), i, {.ttl = std::chrono::milliseconds(ttl_ms)});
    }
  }
  task<keys> list(std::string prefix, int limit) {
    keys found;
    item_range range{.prefix = prefix, .limit = static_cast<std::size_t>(limit)};
    for (bool more = true; more;) {
      const item_page<int> page = co_await items_.list<int>(range);
      for (const auto& item : page.items) found.push_back(item.key);
      more = page.next.has_value();
      range.after = page.next;
    }
    co_return found;
  }
  task<keys> change_and_list() {
    items_.set("b/2", 2);
    items_.erase("b/1");
    items_.set("c", 3);
    const keys seen = co_await list("b/", 1);
    co_return seen;
  }
  task<std::string> text_of(std::string key) {
    const std::optional<std::string> value = co_await items_.get<std::string>(key);
    co_return value.value_or("");
  }
  void forget() { erase(); }
  using methods = troupe::methods<&cupboard::set, &cupboard::erase_item, &cupboard::get, &cupboard::version,
                                  &cupboard::exists, &cupboard::set_two_and_fail, &cupboard::set_and_get,
                                  &cupboard::swap_in, &cupboard::take_out, &cupboard::set_many, &cupboard::fill,
                                  &cupboard::list, &cupboard::change_and_list, &cupboard::text_of, &cupboard::forget>;

 private:
  storage items_{*this};
};

class Storage : public ::testing::Test {
 protected:
  Storage() { rt.host<cupboard>(); }

  [[nodiscard]] actor_ref<cupboard> one() { return rt.ref<cupboard>("one"); }
  void set(const std::string& key, int value, int ttl_ms = 0) { one().call<&cupboard::set>(key, value, ttl_ms).get(); }
  [[nodiscard]] int get(const std::string& key) { return one().call<&cupboard::get>(key).get(); }

  test_runtime rt;
};

TEST_F(Storage, KeepsItemsAcrossActivations) {
  set("a", 1);
  set(std::string("\0\xff", 2), 2);
  rt.restart();
  EXPECT_EQ(get("a"), 1);
  EXPECT_EQ(get(std::string("\0\xff", 2)), 2);
  EXPECT_EQ(get("never"), -1);
  one().call<&cupboard::erase_item>("a").get();
  EXPECT_EQ(get("a"), -1);
  EXPECT_FALSE(one().call<&cupboard::exists>("a").get());
  rt.crash();
  EXPECT_EQ(get("a"), -1);
  EXPECT_EQ(get(std::string("\0\xff", 2)), 2);
}

TEST_F(Storage, SetsSeveralItemsTogetherOrNone) {
  set("a", 1);
  EXPECT_THROW(one().call<&cupboard::set_two_and_fail>(9).get(), std::runtime_error);
  EXPECT_EQ(get("a"), 1);
  EXPECT_EQ(get("b"), -1);
}

TEST_F(Storage, ShowsATurnWhatItHasSetItself) {
  EXPECT_EQ(one().call<&cupboard::set_and_get>("a", 5).get(), 5);
  EXPECT_EQ(one().call<&cupboard::set_and_get>("a", 6).get(), 6);
}

TEST_F(Storage, ShowsWhatIsStillOnItsWayToTheStore) {
  int seen = 0;
  rt.store().set_plan([](const operation_info& operation) -> fault {
    const bool commit = operation.kind == store_operation::commit;
    return {.what = fault::outcome::none, .when = commit ? fault::hold::before : fault::hold::no, .only = {}};
  });
  one().call<&cupboard::set>("a", 1, 0)([](const std::exception_ptr& /*whatever*/) {});
  one().call<&cupboard::get>("a")([&](const std::exception_ptr&, int value) { seen = value; });
  rt.settle();
  rt.store().set_plan({});
  rt.store().release_all();
  rt.settle();
  EXPECT_EQ(seen, 1);
}

/// The store answers a read late: with what it held before a commit that is over by then.
TEST_F(Storage, ReadThatOvertakesACommitSeesItAllTheSame) {
  set("a", 1);
  int seen = 0;
  rt.store().set_plan([](const operation_info& operation) -> fault {
    switch (operation.kind) {
      case store_operation::commit:
        return {.what = fault::outcome::none, .when = fault::hold::before, .only = {}};
      case store_operation::read_items:
        return {.what = fault::outcome::none, .when = fault::hold::after, .only = {}};
      default:
        return {};
    }
  });
  one().call<&cupboard::set>("a", 2, 0)([](const std::exception_ptr& /*whatever*/) {});
  one().call<&cupboard::get>("a")([&](const std::exception_ptr&, int value) { seen = value; });
  rt.settle();
  ASSERT_EQ(rt.store().held().size(), 2U);
  rt.store().set_plan({});
  for (const auto& held : rt.store().held()) {
    if (held.kind != store_operation::commit) continue;
    ASSERT_TRUE(rt.store().release(held.ticket));
  }
  rt.settle();
  rt.store().release_all();
  rt.settle();
  EXPECT_EQ(seen, 2);
}

TEST_F(Storage, ComparesVersions) {
  EXPECT_FALSE(one().call<&cupboard::swap_in>("a", 7, 1).get());
  EXPECT_TRUE(one().call<&cupboard::swap_in>("a", 0, 1).get());
  EXPECT_FALSE(one().call<&cupboard::swap_in>("a", 0, 2).get()) << "it is there";
  const auto version = one().call<&cupboard::version>("a").get();
  EXPECT_NE(version, 0U);
  set("b", 1);
  EXPECT_EQ(one().call<&cupboard::version>("a").get(), version) << "another item has changed";
  EXPECT_TRUE(one().call<&cupboard::swap_in>("a", version, 2).get());
  EXPECT_FALSE(one().call<&cupboard::swap_in>("a", version, 3).get());
  EXPECT_FALSE(one().call<&cupboard::take_out>("a", version).get());
  EXPECT_EQ(get("a"), 2);
  EXPECT_TRUE(one().call<&cupboard::take_out>("a", one().call<&cupboard::version>("a").get()).get());
  EXPECT_EQ(get("a"), -1);
  EXPECT_FALSE(one().call<&cupboard::take_out>("a", 0).get());
}

TEST_F(Storage, ListsByPrefixInPages) {
  for (const char* key : {"b/3", "a", "b/1", "b0", "b/2", "c"}) set(key, 1);
  for (const int limit : {1, 2, 3, 100}) {
    EXPECT_EQ(one().call<&cupboard::list>("b/", limit).get(), (keys{"b/1", "b/2", "b/3"})) << limit;
    EXPECT_EQ(one().call<&cupboard::list>("", limit).get(), (keys{"a", "b/1", "b/2", "b/3", "b0", "c"})) << limit;
  }
  EXPECT_TRUE(one().call<&cupboard::list>("x", 5).get().empty());
}

TEST_F(Storage, ListsWhatTheTurnHasChanged) {
  for (const char* key : {"b/1", "b/3", "b/4"}) set(key, 1);
  EXPECT_EQ(one().call<&cupboard::change_and_list>().get(), (keys{"b/2", "b/3", "b/4"}));
}

TEST_F(Storage, ListsMoreThanAPageOfTheStore) {
  one().call<&cupboard::set_many>(2500).get();
  for (const int limit : {999, 1000}) {
    const keys all = one().call<&cupboard::list>("many/", limit).get();
    ASSERT_EQ(all.size(), 2500U);
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
  }
}

TEST_F(Storage, ItemsExpire) {
  set("soon", 1, 5'000);
  set("later", 2, 60'000);
  set("never", 3);
  rt.advance(4'999ms);
  EXPECT_EQ(get("soon"), 1);
  rt.advance(1ms);
  EXPECT_EQ(get("soon"), -1);
  EXPECT_EQ(one().call<&cupboard::list>("", 10).get(), (keys{"later", "never"}));
  EXPECT_TRUE(one().call<&cupboard::swap_in>("soon", 0, 9).get()) << "an expired item is not there";
  EXPECT_EQ(get("soon"), 9);
}

TEST_F(Storage, ExpiredItemsLeaveTheStoreByThemselves) {
  set("soon", 1, 5'000);
  set("later", 2, 3'600'000);
  set("never", 3);
  const auto in_store = [&] {
    keys there;
    rt.store().async_read_items({.actor = {"cupboard", "one"}}, [&](const spi::item_result& read) {
      for (const auto& item : read.items) there.push_back(item.key);
    });
    return there;
  };
  EXPECT_EQ(in_store(), (keys{"later", "never", "soon"}));
  rt.advance(20s);
  EXPECT_EQ(in_store(), (keys{"later", "never"}));
  EXPECT_NE(rt.stored({"cupboard", "one"}).items_expire, std::nullopt);
  rt.deactivate(one());
  rt.crash();
  rt.advance(2h);
  EXPECT_EQ(in_store(), keys{"never"}) << "nobody else has woken the actor";
  EXPECT_EQ(rt.stored({"cupboard", "one"}).items_expire, std::nullopt);
}

TEST_F(Storage, ManyExpiredItemsLeaveTheStoreInParts) {
  for (int part = 0; part < 3; ++part) one().call<&cupboard::fill>(part * 9'000, 9'000, 5'000).get();
  std::size_t most = 0;
  rt.store().set_plan([&](const operation_info& operation) -> fault {
    for (const auto& record : operation.records) {
      if (record.items) most = std::max(most, record.items->erased.size());
    }
    return {};
  });
  rt.advance(60s);
  EXPECT_EQ(rt.stored({"cupboard", "one"}).items_expire, std::nullopt);
  bool empty = false;
  rt.store().async_read_items({.actor = {"cupboard", "one"}},
                              [&](const spi::item_result& read) { empty = read.items.empty(); });
  EXPECT_TRUE(empty);
  EXPECT_GT(most, 9'000U);
  EXPECT_LE(most, 20'000U);
}

TEST_F(Storage, TurnThatChangesTooManyItemsFailsAndSaysSo) {
  one().call<&cupboard::fill>(0, 50'000, 0).get();
  try {
    one().call<&cupboard::fill>(100'000, 50'001, 0).get();
    FAIL() << "it was committed";
  } catch (const error& why) {
    EXPECT_EQ(why.kind(), errc::too_large);
    EXPECT_NE(std::string(why.what()).find("cupboard/one"), std::string::npos) << why.what();
    EXPECT_NE(std::string(why.what()).find("50001"), std::string::npos) << why.what();
  }
  EXPECT_FALSE(rt.item({"cupboard", "one"}, "100000"));
}

TEST_F(Storage, ItemThatIsSetAnewDoesNotExpireWithTheOldOne) {
  set("a", 1, 5'000);
  set("a", 2);
  set("b", 1, 5'000);
  set("b", 2, 3'600'000);
  rt.advance(1min);
  EXPECT_EQ(get("a"), 2);
  EXPECT_EQ(get("b"), 2);
  rt.advance(2h);
  EXPECT_EQ(get("a"), 2);
  EXPECT_EQ(get("b"), -1);
}

TEST_F(Storage, GoesWithItsActor) {
  set("a", 1, 3'600'000);
  one().call<&cupboard::forget>().get();
  EXPECT_EQ(get("a"), -1);
  set("b", 1);
  EXPECT_EQ(get("a"), -1);
}

TEST_F(Storage, RefusesWhatItCannotKeep) {
  const auto refused = [&](const std::string& key, int ttl, const std::string& words) {
    try {
      set(key, 1, ttl);
      ADD_FAILURE() << words << " was taken";
    } catch (const error& failure) {
      EXPECT_EQ(failure.kind(), errc::invalid_argument);
      EXPECT_NE(std::string(failure.what()).find(words), std::string::npos) << failure.what();
    }
  };
  refused("", 0, "a key has 1 to 512 bytes");
  refused(std::string(513, 'k'), 0, "a key has 1 to 512 bytes");
  refused("a", -1, "the ttl is negative");
  EXPECT_THROW(one().call<&cupboard::list>("", 0).get(), error);
  EXPECT_THROW(one().call<&cupboard::list>("", 1001).get(), error);
  set("a", 1);
  try {
    one().call<&cupboard::text_of>("a").get();
    FAIL() << "a number was read as text";
  } catch (const error& failure) {
    EXPECT_EQ(failure.kind(), errc::bad_state);
    EXPECT_NE(std::string(failure.what()).find("item a"), std::string::npos) << failure.what();
  }
}

/// A class that knows nothing of items.
class plain : public actor {
 public:
  static constexpr std::string_view actor_type = "plain";
  int one() const { return 1; }
  using methods = troupe::methods<&plain::one>;
};

class OutsideStorage : public Storage {
 protected:
  const actor_id id{"cupboard", "one"};
};

TEST_F(OutsideStorage, ReadsAndListsItems) {
  set("a", 1);
  set("b", 2, 5'000);
  const auto found = rt.item(id, "b");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->value, 2);
  EXPECT_NE(found->version, 0U);
  EXPECT_TRUE(found->expires.has_value());
  EXPECT_FALSE(rt.item(id, "c").has_value());
  const auto page = rt.items(id, {.limit = 1});
  ASSERT_EQ(page.items.size(), 1U);
  EXPECT_EQ(page.next, "a");
  EXPECT_THROW(static_cast<void>(rt.item({"nobody", "one"}, "a")), error);
}

TEST_F(OutsideStorage, ChangesSeveralItemsTogetherOrNone) {
  EXPECT_TRUE(rt.change_items(id, {{.key = "a", .value = 1, .expected = 0}, {.key = "b", .value = 2}}));
  EXPECT_EQ(get("a"), 1);
  EXPECT_EQ(get("b"), 2);
  EXPECT_FALSE(rt.change_items(id, {{.key = "b"}, {.key = "a", .value = 9, .expected = 0}})) << "a is there";
  EXPECT_EQ(get("a"), 1);
  EXPECT_EQ(get("b"), 2);
  const auto version = rt.item(id, "a")->version;
  EXPECT_TRUE(rt.change_items(id, {{.key = "b"}, {.key = "a", .value = 9, .expected = version}}));
  rt.crash();
  EXPECT_EQ(get("a"), 9);
  EXPECT_EQ(get("b"), -1);
}

TEST_F(OutsideStorage, WorksForAClassThatHasNone) {
  rt.host<plain>();
  const actor_id bare{"plain", "p"};
  EXPECT_FALSE(rt.item(bare, "a").has_value());
  EXPECT_TRUE(rt.change_items(bare, {{.key = "a", .value = "text", .options = {.ttl = 5s}}}));
  EXPECT_EQ(rt.ref<plain>("p").call<&plain::one>().get(), 1);
  EXPECT_EQ(rt.item(bare, "a")->value, "text");
  rt.crash();
  EXPECT_EQ(rt.item(bare, "a")->value, "text");
  rt.advance(1min);
  EXPECT_EQ(rt.stored(bare).items_expire, std::nullopt) << "nobody has woken the actor";
}

}  // namespace
}  // namespace troupe::testing
