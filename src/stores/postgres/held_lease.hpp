#pragma once

#include <cstdint>
#include <mutex>
#include <string>

namespace troupe::internal {

/// A lease that a store holds; without a name: none.
struct lease {
  std::string host{};
  std::uint64_t epoch = 0;

  friend bool operator==(const lease&, const lease&) = default;
};

/// The lease under which a store commits. Whoever takes one keeps this locked meanwhile, so that a batch that meets a
/// newer epoch can tell whether it is the store's own by now.
/// Thread-safety: any thread.
class held_lease {
 public:
  /// Waits while one is being taken.
  [[nodiscard]] lease get() {
    const std::lock_guard lock(mutex_);
    return lease_;
  }

  /// Calls `take`, which returns the lease taken or throws, and keeps what it returns.
  template <typename Take>
  lease set(Take take) {
    const std::lock_guard lock(mutex_);
    lease_ = take();
    return lease_;
  }

 private:
  std::mutex mutex_;
  lease lease_;  // guarded by mutex_
};

}  // namespace troupe::internal
