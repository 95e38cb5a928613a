#include "saga/saga_rules.hpp"

#include <algorithm>
#include <utility>

namespace troupe::internal {
namespace {

constexpr std::size_t text_bytes_max = 500;

void forget_tries(detail::saga_record& saga) {
  saga.tries = 0;
  saga.failing_since = 0;
  saga.trouble.clear();
}

/// Turns to what is next: the end, when there is nothing.
void go_on(detail::saga_record& saga) {
  forget_tries(saga);
  if (saga.undoing) {
    saga.phase = saga.done == 0 ? saga_phase::compensated : saga_phase::compensating;
  } else {
    saga.phase = saga.done == saga.steps.size() ? saga_phase::completed : saga_phase::running;
  }
}

void turn_back(detail::saga_record& saga, bool also_current, std::string why) {
  if (also_current) ++saga.done;
  saga.undoing = true;
  saga.reason = std::move(why);
  go_on(saga);
}

std::chrono::milliseconds pause_after(std::uint32_t tries, const saga_policy& policy) {
  auto pause = policy.first_pause;
  for (std::uint32_t i = 1; i < tries && pause < policy.pause_max; ++i) pause *= 2;
  return std::min(pause, policy.pause_max);
}

}  // namespace

saga_failure failure_kind(const std::exception_ptr& failure) noexcept {
  try {
    std::rethrow_exception(failure);
  } catch (const error& known) {
    if (may_succeed_later(known.kind())) return saga_failure::temporary;
    return known.effect() == effect::none ? saga_failure::refused : saga_failure::in_doubt;
  } catch (...) {
    return saga_failure::refused;
  }
}

detail::saga_record begin_saga(std::string_view id, std::vector<std::string> steps) {
  detail::saga_record saga;
  saga.id = id;
  saga.steps = std::move(steps);
  go_on(saga);
  return saga;
}

std::optional<saga_task> next_of(const detail::saga_record& saga) {
  if (saga.phase == saga_phase::running) return saga_task{saga.steps.at(saga.done), false};
  if (saga.phase == saga_phase::compensating) return saga_task{saga.steps.at(saga.done - 1), true};
  return std::nullopt;
}

void note_success(detail::saga_record& saga) {
  if (saga.undoing) {
    --saga.done;
  } else {
    ++saga.done;
  }
  go_on(saga);
}

std::chrono::milliseconds note_failure(detail::saga_record& saga, saga_failure how, std::string_view why, wall_time now,
                                       const saga_policy& policy) {
  if (!saga.undoing && how != saga_failure::temporary) {
    const std::string step = saga.steps.at(saga.done);
    turn_back(saga, how == saga_failure::in_doubt, "step \"" + step + "\" failed: " + storable_text(why));
    return std::chrono::milliseconds(0);
  }
  if (saga.tries++ == 0) saga.failing_since = now.time_since_epoch().count();
  saga.trouble = storable_text(why);
  const std::chrono::milliseconds failing(now.time_since_epoch().count() - saga.failing_since);
  const auto pause = pause_after(saga.tries, policy);
  if (failing < (saga.undoing ? policy.compensation_time : policy.step_time)) return pause;
  const std::string tried = " failed " + std::to_string(saga.tries) + " times, and is not tried again: ";
  if (saga.undoing) {
    park(saga, "the compensation of step \"" + saga.steps.at(saga.done - 1) + "\"" + tried + saga.trouble);
  } else {
    turn_back(saga, true, "step \"" + saga.steps.at(saga.done) + "\"" + tried + saga.trouble);
  }
  return std::chrono::milliseconds(0);
}

void park(detail::saga_record& saga, std::string why) {
  saga.phase = saga_phase::parked;
  saga.trouble = std::move(why);
}

bool cancel_saga(detail::saga_record& saga, std::string_view why) {
  const bool parked_step = saga.phase == saga_phase::parked && !saga.undoing;
  if (saga.phase != saga_phase::running && !parked_step) return false;
  turn_back(saga, true, "it was cancelled: " + storable_text(why));
  return true;
}

bool resume_saga(detail::saga_record& saga) {
  if (saga.phase != saga_phase::parked) return false;
  go_on(saga);
  return true;
}

bool skip_in_saga(detail::saga_record& saga) {
  if (saga.phase != saga_phase::parked) return false;
  note_success(saga);
  return true;
}

saga_status status_of(const detail::saga_record& saga) {
  saga_status status{.id = saga.id, .phase = saga.phase, .step = {}, .trouble = saga.trouble, .reason = saga.reason};
  status.tries = saga.tries;
  if (saga.undoing && saga.done > 0) status.step = saga.steps.at(saga.done - 1);
  if (!saga.undoing && saga.done < saga.steps.size()) status.step = saga.steps.at(saga.done);
  return status;
}

std::string storable_text(std::string_view text) {
  // nlohmann replaces what is no UTF-8, also a character that was cut through.
  const std::string written =
      nlohmann::json(text.substr(0, text_bytes_max)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return nlohmann::json::parse(written).get<std::string>();
}

}  // namespace troupe::internal
