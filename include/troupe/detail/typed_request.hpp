#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "troupe/base/codec.hpp"
#include "troupe/core/actor_type.hpp"
#include "troupe/core/task.hpp"
#include "troupe/detail/class_checks.hpp"
#include "troupe/detail/message.hpp"
#include "troupe/detail/recycled.hpp"

namespace troupe::detail {

template <class Result>
using stored_result = std::conditional_t<std::is_void_v<Result>, std::monostate, Result>;

/// Where the result of a method is kept that has none.
struct no_result {
  void emplace() const noexcept {}
  [[nodiscard]] std::monostate operator*() const noexcept { return {}; }
};

template <class Tuple>
inline constexpr bool all_encodable = false;
template <class... Args>
inline constexpr bool all_encodable<std::tuple<Args...>> = (encodable<Args> && ...);

template <class Result>
concept encodable_result = std::is_void_v<Result> || encodable<Result>;

/// Cuts the JSON array of a call's arguments into its values, which point into `text`.
/// Throws `error{errc::invalid_argument}` for another text, another number of values, or too deep a nesting.
[[nodiscard]] std::vector<std::string_view> cut_arguments(std::string_view text, std::size_t count);

/// Appends the values as a JSON array.
template <class... Args>
void encode_tuple(const std::tuple<Args...>& values, std::string& json) {
  json += '[';
  std::apply(
      [&](const auto&... value) {
        bool first = true;
        ((json += first ? "" : ",", first = false, codec<std::decay_t<decltype(value)>>::encode(value, json)), ...);
      },
      values);
  json += ']';
}

/// The memory that a string or vector holds directly; 0 for everything else.
template <class T>
[[nodiscard]] std::size_t owned_bytes(const T& value) noexcept {
  if constexpr (requires { value.capacity() * sizeof(typename T::value_type); }) {
    return value.capacity() * sizeof(typename T::value_type);
  } else {
    return 0;
  }
}

/// A request for one method: holds the arguments, then the result.
template <class Actor, auto Member>
class typed_request : public request {
 public:
  using traits = member_traits<decltype(Member)>;
  using result = typename traits::result;
  using arguments = typename traits::arguments;

  /// Of every actor: it looks at what is stored of it, whatever the class keeps there.
  static constexpr bool of_every_actor = !std::is_member_function_pointer_v<decltype(Member)>;

  static_assert(of_every_actor || std::is_base_of_v<typename traits::actor_class, Actor>,
                "the method belongs to another class");
  static_assert(check_method<Member>::passed);

  explicit typed_request(arguments&& args) : arguments_(std::move(args)) {
    const std::size_t all =
        sizeof(*this) + std::apply([](const auto&... each) { return (owned_bytes(each) + ... + 0); }, arguments_);
    units =
        static_cast<std::uint32_t>(std::min<std::size_t>((all + 63) / 64, std::numeric_limits<std::uint32_t>::max()));
    needs_store = of_every_actor;
    special = needs_store;
  }

  std::coroutine_handle<task_promise_base> start(actor& self) override {
    const auto invoke = [&](auto&... args) -> decltype(auto) {
      if constexpr (of_every_actor) {
        return Member(self, std::move(args)...);
      } else {
        return (static_cast<Actor&>(self).*Member)(std::move(args)...);
      }
    };
    if constexpr (traits::is_task) {
      auto coroutine = std::apply(invoke, arguments_).release();
      if constexpr (std::is_void_v<result>) {
        if (!coroutine) result_.emplace();
      } else if (!coroutine) {
        throw std::logic_error("troupe::task: a handler returned a task without a coroutine, which has no value");
      }
      return as_base(coroutine);
    } else if constexpr (std::is_void_v<result>) {
      std::apply(invoke, arguments_);
      result_.emplace();
      return nullptr;
    } else {
      result_.emplace(std::apply(invoke, arguments_));
      return nullptr;
    }
  }

  void take_result(std::coroutine_handle<task_promise_base> root) override {
    if constexpr (std::is_void_v<result>) {
      static_cast<void>(root);
      result_.emplace();
    } else {
      result_.emplace(std::move(*promise_as<result>(root).value));
    }
  }

  void encode_reply(std::string& json) const override {
    if constexpr (std::is_void_v<result>) {
      json += "null";
    } else if constexpr (encodable<result>) {
      codec<result>::encode(*result_, json);
    } else {
      throw error(errc::not_encodable,
                  "method " + std::string(name()) +
                      ": its result has no JSON conversion, so its reply cannot be stored or sent");
    }
  }

  void decode_reply(std::string_view json) override {
    if constexpr (std::is_void_v<result>) {
      static_cast<void>(json);
      result_.emplace();
    } else if constexpr (encodable<result>) {
      result_.emplace(codec<result>::decode(json));
    } else {
      throw error(errc::not_encodable, "method " + std::string(name()) + ": its result has no JSON conversion");
    }
  }

  void encode_arguments(std::string& json) const override {
    if constexpr (all_encodable<arguments>) {
      encode_tuple(arguments_, json);
    } else {
      json += "null";
    }
  }

  [[nodiscard]] std::string_view name() const noexcept override { return Actor::methods::template name_of<Member>(); }
  [[nodiscard]] std::string_view idempotency_key() const noexcept override { return options_.idempotency_key(); }

  [[nodiscard]] std::optional<reentrancy> mode() const noexcept override {
    constexpr method_traits of_method = Actor::methods::template traits_of<Member>();
    return of_method.mode;
  }

  /// The timeout asked for by the call or else the method; 0: neither names one.
  [[nodiscard]] std::chrono::milliseconds timeout() const noexcept {
    constexpr method_traits of_method = Actor::methods::template traits_of<Member>();
    return options_.timeout.count() != 0 ? options_.timeout : of_method.timeout;
  }

 protected:
  void set_options(call_settings&& options) noexcept {
    options_ = std::move(options);
    if (!options_.rest) return;
    special = needs_store || !options_.rest->key.empty();
    context = options_.rest->context;
    delayed = options_.rest->delay.count() != 0;
  }
  result take() {
    if constexpr (!std::is_void_v<result>) return std::move(*result_);
  }

  call_settings options_;
  [[no_unique_address]] std::conditional_t<std::is_void_v<result>, no_result, std::optional<stored_result<result>>>
      result_;

  arguments arguments_;
};

/// A one-way request.
template <class Actor, auto Member>
class tell_request final : public typed_request<Actor, Member>, public recycled {
 public:
  tell_request(activation_ptr target, typename typed_request<Actor, Member>::arguments&& args, call_settings options)
      : typed_request<Actor, Member>(std::move(args)) {
    this->set_options(std::move(options));
    this->one_way = true;
    this->receiver = target.release();
  }
  tell_request(const tell_request&) = delete;
  tell_request& operator=(const tell_request&) = delete;
  void complete(std::exception_ptr failure) noexcept override {
    if (failure) report_lost(*this->receiver, this->name(), failure);
    delete this;
  }
  void abandon() noexcept override { delete this; }
  [[nodiscard]] one_way_times times() const noexcept override {
    return {this->options_.delay(), this->options_.timeout};
  }

 private:
  ~tell_request() override { const activation_ptr last(this->receiver); }  // adopts the reference
};

/// Stands in for a call whose caller has gone, until the turn that handles it ends.
template <class Actor, auto Member>
class orphan_request final : public typed_request<Actor, Member>, public recycled {
 public:
  orphan_request(typename typed_request<Actor, Member>::arguments&& args, call_settings options)
      : typed_request<Actor, Member>(std::move(args)) {
    this->set_options(std::move(options));
  }
  void complete(std::exception_ptr) noexcept override { delete this; }
  void abandon() noexcept override { delete this; }
};

/// A call awaited in a handler: lives in the caller's coroutine frame and returns there as its own reply.
template <class Actor, auto Member>
class call_awaiter final : public typed_request<Actor, Member>, public awaited_call {
 public:
  call_awaiter(activation_ptr to, typename typed_request<Actor, Member>::arguments&& args, call_settings options)
      : typed_request<Actor, Member>(std::move(args)), target_(std::move(to)) {
    this->set_options(std::move(options));
    node = this;
    target = target_.get();
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    return !send_from_handler(*this, this->timeout());
  }
  typename typed_request<Actor, Member>::result await_resume() {
    if (failure_) throw_answer(*this, failure_);
    return this->take();
  }

  void complete(std::exception_ptr failure) noexcept override {
    failure_ = std::move(failure);
    if (now == at_once::running) {
      now = at_once::answered;
      return;
    }
    this->as = message::role::work;
    push(*sender, *this);
  }
  request* leave_to_turn(std::exception_ptr why) noexcept override {
    auto* orphan = new orphan_request<Actor, Member>(std::move(this->arguments_), std::move(this->options_));
    orphan->sent = this->sent;
    complete(std::move(why));
    return orphan;
  }
  void run() noexcept override { leave_and_resume(waiter_); }
  void abandon() noexcept override {}

 private:
  activation_ptr target_;
  std::coroutine_handle<> waiter_;
  std::exception_ptr failure_;
};

}  // namespace troupe::detail
