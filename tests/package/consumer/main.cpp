#include <iostream>

#include "troupe/base/actor_id.hpp"
#include "troupe/base/error.hpp"

int main() {
  try {
    troupe::check_actor_key("seller", "");
  } catch (const troupe::error& failure) {
    std::cout << failure.what() << '\n';
    return failure.kind() == troupe::errc::invalid_argument ? 0 : 1;
  }
  return 1;
}
