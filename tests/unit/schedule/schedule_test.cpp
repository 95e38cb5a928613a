#include "troupe/schedule/schedule.hpp"

#include <gtest/gtest.h>

#include "troupe/schedule/time_text.hpp"
#include "unit/schedule/refusal.hpp"

namespace troupe {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

/// The first ticks later than `after`, in the zone's local time; `after` is the anchor.
std::vector<std::string> ticks(const schedule& rule, std::string_view after, std::size_t number) {
  std::vector<std::string> found;
  const auto anchor = parse_time(after, rule.zone());
  for (auto tick = rule.next(anchor, anchor); tick && found.size() < number; tick = rule.next(anchor, *tick)) {
    const auto text = format_time(*tick, rule.zone());
    found.push_back(text.substr(0, text.find('[')));
  }
  return found;
}

using texts = std::vector<std::string>;

TEST(Schedule, PeriodCountsFromItsAnchor) {
  const auto rule = schedule::every(90min);
  const wall_time anchor = sys_days(2026y / 1 / 1) + 250ms;
  EXPECT_EQ(rule.next(anchor, anchor - 1h), anchor);
  EXPECT_EQ(rule.next(anchor, anchor), anchor + 90min);
  EXPECT_EQ(rule.next(anchor, anchor + 90min - 1ms), anchor + 90min);
  EXPECT_EQ(rule.next(anchor, anchor + 24h * 365'000), anchor + 24h * 365'000 + 90min);
  EXPECT_EQ(rule.last(anchor, anchor, anchor + 100min), anchor + 90min);
  EXPECT_EQ(rule.last(anchor, anchor - 1ms, anchor + 80min), anchor);
  EXPECT_EQ(rule.last(anchor, anchor, anchor + 80min), std::nullopt);
  EXPECT_EQ(rule.last(anchor, anchor - 2h, anchor - 1h), std::nullopt);
  EXPECT_EQ(rule.count(anchor, anchor - 1ms, anchor + 180min, 100), 3U);
  EXPECT_EQ(rule.count(anchor, anchor, anchor + 180min, 100), 2U);
  EXPECT_EQ(rule.count(anchor, anchor, anchor + 24h * 365'000, UINT64_MAX), 5'840'000U);
  EXPECT_EQ(rule.count(anchor, anchor, anchor + 24h * 365'000, 7), 7U);
  EXPECT_EQ(rule.first(anchor), anchor + 90min);
  EXPECT_EQ(rule.period(), 90min);
  EXPECT_EQ(rule.zone(), "UTC");
}

TEST(Schedule, EndsWithTheYear9999AndTakesAnyTime) {
  const wall_time end = sys_days(9999y / 12 / 31) + 24h - 1ms;
  for (const auto& rule :
       {schedule::every(1ms), schedule::every(duration_max), schedule::every(calendar_span{1, 0, 0ms}, "Europe/Berlin"),
        schedule::cron("* * * * *", "Europe/Berlin"), schedule::cron("0 2 29 2 *", "Europe/Berlin"),
        schedule::cron("* * * * * *")}) {
    for (auto anchor : {wall_time::min(), wall_time{}, wall_time(sys_days(2026y / 1 / 1)), end, wall_time::max()}) {
      for (auto time :
           {wall_time::min(), wall_time(sys_days(-5y / 1 / 1)), wall_time{}, end - 1ms, end, wall_time::max()}) {
        const auto next = rule.next(anchor, time);
        EXPECT_TRUE(!next || (*next > time && *next <= end));
        const auto last = rule.last(anchor, wall_time::min(), time);
        EXPECT_TRUE(!last || *last <= time);
        EXPECT_LE(rule.count(anchor, time, wall_time::max(), 3), 3U);
        EXPECT_EQ(rule.count(anchor, wall_time::max(), time, 3), 0U);
      }
      EXPECT_EQ(rule.next(anchor, end), std::nullopt);
    }
  }
}

TEST(Schedule, SpanKeepsToMonthEnds) {
  EXPECT_EQ(ticks(schedule::parse("P1M"), "2026-01-31T12:00", 4),
            (texts{"2026-02-28T12:00:00Z", "2026-03-31T12:00:00Z", "2026-04-30T12:00:00Z", "2026-05-31T12:00:00Z"}));
  EXPECT_EQ(ticks(schedule::parse("P1Y"), "2096-02-29", 5),
            (texts{"2097-02-28T00:00:00Z", "2098-02-28T00:00:00Z", "2099-02-28T00:00:00Z", "2100-02-28T00:00:00Z",
                   "2101-02-28T00:00:00Z"}));
}

TEST(Schedule, SpanOfDaysKeepsTheLocalTimeAndHoursDoNot) {
  const auto daily = schedule::every(calendar_span{0, 1, 0ms}, "Europe/Berlin");
  EXPECT_EQ(ticks(daily, "2026-03-27T02:30", 3),
            (texts{"2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"}));
  EXPECT_EQ(daily.period(), std::nullopt);
  EXPECT_EQ(schedule::parse("PT24H", "Europe/Berlin").period(), 24h);
  EXPECT_EQ(schedule::parse("P1D").period(), 24h);
  EXPECT_EQ(ticks(schedule::parse("P1D", "Pacific/Apia"), "2011-12-28T10:00", 3),
            (texts{"2011-12-29T10:00:00-10:00", "2011-12-31T00:00:00+14:00", "2011-12-31T10:00:00+14:00"}));
}

TEST(Schedule, SkippedTimeIsTheEndOfTheGapAndSeveralAreOneTick) {
  EXPECT_EQ(ticks(schedule::cron("*/15 2 * * *", "Europe/Berlin"), "2026-03-28T02:45", 2),
            (texts{"2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"}));
  EXPECT_EQ(ticks(schedule::cron("0 2,3 * * *", "Europe/Berlin"), "2026-03-28T12:00", 2),
            (texts{"2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"}));
  EXPECT_EQ(ticks(schedule::cron("0 0 * * *", "America/Sao_Paulo"), "2018-11-03T12:00", 2),
            (texts{"2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"}));
  EXPECT_EQ(ticks(schedule::cron("0 6 30 12 *", "Pacific/Apia"), "2011-12-01", 1),
            (texts{"2011-12-31T00:00:00+14:00"}));
}

TEST(Schedule, DoubledTimeIsTheFirst) {
  const auto rule = schedule::cron("30 2 * * *", "Europe/Berlin");
  EXPECT_EQ(ticks(rule, "2026-10-24T12:00", 2), (texts{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}));
  EXPECT_EQ(ticks(rule, "2026-10-25T02:10+01:00[Europe/Berlin]", 1), (texts{"2026-10-26T02:30:00+01:00"}));
  const auto second_pass = parse_time("2026-10-25T02:10+01:00[Europe/Berlin]");
  EXPECT_EQ(rule.last(wall_time{}, wall_time{}, second_pass), parse_time("2026-10-25T02:30+02:00"));
}

TEST(Schedule, EveryHourGoesByWhatTheClockShows) {
  EXPECT_EQ(ticks(schedule::cron("30 * * * *", "Europe/Berlin"), "2026-03-29T01:00", 2),
            (texts{"2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00"}));
  EXPECT_EQ(ticks(schedule::cron("30 0-23 * * *", "Europe/Berlin"), "2026-10-25T02:00", 3),
            (texts{"2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-25T03:30:00+01:00"}));
  EXPECT_EQ(ticks(schedule::cron("*/15 * * * *", "Australia/Lord_Howe"), "2026-10-04T01:30", 3),
            (texts{"2026-10-04T01:45:00+10:30", "2026-10-04T02:30:00+11:00", "2026-10-04T02:45:00+11:00"}));
}

TEST(Schedule, RestrictedDaysAreEither) {
  EXPECT_EQ(ticks(schedule::cron("0 0 13 * FRI"), "2026-11-01", 4),
            (texts{"2026-11-06T00:00:00Z", "2026-11-13T00:00:00Z", "2026-11-20T00:00:00Z", "2026-11-27T00:00:00Z"}));
  EXPECT_EQ(ticks(schedule::cron("0 0 */10 * MON"), "2026-11-20T12:00", 3),
            (texts{"2026-11-21T00:00:00Z", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"}));
  EXPECT_EQ(ticks(schedule::cron("0 0 ? * MON"), "2026-11-20T12:00", 1), (texts{"2026-11-23T00:00:00Z"}));
}

TEST(Schedule, CronKnowsLastDaysAndNumberedWeekdays) {
  EXPECT_EQ(ticks(schedule::cron("0 0 L 2 *"), "2099-01-01", 2),
            (texts{"2099-02-28T00:00:00Z", "2100-02-28T00:00:00Z"}));
  EXPECT_EQ(ticks(schedule::cron("0 0 L * *"), "2026-03-01", 2),
            (texts{"2026-03-31T00:00:00Z", "2026-04-30T00:00:00Z"}));
  EXPECT_EQ(ticks(schedule::cron("0 0 29 2 *"), "2096-03-01", 1), (texts{"2104-02-29T00:00:00Z"}));
  EXPECT_EQ(ticks(schedule::cron("0 0 * 11 FRI#4"), "2026-01-01", 1), (texts{"2026-11-27T00:00:00Z"}));
  EXPECT_EQ(ticks(schedule::cron("0 0 * 11 fril"), "2026-01-01", 1), (texts{"2026-11-27T00:00:00Z"}));
  EXPECT_EQ(ticks(schedule::cron("0 0 * * 0L"), "2026-11-23", 1), (texts{"2026-11-29T00:00:00Z"}));
}

TEST(Schedule, SecondsAreFirstOfSixFields) {
  EXPECT_EQ(ticks(schedule::cron("*/20 59 23 31 12 ?"), "2026-11-23", 4),
            (texts{"2026-12-31T23:59:00Z", "2026-12-31T23:59:20Z", "2026-12-31T23:59:40Z", "2027-12-31T23:59:00Z"}));
  EXPECT_EQ(schedule::cron("0 5 4 * * *"), schedule::cron("5 4 * * *"));
}

TEST(Schedule, FirstTickOfCronIsAfterNowWhateverTheAnchor) {
  const auto now = parse_time("2026-11-23T12:00:00.500Z");
  EXPECT_EQ(schedule::cron("0 12 * * *").first(now), parse_time("2026-11-24T12:00Z"));
  EXPECT_EQ(schedule::parse("P1M").first(now), parse_time("2026-12-23T12:00:00.500Z"));
  EXPECT_EQ(schedule::cron("0 12 * * *").first(wall_time::min()), parse_time("0001-01-01T12:00Z"));
  // A first tick that somebody gave need not fit the expression.
  const auto rule = schedule::cron("0 12 * * *");
  EXPECT_EQ(rule.next(now, now - 1h), now);
  EXPECT_EQ(rule.last(now, now - 1h, now + 1h), now);
  EXPECT_EQ(rule.count(now, now - 1h, now + 24h, 9), 2U);
}

}  // namespace
}  // namespace troupe
