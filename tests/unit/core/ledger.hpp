#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "troupe/core/state.hpp"
#include "troupe/core/timer.hpp"
#include "troupe/testing/test_runtime.hpp"

namespace troupe::testing {

struct page {
  int total = 0;
  std::string note;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(page, total, note)

/// The actor that most rules are shown on: a number and a note, durable after every turn.
class ledger : public actor {
 public:
  static constexpr std::string_view actor_type = "ledger";

  int add(int n) { return page_.edit().total += n; }
  int read() const { return page_->total; }
  void write_note(std::string text) { page_.edit().note = std::move(text); }
  int add_then_throw(int n) {
    page_.edit().total += n;
    throw std::out_of_range("refused");
  }
  task<int> add_slowly(int n, int milliseconds) {
    page_.edit().total += n;
    co_await sleep_for(std::chrono::milliseconds(milliseconds));
    co_return page_->total;
  }
  void add_and_tell(std::string to, int n) {
    page_.edit().total += n;
    ref<ledger>(to).tell<&ledger::add>(n);
  }
  task<int> call_add(std::string to, int n) { co_return co_await ref<ledger>(to).call<&ledger::add>(n); }
  void erase_all() { erase(); }
  void leave() { deactivate(); }
  int add_and_leave(int n) {
    deactivate();
    return page_.edit().total += n;
  }
  void keep_for(int milliseconds) { keep_alive(std::chrono::milliseconds(milliseconds)); }

  using methods = troupe::methods<&ledger::add, &ledger::read, &ledger::write_note, &ledger::add_then_throw,
                                  &ledger::add_slowly, &ledger::add_and_tell, &ledger::call_add, &ledger::erase_all,
                                  &ledger::leave, &ledger::add_and_leave, &ledger::keep_for>;

 private:
  state<page> page_{*this, "page"};
};

/// What came back of a call that nobody waits for.
struct answer {
  bool done = false;
  int value = 0;
  std::exception_ptr failure;

  [[nodiscard]] auto sink() {
    return [this](std::exception_ptr why, int result) {
      EXPECT_FALSE(done) << "answered twice";
      done = true;
      failure = std::move(why);
      value = result;
    };
  }
  /// The same on a context that outlives the runtime, and is run when the test wants the answer.
  class outside_sink {
   public:
    using executor_type = boost::asio::io_context::executor_type;
    outside_sink(answer& to, boost::asio::io_context& on) : to_(&to), on_(&on) {}
    [[nodiscard]] executor_type get_executor() const noexcept { return on_->get_executor(); }
    void operator()(std::exception_ptr why, int result) const { to_->sink()(std::move(why), result); }

   private:
    answer* to_;
    boost::asio::io_context* on_;
  };
  [[nodiscard]] bool ok() const { return done && !failure; }
};

/// The error that `failure` holds; a test failure when it holds none.
inline error error_in(const std::exception_ptr& failure) {
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const error& found) {
    return found;
  } catch (const std::exception& other) {
    ADD_FAILURE() << "not a troupe::error: " << other.what();
  }
  ADD_FAILURE() << "no troupe::error";
  return error(errc::invalid_argument, "no troupe::error");
}

/// The `troupe::error` that `action` throws.
template <class Action>
error error_of(Action action) {
  try {
    action();
  } catch (...) {
    return error_in(std::current_exception());
  }
  return error_in(nullptr);
}

inline bool has(const error& found, std::string_view words) {
  return std::string_view(found.what()).find(words) != std::string_view::npos;
}

/// Lets the commits (or loads) of every actor fare as `what` says, until the plan is replaced.
inline fault_plan every(store_operation kind, fault what) {
  return [kind, what](const operation_info& operation) { return operation.kind == kind ? what : fault{}; };
}

/// Lets the first `count` operations of a kind fare as `what` says.
inline fault_plan first(std::uint64_t count, store_operation kind, fault what) {
  return [left = count, kind, what](const operation_info& operation) mutable {
    if (operation.kind != kind || left == 0) return fault{};
    --left;
    return what;
  };
}

/// Lets every operation of a kind wait for its release before it reaches the store.
inline fault_plan held(store_operation kind) {
  return every(kind, {.what = {}, .when = fault::hold::before, .only = {}});
}
inline fault_plan held_commits() { return held(store_operation::commit); }

}  // namespace troupe::testing
