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
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/system_executor.hpp>

#include "troupe/core/call_options.hpp"
#include "troupe/core/strand_executor.hpp"
#include "troupe/detail/outside_call.hpp"
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

/// Whether a handler may have an executor, or a cancellation slot, of its own: Asio marks an associator that nobody has
/// specialised. Most handlers are plain lambdas, and a call needs no room for what they cannot have.
template <class Handler>
inline constexpr bool may_have_executor = !requires {
  typename boost::asio::associated_executor<Handler,
                                            boost::asio::any_io_executor>::asio_associated_executor_is_unspecialised;
};
template <class Handler>
inline constexpr bool may_have_slot = !requires {
  typename boost::asio::associated_cancellation_slot<Handler>::asio_associated_cancellation_slot_is_unspecialised;
};

/// Stands for what a handler cannot have.
template <int Which>
struct nothing {};

/// A call from outside with an Asio completion handler, which is posted to its associated executor.
template <class Actor, auto Member, class Handler>
class handler_request final : public outside_request<Actor, Member> {
  using base = outside_request<Actor, Member>;
  using result = typename base::result;

 public:
  handler_request(activation_ptr to, typename base::arguments&& args, detail::call_settings options, Handler handler)
      : base(std::move(to), std::move(args), std::move(options)),
        handler_(std::move(handler)),
        executor_(executor_of(handler_)) {
    if constexpr (may_have_slot<Handler>) {
      auto slot = boost::asio::get_associated_cancellation_slot(handler_);
      if (!slot.is_connected()) return;
      link_ = std::make_shared<cancel_link>(*this);
      slot.assign([share = link_](boost::asio::cancellation_type type) { share->cancel(type); });
    }
  }

  void deliver(std::exception_ptr failure, delivery how) noexcept override {
    if constexpr (may_have_slot<Handler>) {
      if (link_) link_->forget();
    }
    if constexpr (may_have_executor<Handler>) {
      if (has_executor()) {
        post_to(std::move(executor_), std::move(failure));
        return;
      }
    }
    if (how == delivery::usual) {
      post_to(io_executor_of(*this->target), std::move(failure));
    } else if (how == delivery::refused) {
      // Not inside the initiation, and the runtime may have no thread any more.
      post_to(boost::asio::system_executor(), std::move(failure));
    } else {
      // Its executor would be the runtime's, whose threads are gone.
      take_answer(std::move(failure))();
    }
  }

 private:
  using handler_executor = boost::asio::associated_executor_t<Handler, boost::asio::any_io_executor>;
  using tracked_executor = std::decay_t<decltype(boost::asio::prefer(
      std::declval<handler_executor>(), boost::asio::execution::outstanding_work.tracked))>;

  using kept_executor = std::conditional_t<may_have_executor<Handler>, tracked_executor, nothing<0>>;
  using kept_link = std::conditional_t<may_have_slot<Handler>, std::shared_ptr<cancel_link>, nothing<1>>;

  static kept_executor executor_of(const Handler& handler) {
    if constexpr (may_have_executor<Handler>) {
      handler_executor executor = boost::asio::get_associated_executor(handler, boost::asio::any_io_executor());
      if constexpr (std::is_same_v<handler_executor, boost::asio::any_io_executor>) {
        if (!executor) return executor;
      }
      return boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked);
    } else {
      static_cast<void>(handler);
      return {};
    }
  }

  /// Whether the handler came with an executor; one without is run by the runtime.
  [[nodiscard]] bool has_executor() const noexcept {
    if constexpr (std::is_same_v<tracked_executor, boost::asio::any_io_executor>) {
      return static_cast<bool>(executor_);
    } else {
      return true;
    }
  }

  template <class Executor>
  void post_to(Executor executor, std::exception_ptr failure) noexcept {
    boost::asio::post(executor, take_answer(std::move(failure)));
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

  Handler handler_;
  [[no_unique_address]] kept_executor executor_;
  [[no_unique_address]] kept_link link_;  // null: no slot is connected
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
class blocking_request final : public outside_request<Actor, Member> {
  using base = outside_request<Actor, Member>;

 public:
  using shared = std::shared_ptr<blocking_state<typename base::result>>;

  blocking_request(activation_ptr to, typename base::arguments&& args, detail::call_settings options, shared state)
      : base(std::move(to), std::move(args), std::move(options)), state_(std::move(state)) {}

  void deliver(std::exception_ptr failure, delivery) noexcept override {
    state_->failure = std::move(failure);
    try {
      if (!state_->failure) state_->value.emplace(std::move(*this->result_));
    } catch (...) {
      state_->failure = std::current_exception();
    }
    state_->done.store(true, std::memory_order_release);
    state_->done.notify_all();
  }

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
/// Errors: what the handler threw, with its own type; else `troupe::error`: `errc::timeout` names the phase in which
/// the call was and the time spent in each, and whether the effect may have happened.
/// Cancellation: a completion token with a cancellation slot may give the call up (`errc::cancelled`): one that still
/// waits is taken out of the queue and has no effect; one that runs is signalled, as its waits are called off. Types
/// `terminal` and `partial` are answered at once, with an unknown effect; `total` waits for the turn's own end;
/// `none` does nothing.
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
    auto* made = new detail::blocking_request<Actor, Member>(target, std::move(arguments_), std::move(options_), state);
    made->send();
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
    made->send();
  }

  detail::activation_ptr target_;
  arguments arguments_;
  detail::call_settings options_;
};

}  // namespace troupe
