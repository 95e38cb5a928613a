#pragma once

#include <coroutine>
#include <cstdint>
#include <vector>

#include "troupe/fwd.hpp"

// What a turn that is suspended waits for, kept in lists so that it can be named and called off.

namespace troupe::detail {

class awaited_call;
class wait_scope;

/// One thing that code of a turn waits for, or a part of the turn with waits of its own. It is in the list of its
/// scope while it waits, and resumes in that scope. Only on the strand.
class turn_wait {
 public:
  turn_wait() noexcept = default;
  turn_wait(const turn_wait&) = delete;
  turn_wait& operator=(const turn_wait&) = delete;

  /// Asks for an early end: the code that waits resumes soon, never inside this call, usually with an error. A wait
  /// that cannot end early ignores it. May be called more than once.
  virtual void call_off() noexcept = 0;

  /// This, when it is a call or a scope; null otherwise.
  [[nodiscard]] virtual awaited_call* as_call() noexcept { return nullptr; }
  [[nodiscard]] virtual wait_scope* as_scope() noexcept { return nullptr; }

  /// Joins the scope of the code that runs. Throws `std::logic_error` outside a handler.
  void join();
  void join(wait_scope& scope) noexcept;
  void leave() noexcept {
    if (before_ == nullptr) return;
    *before_ = next_;
    if (next_ != nullptr) next_->before_ = before_;
    before_ = nullptr;
  }

  /// Leaves the scope and resumes code of its turn there. Nothing of this may be used afterwards.
  void leave_and_resume(std::coroutine_handle<> suspended);

  [[nodiscard]] wait_scope* scope() const noexcept { return scope_; }
  [[nodiscard]] turn_wait* next() const noexcept { return next_; }

 protected:
  ~turn_wait() { leave(); }

 private:
  turn_wait* next_ = nullptr;
  turn_wait** before_ = nullptr;  // what points here; null: in no list
  wait_scope* scope_ = nullptr;
};

/// Whether all waits of a scope must end before its code goes on, or whether one will do.
enum class wait_for : std::uint8_t { all, any };

/// The waits of a turn, or of a part of it that can be called off by itself. Only on the strand.
class wait_scope final : public turn_wait {
 public:
  wait_scope() noexcept = default;
  ~wait_scope() = default;

  void call_off() noexcept override {
    for (turn_wait* wait = first_; wait != nullptr; wait = wait->next()) wait->call_off();
  }
  [[nodiscard]] wait_scope* as_scope() noexcept override { return this; }

  [[nodiscard]] turn_wait* first() const noexcept { return first_; }
  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
  [[nodiscard]] internal::turn* turn() const noexcept { return turn_; }
  void belongs_to(internal::turn* owner) noexcept { turn_ = owner; }

  wait_for mode = wait_for::all;

 private:
  friend class turn_wait;

  turn_wait* first_ = nullptr;
  internal::turn* turn_ = nullptr;
};

inline void turn_wait::join(wait_scope& scope) noexcept {
  scope_ = &scope;
  next_ = scope.first_;
  before_ = &scope.first_;
  if (next_ != nullptr) next_->before_ = &next_;
  scope.first_ = this;
}

/// The scope of the code that the calling thread runs. Throws `std::logic_error` outside a handler.
[[nodiscard]] wait_scope& current_scope();

inline void turn_wait::join() { join(current_scope()); }

/// Makes `scope` that of the code that runs.
void enter_scope(wait_scope& scope) noexcept;

/// What a handler throws whose wait was called off.
[[noreturn]] void throw_called_off(const char* what);

}  // namespace troupe::detail
