#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "troupe/core/task.hpp"
#include "troupe/detail/wait.hpp"

namespace troupe::detail {

/// What `co_await` of an operand gives in a handler.
template <class Operation>
using awaited_t =
    decltype(std::declval<task_promise_base&>().await_transform(std::declval<Operation>()).await_resume());

/// `void` cannot be a member.
template <class T>
using kept_t = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <class Operation>
task<awaited_t<Operation>> as_task(Operation operation) {
  co_return co_await std::move(operation);
}
template <class T>
task<T> as_task(task<T> operation) {
  return operation;
}

/// Runs several coroutines of one turn side by side, in one scope, and resumes the handler when all have ended.
/// Only on the strand.
class branch_group {
 public:
  explicit branch_group(wait_for mode) noexcept { scope_.mode = mode; }
  branch_group(const branch_group&) = delete;
  branch_group& operator=(const branch_group&) = delete;
  ~branch_group() {
    for (const branch& each : branches_) {
      if (each.root) each.root.destroy();
    }
  }

  template <class T>
  void add(task<T> operation) {
    branches_.emplace_back(*this, as_base(operation.release()));
  }
  void reserve(std::size_t count) { branches_.reserve(count); }

  /// Starts every branch. Returns whether the handler is to be suspended.
  bool start(std::coroutine_handle<> waiter);

  [[nodiscard]] std::size_t size() const noexcept { return branches_.size(); }
  [[nodiscard]] std::size_t first() const noexcept { return *first_; }  ///< the first branch that ended
  [[nodiscard]] std::exception_ptr first_failure() const noexcept {
    return failed_ ? branches_[*failed_].root.promise().failure : nullptr;
  }
  [[nodiscard]] std::exception_ptr failure_of(std::size_t index) const noexcept {
    return branches_[index].root ? branches_[index].root.promise().failure : nullptr;
  }

  /// Takes the result of a branch that ended well.
  template <class T>
  kept_t<T> take(std::size_t index) {
    if constexpr (std::is_void_v<T>) {
      return {};
    } else {
      if (!branches_[index].root) throw_empty_task();
      return std::move(*promise_as<T>(branches_[index].root).value);
    }
  }

 private:
  struct branch final : root_listener {
    branch(branch_group& in, std::coroutine_handle<task_promise_base> coroutine) : group(&in), root(coroutine) {}
    std::coroutine_handle<> root_done() noexcept override { return group->on_end(*this); }
    branch_group* group;
    std::coroutine_handle<task_promise_base> root;  // null: a task without a coroutine, which has ended
  };

  [[noreturn]] static void throw_empty_task();
  std::coroutine_handle<> on_end(branch& ended) noexcept;
  void note_end(std::size_t index) noexcept;

  wait_scope scope_;
  wait_scope* outer_ = nullptr;
  std::coroutine_handle<> waiter_;
  std::vector<branch> branches_;
  std::size_t left_ = 0;
  std::optional<std::size_t> first_;
  std::optional<std::size_t> failed_;
};

/// What `when_all` and `when_any` give to `co_await`: `Finish` says what becomes of the results.
template <class Finish>
class combined_awaiter {
 public:
  combined_awaiter(std::unique_ptr<branch_group> group, Finish finish)
      : group_(std::move(group)), finish_(std::move(finish)) {}
  [[nodiscard]] bool await_ready() const noexcept { return group_->size() == 0; }
  bool await_suspend(std::coroutine_handle<> waiter) { return group_->start(waiter); }
  auto await_resume() { return finish_(*group_); }

 private:
  std::unique_ptr<branch_group> group_;
  Finish finish_;
};

template <class Finish>
class [[nodiscard("co_await it in a handler")]] combined_operation {
 public:
  using troupe_strand_awaitable = void;

  combined_operation(std::unique_ptr<branch_group> group, Finish finish)
      : group_(std::move(group)), finish_(std::move(finish)) {}
  combined_awaiter<Finish> into_awaiter()&& { return {std::move(group_), std::move(finish_)}; }

 private:
  std::unique_ptr<branch_group> group_;
  Finish finish_;
};

template <class... Results>
struct take_all {
  std::tuple<kept_t<Results>...> operator()(branch_group& group) const {
    if (const auto failure = group.first_failure()) std::rethrow_exception(failure);
    return [&]<std::size_t... Index>(std::index_sequence<Index...>) {
      return std::tuple<kept_t<Results>...>{group.template take<Results>(Index)...};
    }
    (std::index_sequence_for<Results...>{});
  }
};

template <class Result>
struct take_every {
  std::vector<kept_t<Result>> operator()(branch_group& group) const {
    if (const auto failure = group.first_failure()) std::rethrow_exception(failure);
    std::vector<kept_t<Result>> results;
    results.reserve(group.size());
    for (std::size_t i = 0; i < group.size(); ++i) results.push_back(group.template take<Result>(i));
    return results;
  }
};

template <class... Results>
struct take_first {
  using outcome = std::variant<kept_t<Results>...>;
  outcome operator()(branch_group& group) const {
    if (const auto failure = group.failure_of(group.first())) std::rethrow_exception(failure);
    return take(group, std::index_sequence_for<Results...>{});
  }

 private:
  template <std::size_t... Index>
  static outcome take(branch_group& group, std::index_sequence<Index...>) {
    std::optional<outcome> found;
    const auto look = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
      using result = std::tuple_element_t<I, std::tuple<std::type_identity<Results>...>>;
      if (group.first() == I) found.emplace(std::in_place_index<I>, group.template take<typename result::type>(I));
    };
    (look(std::integral_constant<std::size_t, Index>{}), ...);
    return std::move(*found);
  }
};

template <class Result>
struct take_one {
  std::pair<std::size_t, kept_t<Result>> operator()(branch_group& group) const {
    if (const auto failure = group.failure_of(group.first())) std::rethrow_exception(failure);
    return {group.first(), group.template take<Result>(group.first())};
  }
};

template <class... Operations>
std::unique_ptr<branch_group> make_branches(wait_for mode, Operations&&... operations) {
  auto group = std::make_unique<branch_group>(mode);
  group->reserve(sizeof...(Operations));
  (group->add(as_task(std::move(operations))), ...);
  return group;
}

template <class Operation>
std::unique_ptr<branch_group> make_branches(wait_for mode, std::vector<Operation>&& operations) {
  auto group = std::make_unique<branch_group>(mode);
  group->reserve(operations.size());
  for (auto& operation : operations) group->add(as_task(std::move(operation)));
  return group;
}

/// For a function that takes at least one operation that `co_await` accepts in a handler.
template <class Operation>
concept awaited_in_handler = requires {
  typename awaited_t<std::decay_t<Operation>>;
};

void refuse_no_operations();

}  // namespace troupe::detail

namespace troupe {

/// Awaits several operations at once inside a handler: calls, tasks, sleeps, Asio operations begun with
/// `asio::deferred`. Gives a `std::tuple` of their results in their order, `std::monostate` for void.
///
/// All begin before the first is awaited, in their order, and all have ended when it returns. When any failed, the
/// failure that came first is thrown; the others run to their end all the same, so that the fate of each is known. The
/// actor takes no other message meanwhile (but for its reentrancy), and code of the operations never overlaps.
/// When the turn is cancelled, every operation is called off. Lifetime: the operations are moved in.
template <detail::awaited_in_handler... Operations>
requires(sizeof...(Operations) > 0) [[nodiscard]] auto when_all(Operations... operations) {
  using finish = detail::take_all<detail::awaited_t<Operations>...>;
  return detail::combined_operation<finish>(detail::make_branches(detail::wait_for::all, std::move(operations)...),
                                            finish{});
}

/// The same for any number of operations of one type; gives a `std::vector`.
template <detail::awaited_in_handler Operation>
[[nodiscard]] auto when_all(std::vector<Operation> operations) {
  using finish = detail::take_every<detail::awaited_t<Operation>>;
  return detail::combined_operation<finish>(detail::make_branches(detail::wait_for::all, std::move(operations)),
                                            finish{});
}

/// Awaits the first of several operations to end inside a handler, well or not. Gives a `std::variant` whose index says
/// which one; throws what it threw.
///
/// The others are called off, and have ended when it returns: a sleep or a call ends at once (`errc::cancelled`; of a
/// call whose turn runs the effect is unknown), an Asio operation as its cancellation slot has it.
template <detail::awaited_in_handler... Operations>
requires(sizeof...(Operations) > 0) [[nodiscard]] auto when_any(Operations... operations) {
  using finish = detail::take_first<detail::awaited_t<Operations>...>;
  return detail::combined_operation<finish>(detail::make_branches(detail::wait_for::any, std::move(operations)...),
                                            finish{});
}

/// The same for operations of one type; gives the index of the first and its result.
/// Throws `error{errc::invalid_argument}` for no operations at all.
template <detail::awaited_in_handler Operation>
[[nodiscard]] auto when_any(std::vector<Operation> operations) {
  using finish = detail::take_one<detail::awaited_t<Operation>>;
  if (operations.empty()) detail::refuse_no_operations();
  return detail::combined_operation<finish>(detail::make_branches(detail::wait_for::any, std::move(operations)),
                                            finish{});
}

}  // namespace troupe
