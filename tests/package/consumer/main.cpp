#include <iostream>

#include <troupe/testing/scenario.hpp>
#include <troupe/troupe.hpp>

class counter : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "counter";
  int add(int n) { return value_.edit() += n; }
  using methods = troupe::methods<&counter::add>;

 private:
  troupe::state<int> value_{*this, "value"};
};

int main() {
  try {
    troupe::runtime rt{{.store = "sqlite:consumer.db", .threads = 1}};
    rt.host<counter>();
    const int before = rt.ref<counter>("a").call<&counter::add>(0).get();
    const int after = rt.ref<counter>("a").call<&counter::add>(3).get();
    troupe::testing::scenario<counter>("a").given("value", before).when<&counter::add>(3).then_reply(after);
    std::cout << before << " + 3 = " << after << '\n';
  } catch (const std::exception& failure) {
    std::cerr << "consumer: " << failure.what() << '\n';
    return 1;
  }
}
