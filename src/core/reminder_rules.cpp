#include "core/reminder_rules.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "core/later.hpp"
#include "troupe/base/error.hpp"

namespace troupe::internal {
namespace {

using std::chrono::milliseconds;

/// Missed ticks of a rule are counted up to here: it may name one in every second of a year, and each takes its time.
constexpr std::uint64_t counted_max = 100'000;

/// The ticks behind the one that is due, as far as the reminder has any.
class later_ticks {
 public:
  explicit later_ticks(const planned_reminder& reminder)
      : rule_(reminder.plan.repeat), anchor_(reminder.plan.anchor), period_(reminder.image.period) {
    if (!rule_ && period_.count() > 0) anchor_ = reminder.tick();
  }

  [[nodiscard]] bool any() const noexcept { return rule_ || period_.count() > 0; }

  /// The first one later than `at`, which is not before the tick that is due.
  [[nodiscard]] std::optional<wall_time> after(wall_time at) const {
    if (rule_) return rule_->next(anchor_, at);
    const auto whole = (at - anchor_) / period_;
    const auto next = anchor_ + period_ * (whole + 1);
    return next <= paused_until() ? std::optional(next) : std::nullopt;
  }

  [[nodiscard]] std::uint64_t count(wall_time from, wall_time to) const {
    if (to <= from) return 0;
    if (rule_) return rule_->count(anchor_, from, to, counted_max);
    return static_cast<std::uint64_t>((to - anchor_) / period_ - (from - anchor_) / period_);
  }

  /// The last one in (from, to].
  [[nodiscard]] std::optional<wall_time> last(wall_time from, wall_time to) const {
    if (to <= from) return std::nullopt;
    if (rule_) return rule_->last(anchor_, from, to);
    const wall_time found = anchor_ + period_ * ((to - anchor_) / period_);
    return found > from ? std::optional(found) : std::nullopt;
  }

 private:
  const std::optional<schedule>& rule_;
  wall_time anchor_;
  milliseconds period_;
};

unsigned as_unsigned(std::uint64_t n) {
  return static_cast<unsigned>(std::min<std::uint64_t>(n, std::numeric_limits<unsigned>::max()));
}

/// Moves on to the first tick behind `done`, of which `used` have been taken. Returns whether there is one.
bool move_on(planned_reminder& reminder, const later_ticks& ticks, wall_time done, std::uint64_t used) {
  reminder_plan& plan = reminder.plan;
  plan.failed = 0;
  const auto next = ticks.any() ? ticks.after(done) : std::nullopt;
  plan.tick.reset();
  if (!next || (plan.until && *next >= *plan.until)) return false;
  if (plan.left) {
    if (used >= *plan.left) return false;
    *plan.left -= used;
  }
  reminder.image.due = *next;
  return true;
}

/// The `nth` tick behind `from`, from 1; there are as many.
wall_time tick_behind(const later_ticks& ticks, wall_time from, std::uint64_t nth) {
  for (; nth > 0; --nth) {
    const auto next = ticks.after(from);
    if (!next) break;
    from = *next;
  }
  return from;
}

/// Leaves out what was due before `tick`, which a run has got in place of it.
void reach(planned_reminder& reminder, wall_time tick) {
  const wall_time first = reminder.tick();
  if (tick <= first) return;
  reminder_plan& plan = reminder.plan;
  if (plan.left) *plan.left -= std::min(later_ticks(reminder).count(first, tick), *plan.left - 1);
  plan.tick = tick;
}

due_outcome take_last(planned_reminder& reminder, const later_ticks& ticks, wall_time tick, wall_time now) {
  std::uint64_t behind = ticks.any() ? ticks.count(tick, now) : 0;
  wall_time last = tick;
  if (reminder.plan.left && behind >= *reminder.plan.left) {
    behind = *reminder.plan.left - 1;
    last = tick_behind(ticks, tick, std::min(behind, counted_max));
  } else if (behind != 0) {
    last = ticks.last(tick, now).value_or(tick);
  }
  const bool fires = now - last <= reminder.plan.grace;
  due_outcome outcome{.fires = {}, .missed = as_unsigned(behind)};
  if (fires) outcome.fires = last;
  outcome.over = !move_on(reminder, ticks, std::max(now, tick), behind + 1);
  return outcome;
}

}  // namespace

due_outcome take_tick(planned_reminder& reminder, wall_time now) {
  reminder_plan& plan = reminder.plan;
  if (plan.until && now >= *plan.until) return {.fires = {}, .missed = 0, .over = true};
  const wall_time tick = reminder.tick();
  const later_ticks ticks(reminder);
  const bool tried_before = plan.failed != 0;
  if (plan.missed == missed_ticks::skip && !tried_before) return take_last(reminder, ticks, tick, now);
  due_outcome outcome{.fires = tick};
  if (plan.missed != missed_ticks::once || !ticks.any()) {
    outcome.over = !move_on(reminder, ticks, tick, 1);
    return outcome;
  }
  std::uint64_t covered = ticks.count(tick, now);
  if (plan.left) covered = std::min(covered, *plan.left - 1);
  outcome.missed = as_unsigned(covered);
  outcome.over = !move_on(reminder, ticks, std::max(now, tick), covered + 1);
  return outcome;
}

failure_outcome note_failure(planned_reminder& reminder, const tick_run& run, wall_time now, bool may_give_up) {
  reminder_plan& plan = reminder.plan;
  reach(reminder, run.tick);
  if (plan.failed < std::numeric_limits<std::uint32_t>::max()) ++plan.failed;
  if (may_give_up && plan.retry.attempts_max != 0 && plan.failed >= plan.retry.attempts_max) {
    const due_outcome outcome = take_tick(reminder, run.taken);
    return outcome.over ? failure_outcome::given_up_and_over : failure_outcome::given_up;
  }
  milliseconds pause = plan.retry.first_pause;
  for (std::uint32_t n = 1; n < plan.failed && pause < plan.retry.longest_pause; ++n) pause *= 2;
  plan.tick = reminder.tick();
  reminder.image.due = now + std::min(pause, plan.retry.longest_pause);
  return failure_outcome::tried_again;
}

void pause(planned_reminder& reminder) {
  if (reminder.plan.paused) return;
  reminder.plan.tick = reminder.tick();
  reminder.plan.paused = true;
  reminder.image.due = paused_until();
}

bool resume(planned_reminder& reminder, wall_time now) {
  reminder_plan& plan = reminder.plan;
  if (!plan.paused) return true;
  plan.paused = false;
  const wall_time tick = reminder.tick();
  if (plan.failed != 0) {
    reminder.image.due = std::max(now, tick);
    return true;
  }
  plan.tick.reset();
  reminder.image.due = tick;
  if (tick >= now || (!plan.repeat && reminder.image.period.count() == 0)) return true;
  // What came due meanwhile was asked not to fire: none of it counts.
  const later_ticks ticks(reminder);
  const auto next = ticks.after(now - milliseconds(1));
  if (!next || (plan.until && *next >= *plan.until)) return false;
  reminder.image.due = *next;
  return true;
}

}  // namespace troupe::internal
