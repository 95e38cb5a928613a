#include <algorithm>

#include "schedule/calendar_limits.hpp"
#include "schedule/calendar_rule.hpp"

namespace troupe::internal {
namespace {

using namespace std::chrono;

local_seconds local_of(sys_seconds time, seconds offset) { return local_seconds(time.time_since_epoch() + offset); }
sys_seconds moment_of(local_seconds time, seconds offset) { return sys_seconds(time.time_since_epoch() - offset); }

/// Whatever the clock shows counts, also twice: stretch by stretch of an unchanged offset, from `from` on.
std::optional<sys_seconds> next_shown(const cron_fields& fields, const zone& place, sys_seconds from) {
  const auto end = floor<seconds>(time_max);
  std::optional<local_seconds> fit;
  local_seconds looked_from{};
  while (from <= end) {
    const auto span = place.at(from);
    const auto shown = local_of(from, span.offset);
    // What was found holds as long as the clock is between where the search began and there.
    if (!fit || shown < looked_from || shown > *fit) {
      fit = fields.next(shown);
      looked_from = shown;
      if (!fit) return std::nullopt;
    }
    const auto moment = moment_of(*fit, span.offset);
    if (moment < span.end) return moment;
    from = span.end;
  }
  return std::nullopt;
}

std::optional<sys_seconds> last_shown(const cron_fields& fields, const zone& place, sys_seconds at) {
  std::optional<local_seconds> fit;
  local_seconds looked_from{};
  while (at >= floor<seconds>(time_min)) {
    const auto span = place.at(at);
    const auto shown = local_of(at, span.offset);
    if (!fit || shown > looked_from || shown < *fit) {
      fit = fields.last(shown);
      looked_from = shown;
      if (!fit) return std::nullopt;
    }
    const auto moment = moment_of(*fit, span.offset);
    if (moment >= span.begin) return moment;
    at = span.begin - seconds(1);
  }
  return std::nullopt;
}

/// Each local time that fits is one tick: a skipped one at the end of its gap, a doubled one when it is shown first.
std::optional<wall_time> next_fixed(const cron_fields& fields, const zone& place, wall_time after) {
  // Local times up to the one that is shown are no later than it: they came before, or fell into a gap before.
  auto from = floor<seconds>(place.to_local(after)) + seconds(1);
  while (const auto fit = fields.next(from)) {
    const auto found = place.find(*fit);
    if (found.at > after) return found.at;
    // It is being shown for the second time: all of that stretch is past.
    from = found.is == local_place::kind::once ? *fit + seconds(1)
                                               : std::max(*fit + seconds(1), ceil<seconds>(found.behind));
  }
  return std::nullopt;
}

std::optional<wall_time> last_fixed(const cron_fields& fields, const zone& place, wall_time at) {
  auto to = floor<seconds>(place.to_local(at));
  // What is shown for the second time was all shown before.
  if (const auto now = place.find(place.to_local(at)); now.is == local_place::kind::twice && now.at < at) {
    to = ceil<seconds>(now.behind) - seconds(1);
  }
  const auto fit = fields.last(to);
  return fit ? std::optional(place.find(*fit).at) : std::nullopt;
}

}  // namespace

std::optional<wall_time> cron_rule::next(const zone& place, wall_time after) const noexcept {
  after = std::clamp(after, time_min - milliseconds(1), time_max);
  const auto tick = fields.every_hour()
                        ? std::optional<wall_time>(next_shown(fields, place, floor<seconds>(after) + seconds(1)))
                        : next_fixed(fields, place, after);
  return tick && *tick <= time_max ? tick : std::nullopt;
}

std::optional<wall_time> cron_rule::last(const zone& place, wall_time from, wall_time at) const noexcept {
  at = std::clamp(at, time_min - milliseconds(1), time_max);
  const auto tick = fields.every_hour() ? std::optional<wall_time>(last_shown(fields, place, floor<seconds>(at)))
                                        : last_fixed(fields, place, at);
  return tick && *tick > from && *tick >= time_min ? tick : std::nullopt;
}

}  // namespace troupe::internal
