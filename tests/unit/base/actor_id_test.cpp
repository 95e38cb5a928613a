#include "troupe/base/actor_id.hpp"

#include <string>

#include <gtest/gtest.h>

#include "troupe/base/error.hpp"

namespace troupe {
namespace {

template <class Action>
errc code_of(Action action) {
  try {
    action();
  } catch (const error& failure) {
    return failure.kind();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

TEST(ActorId, KeyIsAnyBytesUpToTheLimit) {
  EXPECT_NO_THROW(check_actor_key("seller", std::string_view("\0\xff/\n", 4)));
  EXPECT_NO_THROW(check_actor_key("seller", std::string(actor_key_bytes_max, 'x')));
}

TEST(ActorId, RefusesAnEmptyOrOversizedKey) {
  EXPECT_EQ(code_of([] { check_actor_key("seller", ""); }), errc::invalid_argument);
  EXPECT_EQ(code_of([] { check_actor_key("seller", std::string(actor_key_bytes_max + 1, 'x')); }), errc::too_large);
}

TEST(ActorId, TypeIsAPlainName) {
  for (const char* good : {"a", "Seller", "a9_.-"}) EXPECT_NO_THROW(check_actor_type(good)) << good;
  for (const char* bad : {"", "9a", "_a", "a b", "a/b", "\xc3\xa4"}) {
    EXPECT_EQ(code_of([&] { check_actor_type(bad); }), errc::invalid_argument) << bad;
  }
  EXPECT_EQ(code_of([] { check_actor_type(std::string(actor_type_bytes_max + 1, 'x')); }), errc::invalid_argument);
}

TEST(ActorId, IsShownToPeopleWithoutControlBytes) {
  EXPECT_EQ(to_string({"seller", "acme"}), "seller/acme");
  EXPECT_EQ(to_display("seller", std::string_view("a\n\xff", 3)), "seller/a\\x0a\\xff");
  const std::string shown = to_display("seller", std::string(200, 'k'));
  EXPECT_EQ(shown, "seller/" + std::string(80, 'k') + "...");
}

}  // namespace
}  // namespace troupe
