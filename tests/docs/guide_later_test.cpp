// The code of docs/guide/03-time.md on messages that arrive later.
#include <chrono>
#include <string>

#include <gtest/gtest.h>
#include <troupe/testing/test_runtime.hpp>
#include <troupe/troupe.hpp>

using namespace std::chrono_literals;
using troupe::testing::test_runtime;

class basket : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "basket";

  void put(std::string item) {
    items_.edit() += item + " ";
    ref<basket>("assistant").with({.delay = 20min}).tell<&basket::remind>(std::string(key()));
  }
  void remind(std::string of) { items_.edit() += "?" + of; }
  std::string items() const { return *items_; }
  using methods = troupe::methods<&basket::put, &basket::remind, &basket::items>;

 private:
  troupe::state<std::string> items_{*this, "items"};
};

TEST(Guide, MessageArrivesLater) {
  test_runtime rt;
  rt.host<basket>();
  rt.ref<basket>("b").call<&basket::put>("tea").get();
  const auto assistant = rt.ref<basket>("assistant");
  rt.advance(19min);
  EXPECT_EQ(assistant.call<&basket::items>().get(), "");
  rt.advance(1min);
  EXPECT_EQ(assistant.call<&basket::items>().get(), "?b");
}
