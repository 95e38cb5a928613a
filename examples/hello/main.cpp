#include <iostream>
#include <stdexcept>

#include <troupe/troupe.hpp>

class seller : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "seller";

  int deliver(int units) { return stock_.edit() += units; }
  int sell(int units) {
    stock_.edit() -= units;
    if (*stock_ < 0) throw std::out_of_range("sold out");  // and the stock is what it was before the call
    return *stock_;
  }
  using methods = troupe::methods<&seller::deliver, &seller::sell>;

 private:
  troupe::state<int> stock_{*this, "stock"};
};

int main() {
  troupe::runtime rt{{.store = "sqlite:hello.db"}};
  rt.host<seller>();
  auto acme = rt.ref<seller>("acme");  // always exists, never created
  try {
    std::cout << "delivered: " << acme.call<&seller::deliver>(5).get() << " in stock\n";
    while (true) std::cout << "sold 3: " << acme.call<&seller::sell>(3).get() << " in stock\n";
  } catch (const std::out_of_range& refused) {
    std::cout << refused.what() << '\n';
  }
}
