#include "troupe/schedule/schedule.hpp"

#include <algorithm>

#include "schedule/calendar_limits.hpp"
#include "schedule/calendar_rule.hpp"
#include "schedule/duration_text.hpp"
#include "schedule/schedule_text.hpp"
#include "schedule/zone_shelf.hpp"
#include "troupe/base/error.hpp"

namespace troupe {
namespace {

using internal::time_max;
using internal::time_min;
using std::chrono::milliseconds;

[[noreturn]] void refuse_period(const std::string& wrong) {
  throw error(errc::invalid_argument, "the period of a schedule: " + wrong);
}

/// How many ticks of an even period lie behind the anchor up to `time`, which is not before it.
std::uint64_t ticks_behind(wall_time anchor, milliseconds period, wall_time time) {
  return static_cast<std::uint64_t>((time - anchor) / period);
}

}  // namespace

schedule::schedule(milliseconds period, std::uint64_t repetitions,
                   std::shared_ptr<const internal::calendar_rule> rule) noexcept
    : period_(period), repetitions_(repetitions), rule_(std::move(rule)) {}

schedule schedule::every(milliseconds period) { return every(calendar_span{0, 0, period}); }

schedule schedule::every(const calendar_span& span, std::string_view zone) {
  if (auto fault = internal::span_fault(span); !fault.empty()) refuse_period(fault);
  if (span == calendar_span{}) refuse_period("it is 0; the shortest is 1 ms");
  auto place = internal::find_zone(zone);
  if (span.months == 0 && span.days == 0) return schedule(span.time, 0, nullptr);
  const bool even = span.months == 0 && place->is_fixed();
  const auto period = even ? std::chrono::days(span.days) + span.time : milliseconds(0);
  return schedule(period, 0,
                  std::make_shared<const internal::calendar_rule>(
                      internal::calendar_rule{std::move(place), internal::span_rule{span}}));
}

schedule schedule::cron(std::string_view expression, std::string_view zone) {
  internal::text_reader reader("cron expression", expression, schedule_text_bytes_max);
  const auto fields = internal::read_cron(reader);
  return schedule(milliseconds(0), 0,
                  std::make_shared<const internal::calendar_rule>(internal::calendar_rule{
                      internal::find_zone(zone), internal::cron_rule{fields, internal::tidy_cron(expression)}}));
}

schedule schedule::parse(std::string_view text, std::string_view zone) {
  const auto read = internal::read_schedule(text, zone);
  auto result = read.cron.empty() ? every(read.span, read.zone) : cron(read.cron, read.zone);
  result.repetitions_ = read.repetitions;
  return result;
}

std::optional<std::uint64_t> schedule::repetitions() const noexcept {
  return repetitions_ == 0 ? std::nullopt : std::optional(repetitions_);
}

std::optional<wall_time> schedule::first(wall_time now) const {
  now = std::max(now, time_min);
  return next(now, now);
}

std::optional<wall_time> schedule::next(wall_time anchor, wall_time after) const {
  anchor = std::clamp(anchor, time_min, time_max);
  if (after < anchor) return anchor;
  if (after >= time_max) return std::nullopt;
  if (period_ != milliseconds(0)) {
    // No overflow: neither term is more than 10,000 years.
    const auto behind = (after - anchor) % period_;
    return period_ - behind > time_max - after ? std::nullopt : std::optional(after - behind + period_);
  }
  if (const auto* cron = std::get_if<internal::cron_rule>(&rule_->rule)) return cron->next(*rule_->place, after);
  return std::get<internal::span_rule>(rule_->rule).next(*rule_->place, anchor, after);
}

std::optional<wall_time> schedule::last(wall_time anchor, wall_time from, wall_time at) const {
  anchor = std::clamp(anchor, time_min, time_max);
  at = std::min(at, time_max);
  if (at < anchor || at <= from) return std::nullopt;
  auto tick = std::optional(anchor);
  if (period_ != milliseconds(0)) {
    tick = at - (at - anchor) % period_;
  } else if (const auto* cron = std::get_if<internal::cron_rule>(&rule_->rule)) {
    if (const auto later = cron->last(*rule_->place, anchor, at)) tick = later;
  } else {
    if (const auto later = std::get<internal::span_rule>(rule_->rule).last(*rule_->place, anchor, anchor, at))
      tick = later;
  }
  return *tick > from ? tick : std::nullopt;
}

std::uint64_t schedule::count(wall_time anchor, wall_time from, wall_time to, std::uint64_t limit) const {
  anchor = std::clamp(anchor, time_min, time_max);
  to = std::min(to, time_max);
  if (to < anchor || to <= from) return 0;
  if (period_ != milliseconds(0)) {
    const auto all = ticks_behind(anchor, period_, to) + 1;
    const auto before = from < anchor ? 0 : ticks_behind(anchor, period_, from) + 1;
    return std::min(all - before, limit);
  }
  std::uint64_t counted = 0;
  for (auto tick = next(anchor, from); tick && *tick <= to && counted < limit; tick = next(anchor, *tick)) ++counted;
  return counted;
}

std::string schedule::text() const {
  const auto* cron = rule_ ? std::get_if<internal::cron_rule>(&rule_->rule) : nullptr;
  if (cron) return cron->text;
  const auto span = rule_ ? std::get<internal::span_rule>(rule_->rule).span : calendar_span{0, 0, period_};
  return (repetitions_ == 0 ? "" : 'R' + std::to_string(repetitions_) + '/') + to_iso_duration(span);
}

std::string_view schedule::zone() const noexcept { return rule_ ? std::string_view(rule_->place->name()) : "UTC"; }

std::optional<milliseconds> schedule::period() const noexcept {
  return period_ == milliseconds(0) ? std::nullopt : std::optional(period_);
}

bool operator==(const schedule& a, const schedule& b) {
  if (a.period_ != b.period_ || a.repetitions_ != b.repetitions_ || a.zone() != b.zone()) return false;
  if (!a.rule_ || !b.rule_) return a.rule_ == b.rule_;
  return a.rule_->rule == b.rule_->rule;
}

}  // namespace troupe
