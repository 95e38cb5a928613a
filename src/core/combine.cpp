#include "troupe/core/combine.hpp"

#include <stdexcept>

#include "troupe/base/error.hpp"

namespace troupe::detail {

bool branch_group::start(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  outer_ = &current_scope();
  scope_.belongs_to(outer_->turn());
  scope_.join(*outer_);
  left_ = branches_.size() + 1;  // one for this function
  for (std::size_t i = 0; i < branches_.size(); ++i) {
    branch& each = branches_[i];
    if (first_ && scope_.mode == wait_for::any) {
      --left_;  // it is decided: the rest is not begun
    } else if (each.root) {
      each.root.promise().listener = &each;
      enter_scope(scope_);
      each.root.resume();
    } else {
      note_end(i);
      --left_;
    }
  }
  if (--left_ > 0) return true;
  scope_.leave();
  enter_scope(*outer_);
  return false;
}

void branch_group::note_end(std::size_t index) noexcept {
  if (!failed_ && failure_of(index)) failed_ = index;
  if (first_) return;
  first_ = index;
  if (scope_.mode == wait_for::any) scope_.call_off();
}

std::coroutine_handle<> branch_group::on_end(branch& ended) noexcept {
  note_end(static_cast<std::size_t>(&ended - branches_.data()));
  if (--left_ > 0) return std::noop_coroutine();
  scope_.leave();
  enter_scope(*outer_);
  return waiter_;
}

void branch_group::throw_empty_task() {
  throw std::logic_error("troupe::task: awaited a task without a coroutine, which has no value");
}

void refuse_no_operations() { throw error(errc::invalid_argument, "troupe::when_any: there is nothing to wait for"); }

}  // namespace troupe::detail
