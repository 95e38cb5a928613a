#include "commands/market_days.hpp"

#include <cstddef>
#include <map>
#include <utility>

#include "actors/buyer.hpp"
#include "actors/clerk.hpp"
#include "actors/seller.hpp"

namespace marketplace {

using boost::asio::awaitable;

void market_days::open() {
  for (std::int64_t number = 1; number <= place_.sellers; ++number) callers_.start(open_shop(number));
  for (std::int64_t number = 1; number <= place_.buyers; ++number) callers_.start(enter(number));
  callers_.finish();
}

void market_days::run_round(std::int64_t round, const std::function<void()>& on_served) {
  std::vector<std::string> chosen(static_cast<std::size_t>(place_.buyers));
  for (std::int64_t number = 1; number <= place_.buyers; ++number) {
    callers_.start(choose(number, round, chosen[static_cast<std::size_t>(number - 1)]));
  }
  callers_.finish();

  std::map<std::string, std::vector<std::int64_t>> queues;  // by seller
  for (std::int64_t number = 1; number <= place_.buyers; ++number) {
    queues[chosen[static_cast<std::size_t>(number - 1)]].push_back(number);
  }
  for (auto& [seller_key, buyers] : queues) callers_.start(serve(std::move(buyers), round, on_served));
  callers_.finish();
}

conservation market_days::sum_up() {
  conservation sum;
  for (std::int64_t number = 1; number <= place_.sellers; ++number) callers_.start(ask_seller(number, sum));
  for (std::int64_t number = 1; number <= place_.buyers; ++number) callers_.start(ask_buyer(number, sum));
  callers_.finish();
  return sum;
}

awaitable<void> market_days::open_shop(std::int64_t number) {
  const std::string key = market::seller_key(number);
  const auto target = runtime_.ref<seller>(key);
  co_await callers_.call([&] { return target.call<&seller::open>(place_.stock_shop(key)); });
}

awaitable<void> market_days::enter(std::int64_t number) {
  const std::string key = market::buyer_key(number);
  const auto target = runtime_.ref<buyer>(key);
  co_await callers_.call([&] { return target.call<&buyer::enter>(place_.equip_shopper(key)); });
}

awaitable<void> market_days::choose(std::int64_t number, std::int64_t round, std::string& seller_key) {
  const auto target = runtime_.ref<buyer>(market::buyer_key(number));
  seller_key = co_await callers_.call([&] { return target.call<&buyer::choose_seller>(round); });
}

awaitable<void> market_days::serve(std::vector<std::int64_t> buyers, std::int64_t round,
                                   const std::function<void()>& on_served) {
  for (const std::int64_t number : buyers) {
    const std::string key = market::buyer_key(number);
    const auto target = runtime_.ref<buyer>(key);
    if (co_await callers_.call([&] { return target.call<&buyer::negotiate>(round); })) {
      const auto waiting = runtime_.ref<clerk>(deal_name(key, round));
      co_await callers_.call([&] { return waiting.call<&clerk::wait_for_settlement>(); });
    }
    on_served();
  }
}

awaitable<void> market_days::ask_seller(std::int64_t number, conservation& sum) {
  const auto target = runtime_.ref<seller>(market::seller_key(number));
  sum.add(co_await callers_.call([&] { return target.call<&seller::look>(); }));
}

awaitable<void> market_days::ask_buyer(std::int64_t number, conservation& sum) {
  const auto target = runtime_.ref<buyer>(market::buyer_key(number));
  sum.add(co_await callers_.call([&] { return target.call<&buyer::look>(); }));
}

}  // namespace marketplace
