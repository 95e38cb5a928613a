#include <iostream>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <troupe/troupe.hpp>

#include "order.hpp"
#include "warehouse.hpp"

namespace {

void print(const std::string& number, const order_state& o) {
  std::cout << "order " << number << ": " << o.count << " x " << o.item << ", " << o.status << '\n';
}

void serve(troupe::runtime& rt) {
  rt.start();  // reminders fire although nobody calls
  boost::asio::io_context io;
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([](const boost::system::error_code&, int) {});
  std::cout << "serving until SIGINT or SIGTERM" << std::endl;
  io.run();
}

int run(const std::vector<std::string>& words) {
  troupe::runtime rt{{.store = "sqlite:orders.db"}};
  rt.host<order>();
  rt.host<warehouse>();

  const std::string verb = words.empty() ? "" : words[0];
  if (verb == "deliver" && words.size() == 3) {
    std::cout << rt.ref<warehouse>(words[1]).call<&warehouse::deliver>(std::stoi(words[2])).get() << " in stock\n";
  } else if (verb == "place" && words.size() == 4) {
    auto o = rt.ref<order>(words[1]);
    o.call<&order::place>(words[2], std::stoi(words[3])).get();
    print(words[1], o.call<&order::show>().get());
  } else if (verb == "pay" && words.size() == 2) {
    rt.ref<order>(words[1]).call<&order::pay>().get();
    std::cout << "order " << words[1] << ": paid\n";
  } else if (verb == "show" && words.size() == 2) {
    print(words[1], rt.ref<order>(words[1]).call<&order::show>().get());
  } else if (verb == "serve" && words.size() == 1) {
    serve(rt);
  } else {
    std::cerr << "usage: orders deliver ITEM COUNT | place ORDER ITEM COUNT | pay ORDER | show ORDER | serve\n";
    return 2;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& failure) {
    std::cerr << "orders: " << failure.what() << '\n';
    return 1;
  }
}
