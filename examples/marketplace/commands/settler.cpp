#include "commands/settler.hpp"

#include <utility>

#include "actors/buyer.hpp"

namespace marketplace {

void settler::settle(sale_line sale) {
  const std::string customer = sale.customer;
  std::deque<sale_line>& rows = waiting_[customer];
  waiting_lines_.insert(sale.line);
  rows.push_back(std::move(sale));
  if (rows.size() == 1) callers_.start(serve(customer));
  while (is_far_ahead()) callers_.step();
}

boost::asio::awaitable<void> settler::serve(std::string customer) {
  const auto target = runtime_.ref<buyer>(customer);
  std::deque<sale_line>& rows = waiting_.at(customer);
  while (!rows.empty()) {
    const settlement done = co_await callers_.call([&] { return target.call<&buyer::buy>(rows.front()); });
    if (done == settlement::settled_before) ++settled_before_;
    waiting_lines_.erase(rows.front().line);
    rows.pop_front();
  }
  waiting_.erase(customer);
}

bool settler::is_far_ahead() const {
  return !waiting_lines_.empty() && *waiting_lines_.rbegin() - *waiting_lines_.begin() >= lines_ahead_max;
}

}  // namespace marketplace
