#pragma once

#include <atomic>
#include <utility>

namespace troupe::internal {

/// What a thread that blocks shares with whoever answers.
template <class Result>
struct blocked_answer {
  std::atomic<bool> done = false;
  Result result{};

  void answer(Result given) {
    result = std::move(given);
    done.store(true, std::memory_order_release);
    done.notify_all();
  }
};

}  // namespace troupe::internal
