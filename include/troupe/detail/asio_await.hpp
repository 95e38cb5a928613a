#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include "troupe/core/strand_executor.hpp"
#include "troupe/detail/wait.hpp"

namespace troupe::detail {

/// Splits a completion signature into the error it may carry and the values it gives.
template <class... Args>
struct completion_values {
  using values = std::tuple<std::decay_t<Args>...>;
  static void check(const std::tuple<std::decay_t<Args>...>&) {}
  static values strip(std::tuple<std::decay_t<Args>...>&& all) { return std::move(all); }
};

template <class... Rest>
struct completion_values<boost::system::error_code, Rest...> {
  using values = std::tuple<std::decay_t<Rest>...>;
  static void check(const std::tuple<boost::system::error_code, std::decay_t<Rest>...>& all) {
    if (std::get<0>(all)) throw boost::system::system_error(std::get<0>(all));
  }
  static values strip(std::tuple<boost::system::error_code, std::decay_t<Rest>...>&& all) {
    return std::apply([](auto&&, auto&&... rest) { return values(std::move(rest)...); }, std::move(all));
  }
};

template <class... Rest>
struct completion_values<std::exception_ptr, Rest...> {
  using values = std::tuple<std::decay_t<Rest>...>;
  static void check(const std::tuple<std::exception_ptr, std::decay_t<Rest>...>& all) {
    if (std::get<0>(all)) std::rethrow_exception(std::get<0>(all));
  }
  static values strip(std::tuple<std::exception_ptr, std::decay_t<Rest>...>&& all) {
    return std::apply([](auto&&, auto&&... rest) { return values(std::move(rest)...); }, std::move(all));
  }
};

template <class Signature>
struct completion_traits;

template <class... Args>
struct completion_traits<void(Args...)> : completion_values<std::decay_t<Args>...> {
  using arguments = std::tuple<std::decay_t<Args>...>;
};

/// Awaits an Asio operation inside a handler: its completion handler runs on the actor's strand and resumes there.
///
/// As with `use_awaitable`, a leading error code or exception is thrown, one value is returned as itself and several as
/// a tuple; `asio::as_tuple` gives the error as a value.
template <class Operation>
class asio_awaiter final : public turn_wait {
  using traits = completion_traits<typename boost::asio::completion_signature_of<Operation>::type>;
  using values = typename traits::values;

  struct handler {
    using executor_type = strand_executor;
    using cancellation_slot_type = boost::asio::cancellation_slot;
    asio_awaiter* awaiter;
    strand_executor executor;

    [[nodiscard]] executor_type get_executor() const noexcept { return executor; }
    [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept { return awaiter->signal_.slot(); }
    template <class... Args>
    void operator()(Args&&... args) {
      awaiter->outcome_.emplace(std::forward<Args>(args)...);
      awaiter->leave_and_resume(awaiter->waiter_);
    }
  };

 public:
  explicit asio_awaiter(Operation operation) : operation_(std::move(operation)) {}

  /// Asks the operation to end early, by its cancellation slot.
  void call_off() noexcept override { signal_.emit(boost::asio::cancellation_type::all); }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    join();
    std::move(operation_)(handler{this, current_strand()});
  }
  auto await_resume() {
    traits::check(*outcome_);
    values result = traits::strip(std::move(*outcome_));
    if constexpr (std::tuple_size_v<values> == 1) {
      return std::get<0>(std::move(result));
    } else if constexpr (std::tuple_size_v<values> > 1) {
      return result;
    }
  }

 private:
  Operation operation_;
  boost::asio::cancellation_signal signal_;
  std::coroutine_handle<> waiter_;
  std::optional<typename traits::arguments> outcome_;
};

}  // namespace troupe::detail
