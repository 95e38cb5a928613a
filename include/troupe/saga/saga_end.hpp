#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "troupe/base/error.hpp"
#include "troupe/core/actor_ref.hpp"
#include "troupe/core/timer.hpp"
#include "troupe/saga/saga_status.hpp"

namespace troupe {

/// How `saga_end` waits. Times are 1 ms or more.
struct saga_wait {
  std::chrono::milliseconds first_pause{10};  ///< before it asks again; each next pause is twice as long
  std::chrono::milliseconds pause_max{1000};
  std::chrono::milliseconds time_max = std::chrono::hours(1);  ///< then it gives up
};

/// Waits, in a handler of another actor, until the saga `id` of `coordinator` has ended or is parked, and returns its
/// status. It asks with the method `Status`, which takes nothing and returns a `saga_status`; it survives that the
/// coordinator leaves memory, and asks on while it cannot be reached. The handler's own call needs the time for it: see
/// `call_options::timeout`.
/// Errors: `errc::invalid_argument` when the coordinator has turned to another saga or knows none, `errc::unavailable`
/// after `time_max`, which costs the saga nothing, and what `Status` throws.
template <auto Status, class Actor>
task<saga_status> saga_end(actor_ref<Actor> coordinator, std::string id, saga_wait how = {}) {
  constexpr std::chrono::milliseconds shortest{1};
  constexpr std::chrono::milliseconds longest{30'000};
  std::chrono::milliseconds waited{0};
  for (auto pause = how.first_pause;; pause = std::min(pause * 2, how.pause_max)) {
    saga_status now;
    const call_options options{.timeout =
                                   std::clamp<std::chrono::milliseconds>(how.time_max - waited, shortest, longest)};
    try {
      now = co_await coordinator.with(options).template call<Status>();
    } catch (const error& failure) {
      if (!may_succeed_later(failure.kind())) throw;
      if (failure.kind() == errc::timeout) waited += options.timeout;
      now.id = id;
    }
    if (now.id != id) {
      throw error(errc::invalid_argument,
                  "actor " + to_string(coordinator.id()) + " does not coordinate saga \"" + id + "\" (any more)");
    }
    if (now.ended() || now.phase == saga_phase::parked) co_return now;
    if (waited >= how.time_max) {
      throw error(errc::unavailable, "saga \"" + id + "\" of actor " + to_string(coordinator.id()) +
                                         " goes on: it did not end within " + std::to_string(how.time_max.count()) +
                                         " ms");
    }
    co_await sleep_for(pause);
    waited += pause;
  }
}

}  // namespace troupe
