#include "troupe/schedule/time_text.hpp"

#include <utility>

#include <gtest/gtest.h>

#include "unit/schedule/refusal.hpp"

namespace troupe {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

std::string time_refusal(std::string_view text, std::string_view zone = "UTC") {
  return refusal([&] { return parse_time(text, zone); });
}

const wall_time christmas = sys_days(2026y / 12 / 24) + 17h;

TEST(TimeText, IsReadWithOffsetWithZoneOrWithNeither) {
  EXPECT_EQ(parse_time("2026-12-24T17:00:00Z"), christmas);
  EXPECT_EQ(parse_time("2026-12-24t17:00z"), christmas);
  EXPECT_EQ(parse_time("2026-12-24 17:00:00.250Z"), christmas + 250ms);
  EXPECT_EQ(parse_time("2026-12-24T18:00:00+01:00"), christmas);
  EXPECT_EQ(parse_time("2026-12-24T11:30:00.5-05:30"), christmas + 500ms);
  EXPECT_EQ(parse_time("2026-12-24T18:00[Europe/Berlin]"), christmas);
  EXPECT_EQ(parse_time("2026-12-24T18:00:00+01:00[!Europe/Berlin]"), christmas);
  EXPECT_EQ(parse_time("2026-12-24T17:00:00Z[Europe/Berlin]"), christmas);
  EXPECT_EQ(parse_time("2026-12-24T17:00:00-00:00[Europe/Berlin]"), christmas);
  EXPECT_EQ(parse_time("2026-12-24T18:00", "Europe/Berlin"), christmas);
  EXPECT_EQ(parse_time("2026-12-24T17:00Z", "Europe/Berlin"), christmas);
  EXPECT_EQ(parse_time("2026-12-24"), christmas - 17h);
  EXPECT_EQ(parse_time("2026-12-25[Asia/Kathmandu]"), sys_days(2026y / 12 / 24) + 18h + 15min);
}

TEST(TimeText, SkippedIsTheEndOfTheGapAndDoubledTheFirst) {
  EXPECT_EQ(format_time(parse_time("2026-03-29T02:30", "Europe/Berlin"), "Europe/Berlin"),
            "2026-03-29T03:00:00+02:00[Europe/Berlin]");
  EXPECT_EQ(format_time(parse_time("2026-10-25T02:30", "Europe/Berlin"), "Europe/Berlin"),
            "2026-10-25T02:30:00+02:00[Europe/Berlin]");
  EXPECT_EQ(parse_time("2026-10-25T02:30+01:00[Europe/Berlin]"), sys_days(2026y / 10 / 25) + 1h + 30min);
  EXPECT_EQ(format_time(parse_time("2011-12-30T12:00", "Pacific/Apia"), "Pacific/Apia"),
            "2011-12-31T00:00:00+14:00[Pacific/Apia]");
}

TEST(TimeText, IsWrittenSoThatItIsReadBack) {
  EXPECT_EQ(format_time(christmas), "2026-12-24T17:00:00Z");
  EXPECT_EQ(format_time(christmas + 25ms, "America/New_York"), "2026-12-24T12:00:00.025-05:00[America/New_York]");
  EXPECT_EQ(format_time(sys_days(1850y / 1 / 1), "Europe/Berlin"), "1850-01-01T00:00:00Z[Europe/Berlin]");
  for (auto zone : {"UTC", "Europe/Berlin", "Pacific/Kiritimati", "America/St_Johns"}) {
    for (wall_time time :
         {wall_time(sys_days(1y / 1 / 1)), wall_time(sys_days(9999y / 12 / 31)) + 24h - 1ms,
          wall_time(sys_days(2026y / 10 / 25)) + 30min, wall_time(sys_days(2026y / 10 / 25)) + 90min}) {
      EXPECT_EQ(parse_time(format_time(time, zone)), time) << format_time(time, zone);
    }
  }
}

TEST(TimeText, RefusalSaysWhatIsWrongAndWhere) {
  for (const auto& [text, wrong] : std::initializer_list<std::pair<const char*, const char*>>{
           {"", "the year must have 4 digits, at character 1"},
           {"2026-13-01", "the month 13 is not in 1 to 12, at character 6"},
           {"2026-02-30", "the month has no day 30, at character 9; its last is 28"},
           {"2026-1-1", "the month must have 2 digits, at character 7"},
           {"0000-01-01", "the year 0000 is not in 1 to 9999"},
           {"2026-12-24T24:00", "the hour 24 is not in 0 to 23, at character 12"},
           {"2026-12-24T23:60", "the minute 60 is not in 0 to 59, at character 15"},
           {"2016-12-31T23:59:60Z", "leap seconds are not counted, at character 18"},
           {"2026-12-24T18", "a ':' is expected behind the hour, not the end, at character 14"},
           {"2026-12-24T18:00:00.1234Z", "the time is finer than 1 ms, at character 21"},
           {"2026-12-24T18:00:00.Z", "digits are expected behind the point, not 'Z', at character 21"},
           {"2026-12-24T18:00+1", "the offset's hour must have 2 digits, at character 19"},
           {"2026-12-24T18:00+02:00[Europe/Berlin]", "Europe/Berlin has the offset +01:00 then, at character 17"},
           {"2026-12-24T18:00[Europe/Berln]",
            "unknown time zone \"Europe/Berln\"; near are Europe/Berlin, at character 18"},
           {"2026-12-24T18:00[u-ca=hebrew]", "only a time zone is understood in brackets, at character 18"},
           {"2026-12-24T18:00[UTC", "a ']' is missing, at character 21"},
           {"2026-12-24T18:00 tomorrow", "nothing is expected here, but there is ' ', at character 17"},
           {"0001-01-01T00:00+01:00", "outside the years 0001 to 9999"},
           {"tomorrow", "the year must have 4 digits, at character 1"}}) {
    EXPECT_NE(time_refusal(text).find(wrong), std::string::npos) << text << " -> " << time_refusal(text);
  }
  EXPECT_NE(refusal([] { return format_time(wall_time::max()); }).find("outside the years"), std::string::npos);
  EXPECT_NE(refusal([] { return format_time(wall_time{}, "Mars/Base"); }).find("unknown time zone"), std::string::npos);
}

}  // namespace
}  // namespace troupe
