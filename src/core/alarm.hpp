#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <utility>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include "core/timing_wheel.hpp"

namespace troupe::internal {

/// Something that happens at a time. Counts its references, one of which is the timer service's while it is pending.
class alarm : public wheel_entry {
 public:
  virtual ~alarm() = default;

  /// On a thread of the executor, outside any strand. It is not pending any more, and may be started again.
  virtual void ring() noexcept = 0;

  /// It will not ring: lets go of what it keeps, however long others keep it.
  virtual void let_go() noexcept {}

 private:
  friend void intrusive_ptr_add_ref(alarm* a) noexcept { a->references_.fetch_add(1, std::memory_order_relaxed); }
  friend void intrusive_ptr_release(alarm* a) noexcept {
    if (a->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete a;
  }

  std::atomic<std::uint16_t> references_{0};  // of its user and the service
};

using alarm_ptr = boost::intrusive_ptr<alarm>;

/// Calls a function, once.
template <class Function>
class function_alarm final : public alarm {
 public:
  explicit function_alarm(Function what) : what_(std::move(what)) {}
  void ring() noexcept override {
    const std::optional<Function> what = std::exchange(what_, std::nullopt);
    (*what)();
  }
  void let_go() noexcept override { what_.reset(); }

 private:
  std::optional<Function> what_;
};

template <class Function>
[[nodiscard]] alarm_ptr make_alarm(Function what) {
  return alarm_ptr(new function_alarm<Function>(std::move(what)));
}

}  // namespace troupe::internal
