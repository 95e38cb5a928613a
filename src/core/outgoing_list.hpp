#pragma once

#include <utility>

#include "core/mailbox.hpp"

namespace troupe::internal {

/// One-way requests, and work, that leave with a commit, in order; intrusive. Each says its receiver, whose place it
/// keeps. Only on the strand.
class outgoing_list {
 public:
  outgoing_list() noexcept = default;
  outgoing_list(outgoing_list&& other) noexcept : list_(std::exchange(other.list_, {})) {}
  outgoing_list& operator=(outgoing_list&& other) noexcept {
    std::swap(list_, other.list_);
    return *this;
  }
  ~outgoing_list() { abandon(); }

  void push(detail::request& r) noexcept { list_.push(r); }
  void append(outgoing_list&& behind) noexcept {
    while (detail::request* r = behind.list_.pop()) list_.push(*r);
  }
  [[nodiscard]] detail::request* pop() noexcept { return list_.pop(); }
  [[nodiscard]] detail::request* front() const noexcept { return list_.front(); }
  [[nodiscard]] bool empty() const noexcept { return list_.empty(); }

  /// Drops them all.
  void abandon() noexcept {
    while (detail::request* r = list_.pop()) r->abandon();
  }

 private:
  request_list list_;
};

}  // namespace troupe::internal
