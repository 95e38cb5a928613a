#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <boost/asio/async_result.hpp>

#include "troupe/detail/asio_await.hpp"
#include "troupe/detail/message.hpp"
#include "troupe/detail/recycled.hpp"
#include "troupe/fwd.hpp"

namespace troupe::detail {

/// Told when an outermost coroutine has finished: that of a turn, or of a branch of it.
class root_listener {
 public:
  /// Returns what runs next; may destroy the coroutine that has finished.
  [[nodiscard]] virtual std::coroutine_handle<> root_done() noexcept = 0;

 protected:
  ~root_listener() = default;
};

/// What `co_await` accepts inside a `task` beside tasks: types that say so, since they resume on the actor's strand.
template <class Awaitable>
concept strand_awaitable = requires {
  typename std::remove_cvref_t<Awaitable>::troupe_strand_awaitable;
};

struct task_promise_base : recycled {
  std::coroutine_handle<> continuation;
  root_listener* listener = nullptr;
  std::exception_ptr failure;

  struct final_awaiter {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      task_promise_base& promise = self.promise();
      if (promise.continuation) return promise.continuation;
      return promise.listener != nullptr ? promise.listener->root_done() : std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };

  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] final_awaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { failure = std::current_exception(); }

  template <class T>
  auto await_transform(task<T>&& inner) noexcept;

  /// A call, a sleep, and whatever else of the library can be awaited in a handler.
  template <strand_awaitable Awaitable>
  auto await_transform(Awaitable&& awaitable) {
    return std::forward<Awaitable>(awaitable).into_awaiter();
  }

  /// Any Asio operation that takes `asio::deferred` as its token, e.g. `timer.async_wait(asio::deferred)`.
  template <class Operation>
  requires(
      !strand_awaitable<Operation> &&
      boost::asio::is_async_operation<std::decay_t<Operation>>::value) auto await_transform(Operation&& operation) {
    return asio_awaiter<std::decay_t<Operation>>(std::forward<Operation>(operation));
  }
};

template <class T>
struct task_promise final : task_promise_base {
  std::optional<T> value;

  task<T> get_return_object() noexcept;
  template <class U>
  requires std::is_constructible_v<T, U&&>
  void return_value(U&& result) { value.emplace(std::forward<U>(result)); }
};

template <>
struct task_promise<void> final : task_promise_base {
  task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
};

}  // namespace troupe::detail

namespace troupe {

/// The coroutine type of handlers that await: lazy, awaited once, resumed on the strand of its actor only.
///
/// Inside it `co_await` takes other tasks, calls (`ref.call<&actor::method>(...)`), `sleep_for`, and every Asio
/// operation begun with the token `asio::deferred`; nothing else, so that a handler cannot leave its strand unawares.
/// A default-constructed task has nothing to do and is finished.
///
/// Thread-safety: the owning strand. Lifetime: destroying a task destroys the coroutine where it is suspended.
template <class T = void>
class [[nodiscard]] task {
 public:
  using promise_type = detail::task_promise<T>;
  using value_type = T;

  task() noexcept = default;
  explicit task(std::coroutine_handle<promise_type> coroutine) noexcept : coroutine_(coroutine) {}
  task(task&& other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
  task& operator=(task&& other) noexcept {
    if (this != &other) {
      if (coroutine_) coroutine_.destroy();
      coroutine_ = std::exchange(other.coroutine_, nullptr);
    }
    return *this;
  }
  ~task() {
    if (coroutine_) coroutine_.destroy();
  }

  /// Gives the coroutine away; null when there is nothing to do. For runtimes, not for handlers.
  [[nodiscard]] std::coroutine_handle<promise_type> release() noexcept { return std::exchange(coroutine_, nullptr); }

 private:
  std::coroutine_handle<promise_type> coroutine_;
};

}  // namespace troupe

namespace troupe::detail {

template <class T>
task<T> task_promise<T>::get_return_object() noexcept {
  return task<T>(std::coroutine_handle<task_promise>::from_promise(*this));
}

inline task<void> task_promise<void>::get_return_object() noexcept {
  return task<void>(std::coroutine_handle<task_promise>::from_promise(*this));
}

/// Awaits an inner task: starts it at once, resumes the outer coroutine straight from its end.
template <class T>
class task_awaiter {
 public:
  explicit task_awaiter(task<T>&& inner) noexcept : inner_(inner.release()) {}
  task_awaiter(const task_awaiter&) = delete;
  task_awaiter& operator=(const task_awaiter&) = delete;
  ~task_awaiter() {
    if (inner_) inner_.destroy();
  }

  [[nodiscard]] bool await_ready() const noexcept { return !inner_; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> outer) noexcept {
    inner_.promise().continuation = outer;
    return inner_;
  }
  T await_resume() {
    if (!inner_) {
      if constexpr (std::is_void_v<T>) {
        return;
      } else {
        throw std::logic_error("troupe::task: awaited a task without a coroutine, which has no value");
      }
    } else {
      if (inner_.promise().failure) std::rethrow_exception(inner_.promise().failure);
      if constexpr (!std::is_void_v<T>) return std::move(*inner_.promise().value);
    }
  }

 private:
  std::coroutine_handle<task_promise<T>> inner_;
};

template <class T>
auto task_promise_base::await_transform(task<T>&& inner) noexcept {
  return task_awaiter<T>(std::move(inner));
}

/// The handle of a promise type seen as its base; valid because the base is the promise's first part.
template <class T>
std::coroutine_handle<task_promise_base> as_base(std::coroutine_handle<task_promise<T>> handle) noexcept {
  static_assert(alignof(task_promise<T>) <= 16, "a task's result is aligned to at most 16 bytes");
  return handle ? std::coroutine_handle<task_promise_base>::from_promise(handle.promise()) : nullptr;
}

template <class T>
task_promise<T>& promise_as(std::coroutine_handle<task_promise_base> handle) noexcept {
  return static_cast<task_promise<T>&>(handle.promise());
}

}  // namespace troupe::detail
