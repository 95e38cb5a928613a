#include <gtest/gtest.h>

#include "cupboard.hpp"
#include "troupe/testing/test_runtime.hpp"
#include "troupe/troupe.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

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
