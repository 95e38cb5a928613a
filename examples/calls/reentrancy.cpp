// Turns of one actor that overlap: reports beside each other, a call that comes back, and edits that do not mix.
#include <chrono>
#include <future>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/use_future.hpp>
#include <troupe/troupe.hpp>

using namespace std::chrono_literals;

class shop : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "shop";

  /// Reports may overlap: two that take 300 ms each are done in 300 ms.
  troupe::task<int> report() const {
    co_await troupe::sleep_for(300ms);
    co_return *stock_;
  }

  /// Sells by way of the bank, which asks back while the shop waits for it.
  troupe::task<std::string> sell(int units);
  bool has(int units) const { return *stock_ >= units; }

  /// Deliveries overlap, and each edits a copy of its own until it is done.
  troupe::task<void> deliver(int units, bool broken) {
    stock_.edit() += units;
    co_await troupe::sleep_for(50ms);
    if (broken) throw std::runtime_error("broken on the way");
  }

  using methods = troupe::methods<troupe::read_only<&shop::report>, &shop::sell, troupe::call_chain<&shop::has>,
                                  troupe::interleave<&shop::deliver>>;

 private:
  troupe::state<int> stock_{*this, "stock"};
};

class bank : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "bank";

  troupe::task<bool> pay(std::string to, int units) {
    co_return co_await ref<shop>(to).call<&shop::has>(units);  // comes back to the shop that waits for this
  }
  using methods = troupe::methods<&bank::pay>;
};

troupe::task<std::string> shop::sell(int units) {
  stock_.edit() -= units;
  const bool paid = co_await ref<bank>("main street").call<&bank::pay>(std::string(key()), 1);
  co_return std::to_string(*stock_) + (paid ? " left, and the bank saw that" : " left, and the bank saw none");
}

int main() {
  troupe::runtime rt;
  rt.host<shop>();
  rt.host<bank>();
  const auto corner = rt.ref<shop>("corner");

  auto good = corner.call<&shop::deliver>(10, false)(boost::asio::use_future);
  auto bad = corner.call<&shop::deliver>(500, true)(boost::asio::use_future);
  good.get();
  try {
    bad.get();
  } catch (const std::exception& failure) {
    std::cout << "one of two deliveries: " << failure.what() << '\n';
  }
  std::cout << corner.call<&shop::sell>(3).get() << '\n';

  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::future<int>> reports;
  for (int i = 0; i < 20; ++i) reports.push_back(corner.call<&shop::report>()(boost::asio::use_future));
  int sum = 0;
  for (auto& each : reports) sum += each.get();
  const bool overlapped = std::chrono::steady_clock::now() - begin < 3s;
  std::cout << "20 reports of 7 each: " << sum << (overlapped ? ", side by side\n" : ", one after the other\n");
}
