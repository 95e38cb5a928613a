#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

#include "commit/retry_policy.hpp"
#include "commit/store_gateway.hpp"
#include "core/actor_system.hpp"
#include "reminders/reminder_service.hpp"
#include "troupe/core/counters.hpp"
#include "troupe/core/overload_limits.hpp"
#include "troupe/core/reminder_limits.hpp"
#include "troupe/spi/executor.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

/// What `parts` is assembled from.
struct parts_options {
  std::shared_ptr<spi::state_store> store;
  std::shared_ptr<spi::executor> executor;
  std::shared_ptr<spi::clock> clock;
  std::shared_ptr<spi::entropy> entropy;
  std::size_t resident_max = 0;
  overload_limits overload;
  filter_list filters;
  log_sink log;
  turn_rules rules;
  send_observer on_send;
  retry_policy retry;
  reminder_limits reminders;
};

/// One runtime, put together: the one place where core, commit, reminders, store and executor meet. The public runtime
/// and the test runtime are thin shells around it.
class parts {
 public:
  explicit parts(parts_options options);
  parts(const parts&) = delete;
  parts& operator=(const parts&) = delete;
  ~parts();

  [[nodiscard]] actor_system& system() const noexcept { return *system_; }
  [[nodiscard]] spi::state_store& store() const noexcept { return *options_.store; }
  [[nodiscard]] spi::executor& executor() const noexcept { return *options_.executor; }

  /// Starts firing reminders; idempotent.
  void start();

  /// Lets what was accepted finish and every actor leave memory, then calls `drained`. Fires no more reminders: actors
  /// whose reminders repeat would keep waking each other up.
  void drain(std::function<void()> drained);

  /// Ends everything at once, as a crash does: what is under way is dropped, and nothing more reaches the store once
  /// this returns. Idempotent.
  void halt();

 private:
  parts_options options_;
  actor_system* system_;
  std::shared_ptr<store_gateway> gateway_;
  std::shared_ptr<reminder_service> reminders_;
  std::once_flag started_;
  bool halted_ = false;
};

/// Throws `error{errc::invalid_argument}` for limits out of range.
void check(const overload_limits& limits);
void check(const reminder_limits& limits);

/// The counters as users see them.
[[nodiscard]] runtime_counters read_counters(actor_system& system);

/// Makes a call by wire name. Throws as `runtime::call_by_name` does.
void send_by_name(const detail::activation_ptr& target, std::string_view method, std::string_view arguments_json,
                  detail::call_settings options, detail::dynamic_reply done);

}  // namespace troupe::internal
