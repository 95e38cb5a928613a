#include "schedule/zone.hpp"

#include <algorithm>

namespace troupe::internal {
namespace {

using std::chrono::sys_seconds;

// Beyond all years that a schedule knows, and far from overflow.
constexpr sys_seconds far_past{-std::chrono::seconds(std::int64_t{1} << 40)};
constexpr sys_seconds far_future{std::chrono::seconds(std::int64_t{1} << 40)};

// No two local times of one moment are further apart.
constexpr std::chrono::hours offset_max{27};

}  // namespace

offset_span zone::at(sys_seconds time) const noexcept {
  const auto& changes = table_.changes;
  const auto next =
      std::upper_bound(changes.begin(), changes.end(), time, [](auto t, const auto& change) { return t < change.at; });
  offset_span span{far_past, next == changes.end() ? far_future : next->at, table_.before};
  if (next != changes.begin()) {
    span.begin = std::prev(next)->at;
    span.offset = std::prev(next)->offset;
  }
  return next == changes.end() && table_.after ? at_later(time, span) : span;
}

offset_span zone::at_later(sys_seconds time, offset_span from) const noexcept {
  using namespace std::chrono;
  const auto year = year_month_day(floor<days>(time)).year();
  // A change may lie in the year before or behind that of its rule. Of two at one moment the one to daylight counts.
  std::array<offset_change, 6> changes{};
  auto target = changes.begin();
  for (int i = -1; i <= 1; ++i) target = std::ranges::copy(table_.after->in(year + years(i)), target).out;
  std::stable_sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto& change = changes[i];
    const bool overruled =
        (i + 1 < changes.size() && changes[i + 1].at == change.at && change.offset == table_.after->standard) ||
        (i > 0 && changes[i - 1].at == change.at && change.offset == table_.after->standard);
    if (change.at <= from.begin || overruled || change.offset == from.offset) continue;
    if (change.at > time) {
      from.end = change.at;
      return from;
    }
    from.begin = change.at;
    from.offset = change.offset;
  }
  from.end = changes.back().at > time ? changes.back().at : sys_seconds(sys_days((year + years(1)) / 12 / 31));
  return from;
}

local_ms zone::to_local(wall_time time) const noexcept {
  return local_ms(time.time_since_epoch() + at(std::chrono::floor<std::chrono::seconds>(time)).offset);
}

local_place zone::find(local_ms time) const noexcept {
  const auto as_utc = wall_time(time.time_since_epoch());
  auto span = at(std::chrono::floor<std::chrono::seconds>(as_utc - offset_max));
  if (span.end > as_utc + offset_max) return {local_place::kind::once, as_utc - span.offset, {}};
  while (true) {
    const auto moment = as_utc - span.offset;
    const auto next = at(span.end);
    const auto shown_until = local_ms(span.end.time_since_epoch() + span.offset);
    const auto goes_on_at = local_ms(span.end.time_since_epoch() + next.offset);
    if (moment < span.end) {
      // Shown here for the first time: before this span the clock showed less, or went over it.
      const bool again = time >= goes_on_at;
      return {again ? local_place::kind::twice : local_place::kind::once, moment, again ? shown_until : local_ms{}};
    }
    if (time < goes_on_at) return {local_place::kind::skipped, span.end, goes_on_at};
    span = next;
  }
}

}  // namespace troupe::internal
