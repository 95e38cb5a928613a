// A call ends in time, says where its time went, and whether it may have had an effect. The time travels along the
// chain.
#include <chrono>
#include <iostream>
#include <string>

#include <troupe/troupe.hpp>

using namespace std::chrono_literals;

class oven : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "oven";

  troupe::task<int> bake(std::chrono::milliseconds time) {
    try {
      co_await troupe::sleep_for(time);
    } catch (const troupe::error&) {
      ++thrown_away_.edit();  // the caller has given up: the sleep ended early
      throw;
    }
    co_return 1;
  }
  bool waits_for_ever() const { return time_left() == std::chrono::nanoseconds::max(); }
  using methods = troupe::methods<&oven::bake, &oven::waits_for_ever>;

 private:
  troupe::state<int> thrown_away_{*this, "thrown_away"};
};

class baker : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "baker";

  troupe::task<bool> is_in_a_hurry() { co_return !co_await ref<oven>("second").call<&oven::waits_for_ever>(); }
  using methods = troupe::methods<troupe::timeout_ms<&baker::is_in_a_hurry, 2'000>>;
};

int main() {
  troupe::runtime rt;
  rt.host<oven>();
  rt.host<baker>();
  const auto call = [&](const char* what, std::chrono::milliseconds time) {
    try {
      rt.ref<oven>("first").with({.timeout = 200ms}).call<&oven::bake>(time).get();
      std::cout << what << ": done\n";
    } catch (const troupe::error& failure) {
      const bool sure = failure.effect() == troupe::effect::none;
      std::cout << what << ": " << failure.code().message()
                << (sure ? ", nothing happened\n" : ", it may have happened\n");
    }
  };
  call("bread", 1ms);
  call("a cake that takes an hour", 1h);

  // While a patient caller's cake is in the oven, others wait in its queue.
  rt.ref<oven>("first").with({.timeout = troupe::no_timeout}).call<&oven::bake>(1s)([](std::exception_ptr, int) {});
  call("rolls behind another cake", 1ms);

  std::cout << "the oven knows that its caller's caller waits for 2 s at most: " << std::boolalpha
            << rt.ref<baker>("ann").call<&baker::is_in_a_hurry>().get() << '\n';
}
