#include "commands/settler.hpp"

#include <chrono>
#include <memory>
#include <utility>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace marketplace {
namespace {

bool may_succeed_later(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const troupe::error& error) {
    switch (error.kind()) {
      case troupe::errc::unavailable:
      case troupe::errc::activation_failed:
      case troupe::errc::conflict:
      case troupe::errc::commit_unknown:
        return true;
      default:
        return false;
    }
  } catch (...) {
    return false;
  }
}

}  // namespace

settler::~settler() {
  is_stopping_ = true;
  keep_ready_.reset();
  answers_.run();
}

void settler::settle(sale_line sale) {
  const std::string customer = sale.customer;
  waiting_lines_.insert(sale.line);
  queue& waiting = queues_[customer];
  waiting.rows.push_back(std::move(sale));
  if (waiting.rows.size() == 1) send_first(customer);
  while (is_full()) wait_for_an_answer();
}

void settler::finish() {
  while (!waiting_lines_.empty()) wait_for_an_answer();
}

bool settler::is_full() const {
  return waiting_lines_.size() >= rows_in_flight_max ||
         (!waiting_lines_.empty() && *waiting_lines_.rbegin() - *waiting_lines_.begin() >= lines_ahead_max);
}

void settler::wait_for_an_answer() {
  answers_.run_one();
  if (failure_) std::rethrow_exception(failure_);
}

void settler::send_first(const std::string& customer) {
  if (is_stopping_ || failure_) return;
  const auto target = runtime_.ref<buyer>(customer);
  target.call<&buyer::buy>(queues_.at(customer).rows.front())(
      boost::asio::bind_executor(answers_, [this, customer](std::exception_ptr failure, settlement result) {
        on_answer(customer, std::move(failure), result);
      }));
}

void settler::on_answer(const std::string& customer, std::exception_ptr failure, settlement result) {
  if (!failure) return on_settled(customer, result);
  const int tries = ++queues_.at(customer).tries;
  if (tries >= tries_max || !may_succeed_later(failure)) {
    failure_ = failure;
    return;
  }
  auto pause = std::make_shared<boost::asio::steady_timer>(answers_, std::chrono::milliseconds(100) * tries);
  pause->async_wait([this, customer, pause](boost::system::error_code) { send_first(customer); });
}

void settler::on_settled(const std::string& customer, settlement result) {
  ++(result == settlement::settled_now ? settled_now_ : settled_before_);
  queue& waiting = queues_.at(customer);
  waiting_lines_.erase(waiting.rows.front().line);
  waiting.rows.pop_front();
  waiting.tries = 0;
  if (waiting.rows.empty()) {
    queues_.erase(customer);
  } else {
    send_first(customer);
  }
}

}  // namespace marketplace
