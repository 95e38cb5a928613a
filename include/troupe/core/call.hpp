#pragma once

#include <atomic>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/system_executor.hpp>

#include "troupe/core/call_options.hpp"
#include "troupe/core/strand_executor.hpp"
#include "troupe/detail/typed_request.hpp"

namespace troupe::detail {

/// Throws `error{errc::would_block}` on a thread of the runtime, where waiting would block the actors themselves.
void check_may_block(internal::activation& target);

/// Blocks the calling thread until `done` is set; a single-threaded test runtime runs its actors meanwhile.
void wait_outside(internal::activation& target, const std::atomic<bool>& done);

/// Where completion handlers run that have no executor of their own.
[[nodiscard]] boost::asio::any_io_executor io_executor_of(internal::activation& target);

/// Asio's signature of a call: the handler's exception, then its result.
template <class Result>
struct call_signature {
  using type = void(std::exception_ptr, Result);
};
template <>
struct call_signature<void> {
  using type = void(std::exception_ptr);
};

/// A call from outside with an Asio completion handler, which is posted to its associated executor.
template <class Actor, auto Member, class Handler>
class handler_request final : public typed_request<Actor, Member> {
  using base = typed_request<Actor, Member>;
  using result = typename base::result;

 public:
  handler_request(activation_ptr target, typename base::arguments&& args, detail::call_settings options,
                  Handler handler)
      : base(std::move(args)),
        target_(std::move(target)),
        handler_(std::move(handler)),
        executor_(tracked(boost::asio::get_associated_executor(handler_, boost::asio::any_io_executor()))) {
    this->options_ = std::move(options);
  }

  void complete(std::exception_ptr failure) noexcept override {
    if (has_executor()) {
      post_to(std::move(executor_), std::move(failure));
    } else {
      post_to(io_executor_of(*target_), std::move(failure));
    }
  }
  void abandon() noexcept override { end(stopped_error(false)); }
  void abandon_in_doubt() noexcept override { end(stopped_error(true)); }
  void refuse() noexcept override {
    // Not inside the initiation, and the runtime may have no thread any more.
    if (has_executor()) {
      post_to(std::move(executor_), stopped_error(false));
    } else {
      post_to(boost::asio::system_executor(), stopped_error(false));
    }
  }

 private:
  using handler_executor = boost::asio::associated_executor_t<Handler, boost::asio::any_io_executor>;
  using tracked_executor = std::decay_t<decltype(boost::asio::prefer(
      std::declval<handler_executor>(), boost::asio::execution::outstanding_work.tracked))>;

  static tracked_executor tracked(const handler_executor& executor) {
    if constexpr (std::is_same_v<handler_executor, boost::asio::any_io_executor>) {
      if (!executor) return executor;
    }
    return boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked);
  }

  /// Whether the handler came with an executor; one without is run by the runtime.
  [[nodiscard]] bool has_executor() const noexcept {
    if constexpr (std::is_same_v<tracked_executor, boost::asio::any_io_executor>) {
      return static_cast<bool>(executor_);
    } else {
      return true;
    }
  }

  void end(std::exception_ptr failure) noexcept {
    if (has_executor()) {
      post_to(std::move(executor_), std::move(failure));
    } else {
      // Its executor would be the runtime's, whose threads are gone.
      auto answer = take_answer(std::move(failure));
      delete this;
      std::move(answer)();
    }
  }

  template <class Executor>
  void post_to(Executor executor, std::exception_ptr failure) noexcept {
    auto answer = take_answer(std::move(failure));
    delete this;
    boost::asio::post(executor, std::move(answer));
  }

  /// The handler with what it is to be called with.
  auto take_answer(std::exception_ptr failure) {
    if constexpr (std::is_void_v<result>) {
      return [handler = std::move(handler_), failure = std::move(failure)]() mutable {
        std::move(handler)(std::move(failure));
      };
    } else {
      static_assert(std::is_default_constructible_v<result>,
                    "a completion handler gets a default-constructed result beside an exception");
      // A result whose move may throw goes by pointer: what throws on the way is the caller's answer.
      using carried = std::conditional_t<std::is_nothrow_move_constructible_v<result>, std::optional<result>,
                                         std::unique_ptr<result>>;
      carried value;
      try {
        if (!failure) {
          if constexpr (std::is_nothrow_move_constructible_v<result>) {
            value.emplace(this->take());
          } else {
            value = std::make_unique<result>(this->take());
          }
        }
      } catch (...) {
        failure = std::current_exception();
      }
      return [handler = std::move(handler_), value = std::move(value), failure = std::move(failure)]() mutable {
        std::move(handler)(std::move(failure), value ? std::move(*value) : result{});
      };
    }
  }

  activation_ptr target_;
  Handler handler_;
  tracked_executor executor_;
};

/// Starts a call when its completion token has become a handler.
template <class Actor, auto Member>
struct call_initiation {
  // Not an aggregate: g++ 12 warns of an uninitialized empty object where a lambda or aggregate is passed through
  // several layers of tokens.
  call_initiation() noexcept {}  // NOLINT(modernize-use-equals-default)

  template <class Handler, class Operation>
  void operator()(Handler handler, Operation operation) const {
    operation.begin(std::move(handler));
  }
};

/// What a thread that blocks in `get` shares with the call: whoever leaves last frees it.
template <class Result>
struct blocking_state {
  std::atomic<bool> done = false;
  std::exception_ptr failure;
  std::optional<stored_result<Result>> value;
};

template <class Actor, auto Member>
class blocking_request final : public typed_request<Actor, Member> {
  using base = typed_request<Actor, Member>;

 public:
  using shared = std::shared_ptr<blocking_state<typename base::result>>;

  blocking_request(typename base::arguments&& args, detail::call_settings options, shared state)
      : base(std::move(args)), state_(std::move(state)) {
    this->options_ = std::move(options);
  }
  void complete(std::exception_ptr failure) noexcept override {
    const shared state = std::move(state_);
    state->failure = std::move(failure);
    try {
      if (!state->failure) state->value.emplace(std::move(*this->result_));
    } catch (...) {
      state->failure = std::current_exception();
    }
    delete this;
    state->done.store(true, std::memory_order_release);
    state->done.notify_all();
  }
  void abandon() noexcept override { complete(stopped_error(false)); }
  void abandon_in_doubt() noexcept override { complete(stopped_error(true)); }

 private:
  shared state_;
};

}  // namespace troupe::detail

namespace troupe {

/// A call that is described but not yet made. It is made once, by one of:
/// - `co_await` in a handler: the answer resumes the handler on its strand; nothing is allocated;
/// - `operation(token)` with any Asio completion token (`asio::use_awaitable` in an `asio::awaitable`), signature
///   `void(std::exception_ptr, Result)` (`void(std::exception_ptr)` for void): the handler is posted to its associated
///   executor, by default a thread of the runtime, where it must neither block nor throw. An executor's context
///   outlives the runtime;
/// - `get()`, which blocks.
///
/// Errors: what the handler threw, with its own type; else `troupe::error`.
/// Dropping the object makes no call.
/// With g++ 12, name a message that is an aggregate (a class without constructors) before the `co_await` that sends it,
/// or get it from a function: the compiler destroys an unnamed one whose members own memory twice, as in `co_await
/// shop.call<&shop::buy>(order{.item = "tea"})`. The guide's first page has the list of forms.
template <class Actor, auto Member>
class [[nodiscard(
    "describing a call does not make it: co_await it, give it a completion token, or get()")]] call_operation {
  using traits = detail::member_traits<decltype(Member)>;
  using arguments = typename traits::arguments;

 public:
  using result = typename traits::result;
  using troupe_strand_awaitable = void;

  call_operation(detail::activation_ptr target, arguments && args, detail::call_settings options)
      : target_(std::move(target)), arguments_(std::move(args)), options_(std::move(options)) {}

  /// Makes the call and completes `token`. Thread-safety: any thread.
  template <class CompletionToken>
  auto operator()(CompletionToken&& token)&& {
    return boost::asio::async_initiate<CompletionToken, typename detail::call_signature<result>::type>(
        detail::call_initiation<Actor, Member>(), token, std::move(*this));
  }

  /// Makes the call and blocks until it is answered. Throws as the class says, and `error{errc::would_block}` on a
  /// thread of the runtime, where it would block the actors themselves.
  result get()&& {
    const detail::activation_ptr target = take_target();
    auto state = std::make_shared<detail::blocking_state<result>>();
    detail::check_may_block(*target);
    auto* made = new detail::blocking_request<Actor, Member>(std::move(arguments_), std::move(options_), state);
    detail::send_from_outside(*target, *made);
    detail::wait_outside(*target, state->done);
    if (state->failure) std::rethrow_exception(state->failure);
    if constexpr (!std::is_void_v<result>) return std::move(*state->value);
  }

  /// For `task`'s `co_await`.
  detail::call_awaiter<Actor, Member> into_awaiter()&& {
    return {take_target(), std::move(arguments_), std::move(options_)};
  }

 private:
  friend struct detail::call_initiation<Actor, Member>;

  [[nodiscard]] detail::activation_ptr take_target() {
    if (!target_) throw std::logic_error("troupe: a call was made twice; describe it anew for each time");
    return std::move(target_);
  }

  template <class Handler>
  void begin(Handler handler) {
    const detail::activation_ptr target = take_target();
    auto* made = new detail::handler_request<Actor, Member, Handler>(target, std::move(arguments_), std::move(options_),
                                                                     std::move(handler));
    detail::send_from_outside(*target, *made);
  }

  detail::activation_ptr target_;
  arguments arguments_;
  detail::call_settings options_;
};

}  // namespace troupe
