#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/reminder_plan.hpp"
#include "troupe/spi/turn_record.hpp"

/// What becomes of a reminder when it is set, due, failed, paused and resumed: docs/semantics.md, section 12. Pure: the
/// wall time is an argument.
namespace troupe::internal {

/// A reminder as it is stored, with its plan read.
struct planned_reminder {
  spi::reminder_image image;
  reminder_plan plan;

  explicit planned_reminder(spi::reminder_image read) : image(std::move(read)), plan(plan_of(image)) {}

  /// When its tick is due, whatever it waits for.
  [[nodiscard]] wall_time tick() const noexcept { return plan.tick.value_or(image.due); }

  /// The image with the plan as it is now.
  [[nodiscard]] spi::reminder_image finish() && {
    image.plan = text_of(plan);
    return std::move(image);
  }
};

/// Makes what is stored of a reminder of `actor` (for people) that is set now, with its data.
/// Throws `error{errc::invalid_argument}` for what cannot be meant, and `errc::not_encodable` for its data.
[[nodiscard]] planned_reminder make_reminder(std::string_view actor, std::string_view name,
                                             const reminder_schedule& asked, wall_time now);

/// What a reminder that is due does.
struct due_outcome {
  std::optional<wall_time> fires{};  ///< the tick to be handled, by when it was due; nullopt: none
  unsigned missed = 0;               ///< others it covers, or that were left out before it
  bool over = false;                 ///< the reminder is gone
};

/// Takes the tick that is due at `now` and moves the reminder on to its next one, unless it is over.
/// Requires: `reminder.image.due <= now`.
[[nodiscard]] due_outcome take_tick(planned_reminder& reminder, wall_time now);

/// What becomes of a tick whose handler failed.
enum class failure_outcome { tried_again, given_up, given_up_and_over };

/// What a handler was run for.
struct tick_run {
  wall_time tick;   ///< when the tick was due that it got: what `take_tick` fired
  wall_time taken;  ///< when that was
};

/// Puts the tick that failed off, or gives it up and moves the reminder on behind what the run covered. The reminder is
/// as it was before `take_tick`. Without `may_give_up` it is put off, however often it has failed.
[[nodiscard]] failure_outcome note_failure(planned_reminder& reminder, const tick_run& run, wall_time now,
                                           bool may_give_up = true);

/// No tick is fired until `resume`.
void pause(planned_reminder& reminder);

/// Goes on with the first tick that is due from now on; one that is due only once, or waits to be tried again, is kept.
/// Returns whether anything is left of it.
[[nodiscard]] bool resume(planned_reminder& reminder, wall_time now);

}  // namespace troupe::internal
