#pragma once

#include <utility>

#include "troupe/spi/clock.hpp"

namespace troupe::internal {

class activation;
class turn;

/// The strand the calling thread is on. Not state of the runtime but of the thread: which turn a `tell` belongs to
/// cannot be told otherwise, see docs/decisions.
inline thread_local activation* this_strand = nullptr;

/// The turn whose code the calling thread runs; null on a strand that runs something else, such as a function that was
/// posted to it, and outside.
inline thread_local turn* this_turn = nullptr;

/// Calls that are begun on their caller's thread, where the callee has nothing else to do.
struct calls_here {
  int most = 0;   ///< each time a strand has the thread; set by executors
  int left = 0;   ///< before the others get the thread
  int depth = 0;  ///< how many of them are inside each other
};
inline constinit thread_local calls_here calls_at_once;
inline constexpr int calls_at_once_depth_max = 16;

/// For how long a strand may stay with calls that are begun at once: some microseconds, where handlers are short.
inline constexpr int calls_at_once_usual = 64;

/// Lets a thread of an executor begin calls at once, so many each time a strand has the thread.
class calls_at_once_scope {
 public:
  explicit calls_at_once_scope(int most) noexcept : before_(std::exchange(calls_at_once.most, most)) {}
  calls_at_once_scope(const calls_at_once_scope&) = delete;
  calls_at_once_scope& operator=(const calls_at_once_scope&) = delete;
  ~calls_at_once_scope() { calls_at_once.most = before_; }

 private:
  const int before_;
};

/// The coarse time that a run of a strand last looked at, and for how many more uses it will do: a message need not ask
/// for it again that comes some hundred nanoseconds later.
struct recent_time {
  steady_time at{};
  int uses = 0;
  bool goes_on = false;  ///< the thread's executor forgets it when it has slept; otherwise each run looks anew
};
inline constinit thread_local recent_time time_here;

/// Puts a thread on a strand for a scope. Does not touch the activation when it leaves, which may be gone by then.
class strand_scope {
 public:
  explicit strand_scope(activation& on) noexcept : before_(this_strand), turn_before_(this_turn) {
    this_strand = &on;
    this_turn = nullptr;
  }
  strand_scope(const strand_scope&) = delete;
  strand_scope& operator=(const strand_scope&) = delete;
  ~strand_scope() {
    this_strand = before_;
    this_turn = turn_before_;
  }

 private:
  activation* before_;
  turn* turn_before_;
};

}  // namespace troupe::internal
