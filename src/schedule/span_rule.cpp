#include <algorithm>
#include <cstdint>

#include "schedule/calendar_limits.hpp"
#include "schedule/calendar_rule.hpp"

namespace troupe::internal {
namespace {

using namespace std::chrono;

/// The ticks of one anchor, by their number.
class span_ticks {
 public:
  span_ticks(const calendar_span& span, const zone& place, wall_time anchor)
      : span_(span), place_(place), anchor_(anchor), local_(place.to_local(anchor)) {}

  /// Tick `n`; nullopt: it is later than the year 9999. Ticks never go back; two may be one moment at the end of a gap.
  [[nodiscard]] std::optional<wall_time> at(std::int64_t n) const {
    if (n == 0) return anchor_;
    if (n > (time_max - anchor_) / shortest()) return std::nullopt;
    const auto day = floor<days>(local_);
    const year_month_day date(day);
    auto moved = year_month(date.year(), date.month()) + months(static_cast<int>(n * span_.months));
    const auto length = (moved / std::chrono::last).day();
    const local_days target = local_days(moved / std::min(date.day(), length)) + days(n * span_.days);
    const auto tick = place_.find(target + (local_ - day)).at + n * span_.time;
    return tick <= time_max ? std::optional(tick) : std::nullopt;
  }

  /// A number whose tick is not later than `time`, and not far from it. Requires: `time` is not before the anchor.
  [[nodiscard]] std::int64_t near(wall_time time) const {
    // By the calendar no tick strays further from the mean than this, nor does a zone's clock.
    const auto guess = (time - anchor_ - days(10)) / mean();
    return std::max<std::int64_t>(guess, 0);
  }

 private:
  /// No span is shorter, but for the changes of a zone, which do not add up.
  [[nodiscard]] milliseconds shortest() const { return std::max<milliseconds>(mean() * 9 / 10, hours(12)); }
  [[nodiscard]] milliseconds mean() const { return months(span_.months) + days(span_.days) + span_.time; }

  const calendar_span& span_;
  const zone& place_;
  wall_time anchor_;
  local_ms local_;
};

}  // namespace

std::optional<wall_time> span_rule::next(const zone& place, wall_time anchor, wall_time after) const noexcept {
  const span_ticks ticks(span, place, anchor);
  for (auto n = ticks.near(after);; ++n) {
    const auto tick = ticks.at(n);
    if (!tick || *tick > after) return tick;
  }
}

std::optional<wall_time> span_rule::last(const zone& place, wall_time anchor, wall_time from,
                                         wall_time at) const noexcept {
  const span_ticks ticks(span, place, anchor);
  std::optional<wall_time> found;
  for (auto n = ticks.near(at);; ++n) {
    const auto tick = ticks.at(n);
    if (!tick || *tick > at) break;
    found = tick;
  }
  return found && *found > from ? found : std::nullopt;
}

}  // namespace troupe::internal
