// Each CASE is a mistake that must not compile, with words that tell what to change. CASE 0 has none.

#include <span>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "troupe/core/host.hpp"
#include "troupe/core/state.hpp"
#include "troupe/testing/test_runtime.hpp"

struct opaque {};

struct good : troupe::actor {
  static constexpr std::string_view actor_type = "good";
  void take(int) {}
  void take_text(std::string) {}
  void unlisted() {}
  int look() const { return 1; }
  using methods =
      troupe::methods<&good::take, &good::take_text, troupe::timeout_ms<troupe::read_only<&good::look>, 50>>;
};

struct flawed : troupe::actor {
#if CASE != 1
  static constexpr std::string_view actor_type = "flawed";
#endif
#if CASE == 3
  boost::asio::awaitable<int> f() { co_return 1; }
#elif CASE == 4
  std::string_view f() { return "x"; }
#elif CASE == 5
  int& f() { return n; }
#elif CASE == 6
  troupe::task<void> f(std::string_view) { co_return; }
#elif CASE == 7
  void f(const char*) {}
#elif CASE == 8
  explicit flawed(int) {}
  void f() {}
#elif CASE == 9
  void f() {}
  troupe::state<opaque> cell{*this, "cell"};
#else
  void f() {}
#endif
#if CASE == 16
  using methods = troupe::methods<troupe::read_only<&flawed::f>>;
#elif CASE == 17
  using methods = troupe::methods<troupe::timeout_ms<&flawed::f, 0>>;
#elif CASE == 18
  using methods = troupe::methods<troupe::timeout_ms<troupe::read_only<troupe::method<"g", &flawed::f>{}>, 50>>;
#elif CASE != 2
  using methods = troupe::methods<&flawed::f>;
#endif
  int n = 0;
};

int main() {
  troupe::testing::test_runtime rt;
  rt.host<good>();
  rt.host<flawed>();
  [[maybe_unused]] auto ref = rt.ref<good>("a");
#if CASE == 10
  ref.call<&good::take>("text").get();
#elif CASE == 11
  ref.call<&good::take>(3.7).get();
#elif CASE == 12
  ref.tell<&good::take>(5'000'000'000L);
#elif CASE == 13
  ref.call<&good::unlisted>().get();
#elif CASE == 14
  ref.call<&good::take>(1);
#elif CASE == 15
  ref.call<&good::take>().get();
#elif CASE == 30
  ref.with({.delay = std::chrono::seconds(1)}).tell<&good::take>(troupe::durable, 1);
#else
  ref.call<&good::take>(1).get();
  ref.tell<&good::take_text>("text");
#endif
}
