#include <utility>

#include <gtest/gtest.h>

#include "troupe/schedule/schedule.hpp"
#include "unit/schedule/refusal.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;

std::string schedule_refusal(std::string_view text, std::string_view zone = "UTC") {
  return refusal([&] { return schedule::parse(text, zone); });
}

TEST(ScheduleText, AllFormsAreRead) {
  EXPECT_EQ(schedule::parse("1h30m"), schedule::every(90min));
  EXPECT_EQ(schedule::parse(" PT90M "), schedule::every(90min));
  EXPECT_EQ(schedule::parse("@every 1h30m"), schedule::every(90min));
  EXPECT_EQ(schedule::parse("R/PT90M", "Europe/Berlin"), schedule::every(90min));
  EXPECT_EQ(schedule::parse("P1M", "Europe/Berlin"), schedule::every(calendar_span{1, 0, 0ms}, "Europe/Berlin"));
  EXPECT_EQ(schedule::parse("0 9 * * MON-FRI"), schedule::cron("0 9 * * 1-5"));
  EXPECT_EQ(schedule::parse("0\t9 *  * mon-fri"), schedule::cron("0 9 ? * 1,2,3,4,5"));
  EXPECT_EQ(schedule::parse("0 9 * * FRI-SUN"), schedule::cron("0 9 * * 5-7"));
  EXPECT_EQ(schedule::parse("0 9 * * 5-0"), schedule::cron("0 9 * * 0,5,6"));
  EXPECT_EQ(schedule::parse("CRON_TZ=Europe/Berlin 0 9 * * *"), schedule::cron("0 9 * * *", "Europe/Berlin"));
  EXPECT_EQ(schedule::parse("TZ=Europe/Berlin @daily", "Asia/Tokyo"), schedule::cron("0 0 * * *", "Europe/Berlin"));
  for (const auto& [name, expression] :
       std::initializer_list<std::pair<const char*, const char*>>{{"@yearly", "0 0 1 1 *"},
                                                                  {"@annually", "0 0 1 1 *"},
                                                                  {"@monthly", "0 0 1 * *"},
                                                                  {"@weekly", "0 0 * * 7"},
                                                                  {"@daily", "0 0 * * *"},
                                                                  {"@midnight", "0 0 * * *"},
                                                                  {"@hourly", "0 * * * *"}}) {
    EXPECT_EQ(schedule::parse(name), schedule::cron(expression)) << name;
  }
}

TEST(ScheduleText, NumberOfTicksCountsTheFirst) {
  EXPECT_EQ(schedule::parse("R5/PT1H").repetitions(), 5U);
  EXPECT_EQ(schedule::parse("R1/P1D").repetitions(), 1U);
  EXPECT_EQ(schedule::parse("R/P1D").repetitions(), std::nullopt);
  EXPECT_EQ(schedule::parse("@daily").repetitions(), std::nullopt);
  EXPECT_FALSE(schedule::parse("R5/PT1H") == schedule::parse("R6/PT1H"));
}

TEST(ScheduleText, IsReadBackAsAnEqualSchedule) {
  for (const auto& [text, canonical] :
       std::initializer_list<std::pair<const char*, const char*>>{{"1h30m", "PT1H30M"},
                                                                  {"R5/60s", "R5/PT1M"},
                                                                  {"P1D", "P1D"},
                                                                  {"P2W", "P14D"},
                                                                  {"PT24H", "PT24H"},
                                                                  {"@weekly", "0 0 * * 0"},
                                                                  {"*/5  1 * * mon#1", "*/5 1 * * MON#1"},
                                                                  {"R3/P1Y2M", "R3/P1Y2M"}}) {
    const auto rule = schedule::parse(text, "Europe/Berlin");
    EXPECT_EQ(rule.text(), canonical);
    EXPECT_EQ(schedule::parse(rule.text(), rule.zone()), rule);
  }
  EXPECT_FALSE(schedule::parse("P1D") == schedule::parse("PT24H"));
  EXPECT_FALSE(schedule::parse("@daily") == schedule::parse("@daily", "Europe/Berlin"));
}

TEST(ScheduleText, CopyOutlivesTheOriginal) {
  auto rule = std::make_unique<schedule>(schedule::parse("@daily", "Europe/Berlin"));
  auto copy = *rule;
  rule.reset();
  EXPECT_EQ(copy.zone(), "Europe/Berlin");
  copy = schedule::every(1s);
  EXPECT_EQ(copy.text(), "PT1S");
  static_assert(sizeof(schedule) == 32);
}

TEST(ScheduleText, RefusalPointsAtTheCharacter) {
  EXPECT_EQ(schedule_refusal("0 25 * * *"),
            "schedule \"0 25 * * *\": the hour 25 is above 23, at character 3; hours are 0-23");
  EXPECT_EQ(schedule_refusal("0 22-6 * * *"),
            "schedule \"0 22-6 * * *\": the range 22-6 runs backwards, at character 3; write 22-23,0-6");
  EXPECT_EQ(schedule_refusal("0 0 30 2 *"),
            "schedule \"0 0 30 2 *\": no month that it names has such a day, so it never happens, at character 5; L is "
            "the last day of a month");
  for (const auto& [text, wrong] : std::initializer_list<std::pair<const char*, const char*>>{
           {"0 0 * * FRI-MON", "the range FRI-MON runs backwards, at character 9; write FRI-SUN,MON"},
           {"0 0 * NOV-FEB *", "write NOV-DEC,JAN-FEB"},
           {"0 0 0 * *", "the day of month 0 is below 1, at character 5; days of month are 1-31"},
           {"0 0 * 13 *", "the month 13 is above 12, at character 7; months are 1-12 or JAN-DEC"},
           {"0 0 * * 8", "the day of week 8 is above 7, at character 9"},
           {"0 0 * * FOO", "'FOO' is no day of week, at character 9; days of week are 0-7 or SUN-SAT"},
           {"0 0 MON * *", "'MON' is no day of month, at character 5"},
           {"*/90 * * * *",
            "the step 90 is longer than the field, whose minutes end at 59, at character 3; for longer periods"},
           {"*/0 * * * *", "a step of 0 goes nowhere, at character 3"},
           {"*/ * * * *", "a step is expected behind the '/', not a blank, at character 3"},
           {"1,, * * * *", "a minute is expected, not ',', at character 3"},
           {"1, * * * *", "a minute is expected, not a blank, at character 3"},
           {"1- * * * *", "a minute is expected, not a blank, at character 3"},
           {"5x * * * *", "'x' is not expected in a minute, at character 2"},
           {"0 0 * *", "a cron expression has 5 fields or 6, this has 4, at character 1"},
           {"0 0 0 1 1 * 2027", "this has 7, at character 1; years are not supported"},
           {"0 0 15W * *", "W, the nearest weekday, is not supported, at character 7"},
           {"0 0 LW * *", "W, the nearest weekday, is not supported, at character 6"},
           {"0 0 L-3 * *", "days before the last one are not supported, at character 6"},
           {"0 0 * * L", "L alone is no day of week, at character 9"},
           {"0 L * * *", "L is for days only, at character 3"},
           {"0 0 * * FRI#6", "a number from 1 to 5 is expected behind the '#', not '6', at character 13"},
           {"0 0 31 4,6,9,11 *", "it never happens"},
           {"0 0 * * 99999999999999999999", "is above 7, at character 9"},
           {"", "it is empty"},
           {"   ", "it is empty"},
           {"foo", "neither a duration, a cron expression nor a name begins like this, at character 1"},
           {"@dayly", "there is no such name, at character 1; there are @yearly"},
           {"@reboot", "@reboot is no time"},
           {"@every", "a blank and a duration are expected behind @every, at character 7"},
           {"@every 5x", "a unit is expected, not 'x', at character 9"},
           {"-5s", "a duration has no sign, at character 1"},
           {"99999999999999h", "longer than 1,000 years, at character 1"},
           {"P99999999Y", "longer than 1,000 years, at character 2"},
           {"0s", "the period is 0, at character 1; the shortest is 1 ms"},
           {"R0/PT1H", "the number of ticks is 0, at character 2"},
           {"R-1/PT1H", "the number of ticks is negative, at character 2"},
           {"R99999999999999999999/PT1H", "is above 1000000000, at character 2"},
           {"R5PT1H", "a '/' is expected, not 'P', at character 3"},
           {"R5/2026-01-01/PT1H", "a start or an end has no place here, at character 4"},
           {"R5/", "a duration is missing, at character 4"},
           {"TZ=Europe/Berln @daily", "unknown time zone \"Europe/Berln\"; near are Europe/Berlin, at character 4"},
           {"0 0 * * \xFF\n", "\\xff\\x0a"}}) {
    EXPECT_NE(schedule_refusal(text).find(wrong), std::string::npos) << text << " -> " << schedule_refusal(text);
  }
  EXPECT_EQ(schedule_refusal("1h", "Europe/Berln"), "unknown time zone \"Europe/Berln\"; near are Europe/Berlin");
  EXPECT_NE(schedule_refusal(std::string(2000, '*')).find("2000 bytes are too many; it may have 1024"),
            std::string::npos);
}

TEST(ScheduleText, PeriodOutOfRangeIsRefused) {
  EXPECT_EQ(refusal([] { return schedule::every(0ms); }), "the period of a schedule: it is 0; the shortest is 1 ms");
  EXPECT_NE(refusal([] { return schedule::every(-1ms); }).find("negative"), std::string::npos);
  EXPECT_NE(refusal([] { return schedule::every(duration_max + 1ms); }).find("longer than 1,000 years"),
            std::string::npos);
  EXPECT_NE(refusal([] { return schedule::every(calendar_span{1, -1, 0ms}); }).find("negative"), std::string::npos);
  EXPECT_NE(refusal([] {
              return schedule::every(calendar_span{1, 0, 0ms}, "Nowhere");
            }).find("unknown time zone"),
            std::string::npos);
}

}  // namespace
}  // namespace troupe
