#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "troupe/testing/faulty_store.hpp"

namespace troupe::testing {

/// What a faulty store shares with the operations under way: the plan, the counts and what is held.
/// Thread-safety: any thread.
class faulty_store::held_set {
 public:
  explicit held_set(fault_plan plan) : plan_(std::move(plan)) {}

  void set_plan(fault_plan plan);

  /// Counts the operation and asks the plan.
  [[nodiscard]] fault choose(operation_info info);

  /// Runs `next` now, or keeps it until it is released.
  void run_or_hold(bool hold, held_operation what, std::function<void()> next);

  [[nodiscard]] std::vector<held_operation> held() const;
  [[nodiscard]] operation_counts counts() const;

  /// Takes a held operation out; an empty function when there is none.
  [[nodiscard]] std::function<void()> take(std::uint64_t ticket);

  /// Takes out the operation that has waited longest; an empty function when there is none.
  [[nodiscard]] std::function<void()> take_first();

  std::size_t clear();

 private:
  struct waiting {
    held_operation what;
    std::function<void()> next;
  };

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  fault_plan plan_;
  operation_counts counts_;
  std::map<std::uint64_t, waiting> waiting_;
  std::uint64_t next_ticket_ = 1;
};

}  // namespace troupe::testing
