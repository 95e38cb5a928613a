#include "troupe/schedule/duration.hpp"

#include <utility>

#include <gtest/gtest.h>

#include "unit/schedule/refusal.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;

std::string duration_refusal(std::string_view text) {
  return refusal([&] { return parse_duration(text); });
}

TEST(Duration, IsReadInBothNotations) {
  for (const auto& [text, expected] :
       std::initializer_list<std::pair<const char*, std::chrono::milliseconds>>{{"1h30m", 90min},
                                                                                {"1.5s", 1500ms},
                                                                                {"250ms", 250ms},
                                                                                {"0", 0ms},
                                                                                {"0s", 0ms},
                                                                                {".5h", 30min},
                                                                                {"1.h", 1h},
                                                                                {"2h0.25s", 2h + 250ms},
                                                                                {"1000us", 1ms},
                                                                                {"1500000ns", -1ms},
                                                                                {"1000000ns", 1ms},
                                                                                {"999us1000ns", 1ms},
                                                                                {"1000\xC2\xB5s", 1ms},
                                                                                {"2000\xCE\xBCs", 2ms},
                                                                                {"0.0000000100h", -1ms},
                                                                                {"PT1H30M", 90min},
                                                                                {"PT0.25S", 250ms},
                                                                                {"PT0,5S", 500ms},
                                                                                {"PT1.5H", 90min},
                                                                                {"P1DT2H", 26h},
                                                                                {"P2W", 14 * 24h},
                                                                                {"P1W1D", 8 * 24h},
                                                                                {"PT36H", 36h},
                                                                                {"P0D", 0ms},
                                                                                {"PT0S", 0ms},
                                                                                {"0000001s", 1s},
                                                                                {"1m1m", 2min},
                                                                                {"8766000h", 8766000h - 1ms}}) {
    if (expected == -1ms) {
      EXPECT_NE(duration_refusal(text).find("finer than 1 ms"), std::string::npos) << text;
    } else if (expected == 8766000h - 1ms) {
      EXPECT_NE(duration_refusal(text).find("longer than 1,000 years"), std::string::npos) << text;
    } else {
      EXPECT_EQ(parse_duration(text), expected) << text;
    }
  }
}

TEST(Duration, MayHaveCalendarUnits) {
  EXPECT_EQ(parse_calendar_span("P1Y2M3DT4H5M6.789S"), (calendar_span{14, 3, 4h + 5min + 6789ms}));
  EXPECT_EQ(parse_calendar_span("P2W"), (calendar_span{0, 14, 0ms}));
  EXPECT_EQ(parse_calendar_span("1h30m"), (calendar_span{0, 0, 90min}));
  EXPECT_EQ(parse_calendar_span("P1000Y"), (calendar_span{12'000, 0, 0ms}));
}

TEST(Duration, IsWrittenSoThatItIsReadBack) {
  for (const auto& [span, text] :
       std::initializer_list<std::pair<calendar_span, const char*>>{{{}, "PT0S"},
                                                                    {{0, 0, 26h}, "PT26H"},
                                                                    {{0, 0, 250ms}, "PT0.25S"},
                                                                    {{0, 0, 61s + 1ms}, "PT1M1.001S"},
                                                                    {{14, 3, 4h + 5min + 6789ms}, "P1Y2M3DT4H5M6.789S"},
                                                                    {{12, 0, 0ms}, "P1Y"},
                                                                    {{0, 365'242, 0ms}, "P365242D"},
                                                                    {{0, 0, duration_max}, "PT8765820H"}}) {
    EXPECT_EQ(to_iso_duration(span), text);
    EXPECT_EQ(parse_calendar_span(text), span);
  }
  EXPECT_EQ(to_iso_duration(90min), "PT1H30M");
}

TEST(Duration, RefusalSaysWhatIsWrongAndWhere) {
  EXPECT_EQ(duration_refusal("-5s"), "duration \"-5s\": a duration has no sign, at character 1; it is 0 or more");
  EXPECT_EQ(duration_refusal("5x"),
            "duration \"5x\": a unit is expected, not 'x', at character 2; units are ns, us, ms, s, m and h");
  EXPECT_EQ(duration_refusal("99999999999999h"),
            "duration \"99999999999999h\": the duration is longer than 1,000 years, at character 1");
  EXPECT_EQ(duration_refusal("P1M"),
            "duration \"P1M\": years and months have no fixed length, at character 3; write days, or take a schedule "
            "with a time zone");
  EXPECT_EQ(refusal([] { return parse_calendar_span("P99999999Y"); }),
            "duration \"P99999999Y\": the duration is longer than 1,000 years, at character 2");
  for (const auto& [text, wrong] : std::initializer_list<std::pair<const char*, const char*>>{
           {"", "a duration is missing, at character 1"},
           {"h", "a number is expected, not 'h', at character 1"},
           {"5", "a unit is expected, not the end, at character 2"},
           {"5d", "'d' is no unit here, at character 2; write days as P1D"},
           {"1h-5m", "a number is expected, not '-', at character 3"},
           {"1\xC2\xB5s2x", "a unit is expected, not 'x', at character 5"},
           {".s", "a point without digits, at character 1"},
           {"P", "a number is expected behind the P, at character 2"},
           {"PT", "hours, minutes or seconds are expected behind the T, at character 3"},
           {"P1DT", "hours, minutes or seconds are expected behind the T, at character 5"},
           {"P1H", "a unit is expected, not 'H', at character 3; units before a T are Y, M, W and D"},
           {"PT1D", "a unit is expected, not 'D', at character 4; units behind the T are H, M and S"},
           {"PT1M1H", "the unit 'H' comes too late, at character 6"},
           {"P1D1D", "the unit 'D' comes too late, at character 5"},
           {"P-1D", "a duration has no sign"},
           {"PT1.5H30M", "only the last part may have decimals, at character 7"},
           {"P0.5D", "only hours, minutes and seconds may have decimals, at character 2; write PT12H"},
           {"PT0.0001S", "finer than 1 ms"},
           {"P1D\n", "at character 4"},
           {"\x01\"\xFF", "duration \"\\x01\\\"\\xff\": a number is expected, not '\\x01', at character 1"}}) {
    EXPECT_NE(duration_refusal(text).find(wrong), std::string::npos) << text << " -> " << duration_refusal(text);
  }
  EXPECT_NE(duration_refusal(std::string(10'000, '1')).find("10000 bytes are too many"), std::string::npos);
}

TEST(Duration, OutOfRangeIsNotWritten) {
  EXPECT_NE(refusal([] { return to_iso_duration(-1ms); }).find("negative"), std::string::npos);
  EXPECT_NE(refusal([] { return to_iso_duration(duration_max + 1ms); }).find("longer than 1,000 years"),
            std::string::npos);
  EXPECT_NE(refusal([] { return to_iso_duration(calendar_span{-1, 0, 1h}); }).find("negative"), std::string::npos);
  EXPECT_NE(refusal([] { return to_iso_duration(calendar_span{12'000, 1, 0h}); }).find("longer"), std::string::npos);
  EXPECT_NE(refusal([] { return to_iso_duration(std::chrono::milliseconds::max()); }).find("longer"),
            std::string::npos);
}

}  // namespace
}  // namespace troupe
