#include <gtest/gtest.h>

#include "cupboard.hpp"
#include "troupe/testing/test_runtime.hpp"
#include "troupe/troupe.hpp"
#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

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

TEST_F(Storage, RangeMayBeWrittenWhereItsPageIsAwaited) {
  const std::string prefix = "long enough to be kept on the heap/";
  for (const char* key : {"1", "2", "3", "4"}) set(prefix + key, 1);
  EXPECT_EQ(one().call<&cupboard::list_at_once>(prefix, prefix + "1").get(),
            (keys{"4", prefix + "2", prefix + "3", prefix + "4"}));
}

TEST_F(Storage, RangeThatBeginsWithMoreThanAKeyIsRefused) {
  const std::string longest(512, 'k');
  set(longest, 1);
  EXPECT_EQ(one().call<&cupboard::list>(longest, 1).get(), keys{longest});
  const error refused = error_of([&] { one().call<&cupboard::list>(longest + 'k', 1).get(); });
  EXPECT_EQ(refused.kind(), errc::invalid_argument);
  EXPECT_NE(std::string(refused.what()).find("more than 512 bytes"), std::string::npos) << refused.what();
  EXPECT_EQ(error_of([&] { one().call<&cupboard::list_at_once>("", longest + 'k').get(); }).kind(),
            errc::invalid_argument);
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

TEST_F(Storage, VersionsBeginAnewWhenTheActorWasErased) {
  set("a", 1);
  const auto before = one().call<&cupboard::version>("a").get();
  one().call<&cupboard::forget>().get();
  EXPECT_FALSE(one().call<&cupboard::swap_in>("a", before, 2).get()) << "there is none";
  set("a", 3);
  EXPECT_EQ(one().call<&cupboard::version>("a").get(), before);
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

}  // namespace
}  // namespace troupe::testing
