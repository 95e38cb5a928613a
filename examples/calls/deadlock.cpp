// Actors that wait for each other in a circle: the call that closes it fails at once, and the circle is spelt out.
#include <chrono>
#include <iostream>
#include <string>

#include <troupe/troupe.hpp>

class person : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "person";

  /// Wants to know of a friend whether they come, who wants to know the same of theirs.
  troupe::task<bool> comes() {
    const std::string friend_of_mine = key() == "ann" ? "bob" : key() == "bob" ? "cid" : "ann";
    co_return co_await ref<person>(friend_of_mine).call<&person::comes>();
  }
  using methods = troupe::methods<&person::comes>;
};

int main() {
  troupe::runtime rt;
  rt.host<person>();
  const auto begin = std::chrono::steady_clock::now();
  try {
    rt.ref<person>("ann").call<&person::comes>().get();
  } catch (const troupe::error& failure) {
    const std::string text = failure.what();
    std::cout << failure.code().message() << ": "
              << text.substr(text.find("for ever: ") + 10, text.find(" (") - text.find("for ever: ") - 10) << '\n';
  }
  const bool at_once = std::chrono::steady_clock::now() - begin < std::chrono::seconds(5);
  std::cout << (at_once ? "and not after the 30 s that a call may take\n" : "but only after a long wait\n");
}
