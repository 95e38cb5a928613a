// The forms in which the guide lets a handler send a message, compiled with optimisation: g++ 12 destroys other
// temporaries of a co_await expression twice.
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "troupe/core/actor.hpp"
#include "troupe/runtime/runtime.hpp"

namespace troupe {
namespace {

// Longer than what a std::string holds without memory of its own.
constexpr const char* long_text = "first flush of the year, picked on the southern slope";

struct order {
  std::string item;
  int count = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(order, item, count)

struct note {
  note() = default;
  explicit note(std::string first) : text(std::move(first)) {}
  std::string text;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(note, text)

order order_of(std::string item) { return {.item = std::move(item), .count = 1}; }

class shop : public actor {
 public:
  static constexpr std::string_view actor_type = "shop";
  std::string take(order o) { return o.item; }
  std::string read(note n) { return n.text; }
  std::string say(std::string text) { return text; }
  using methods = troupe::methods<&shop::take, &shop::read, &shop::say>;
};

class customer : public actor {
 public:
  static constexpr std::string_view actor_type = "customer";

  task<std::string> named() {
    const order tea{.item = long_text};
    co_return co_await there().call<&shop::take>(tea);
  }
  task<std::string> moved() {
    order tea{.item = long_text};
    co_return co_await there().call<&shop::take>(std::move(tea));
  }
  task<std::string> result_of_function() { co_return co_await there().call<&shop::take>(order_of(long_text)); }
  task<std::string> in_two_steps() {
    auto call = there().call<&shop::take>(order{.item = long_text});
    co_return co_await std::move(call);
  }
  task<std::string> by_constructor() { co_return co_await there().call<&shop::read>(note(long_text)); }
  task<std::string> literal() {
    co_return co_await there().call<&shop::say>("first flush of the year, picked on the southern slope");
  }
  task<std::string> string() { co_return co_await there().call<&shop::say>(std::string(long_text)); }
  task<std::string> sum() { co_return co_await there().call<&shop::say>(std::string(long_text) + ""); }
  task<std::string> with_options() {
    const order tea{.item = long_text};
    co_return co_await there().with({.idempotency_key = "of this test"}).call<&shop::take>(tea);
  }
  task<std::string> told() {
    there().tell<&shop::take>(order{.item = long_text});  // no co_await, any form
    co_return long_text;
  }

  using methods = troupe::methods<&customer::named, &customer::moved, &customer::result_of_function,
                                  &customer::in_two_steps, &customer::by_constructor, &customer::literal,
                                  &customer::string, &customer::sum, &customer::with_options, &customer::told>;

 private:
  [[nodiscard]] actor_ref<shop> there() const { return ref<shop>("corner"); }
};

TEST(AwaitedMessage, ArrivesWholeInTheFormsThatTheGuideNames) {
  runtime rt{{.threads = 1}};
  rt.host<customer>();
  rt.host<shop>();
  const std::string type(customer::actor_type);
  for (const char* form : {"named", "moved", "result_of_function", "in_two_steps", "by_constructor", "literal",
                           "string", "sum", "with_options", "told"}) {
    for (int times = 0; times < 20; ++times) {
      EXPECT_EQ(rt.call_by_name(type, "c", form, "[]"), '"' + std::string(long_text) + '"') << form;
    }
  }
}

}  // namespace
}  // namespace troupe
