// Outside code and other actors follow what an actor publishes; who is too slow is dropped, and told so.
#include <algorithm>
#include <future>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>

#include <boost/asio/use_future.hpp>
#include <troupe/troupe.hpp>

class stock : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "stock";

  void trade(int pence) {
    price_.edit() = pence;
    prices_.publish(pence);  // leaves with the commit of this turn
    if (pence > 1000) throw std::out_of_range("trading is suspended");
  }
  troupe::subscription<int> watch(int queue_max) {
    return prices_.subscribe({.queue_max = static_cast<std::size_t>(queue_max)});
  }
  using methods = troupe::methods<&stock::trade, &stock::watch>;

 private:
  troupe::state<int> price_{*this, "price"};
  troupe::event_stream<int> prices_;
};

class broker : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "broker";

  troupe::task<void> follow(std::string name) {
    auto prices = co_await ref<stock>(name).call<&stock::watch>(100);
    delivery_ = troupe::deliver<&broker::on_price>(std::move(prices), ref<broker>(key()));
  }
  void on_price(int pence) { highest_ = std::max(highest_, pence); }
  int highest() const { return highest_; }
  using methods = troupe::methods<&broker::follow, &broker::on_price, &broker::highest>;

 private:
  int highest_ = 0;
  troupe::event_delivery delivery_;
};

int main() {
  troupe::runtime rt;
  rt.host<stock>();
  rt.host<broker>();
  const auto tea = rt.ref<stock>("tea");
  rt.ref<broker>("b").call<&broker::follow>("tea").get();
  auto mine = tea.call<&stock::watch>(2).get();

  const auto next = [&] { return mine.async_next(boost::asio::use_future).get(); };
  for (const int pence : {210, 5000, 220}) {
    try {
      tea.call<&stock::trade>(pence).get();
      std::cout << "seen: " << next().value() << '\n';
    } catch (const std::out_of_range& refused) {
      std::cout << "not seen: " << pence << ", " << refused.what() << '\n';
    }
  }
  for (const int pence : {230, 240, 250}) tea.call<&stock::trade>(pence).get();  // one more than may wait
  while (const std::optional<int> pence = next()) std::cout << "seen late: " << *pence << '\n';
  std::cout << (mine.ended() == troupe::stream_end::slow ? "dropped, because it was slow\n" : "ended\n");
  while (rt.ref<broker>("b").call<&broker::highest>().get() < 250) {
  }
  std::cout << "the broker saw 250\n";
}
