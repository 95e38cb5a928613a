#include "reports/history_report.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/text.hpp"

namespace marketplace {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

history_report some_history() {
  history_report report;
  report.side = "seller";
  report.key = "85123A";
  report.held.units = 1006;
  report.held.pence = 256530;
  report.next = 4;
  const std::chrono::sys_time<std::chrono::milliseconds> booked{std::chrono::milliseconds(1'291'192'000'500)};
  report.entries = {{3, booked, {"536365/line-2", "17850", "2010-12-01 08:26:00", 1000, 255000}},
                    {2, booked, {"buyer-7/round-3", "buyer-7", "", -2, -510}}};
  return report;
}

TEST(HistoryReport, WritesTheAgreedFields) {
  const auto json = nlohmann::json::parse(to_json_text(some_history()));
  EXPECT_EQ(json["side"], "seller");
  EXPECT_EQ(json["key"], "85123A");
  EXPECT_EQ(json["units"], 1006);
  EXPECT_EQ(json["pence"], 256530);
  EXPECT_EQ(json["trades"], 3);
  EXPECT_EQ(json["units_before"], 0);
  EXPECT_EQ(json["older"], 1);
  ASSERT_EQ(json["entries"].size(), 2U);
  EXPECT_EQ(json["entries"][0], (nlohmann::json{{"number", 3},
                                                {"booked", "2010-12-01T08:26:40Z"},
                                                {"deal", "536365/line-2"},
                                                {"with", "17850"},
                                                {"date", "2010-12-01 08:26:00"},
                                                {"units", 1000},
                                                {"pence", 255000}}));
}

TEST(HistoryReport, ReadsWellAndSaysHowToGoOn) {
  const std::string text = to_text(some_history());
  EXPECT_THAT(text, HasSubstr("sold            1,006 units, 2,565.30 pounds\ntrades          3\n"));
  EXPECT_THAT(text,
              HasSubstr("       3      1,000 units       2,550.00 pounds  2010-12-01 08:26:00  17850  536365/line-2\n"
                        "       2         -2 units          -5.10 pounds  buyer-7  buyer-7/round-3\n"));
  EXPECT_THAT(text, HasSubstr("older ones: --from 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("before")));
}

TEST(HistoryReport, EndsWithTheOldestEntry) {
  history_report report = some_history();
  report.first = 2;
  EXPECT_EQ(report.older(), 0U);
  EXPECT_THAT(to_text(report), Not(HasSubstr("older")));
  EXPECT_EQ(nlohmann::json::parse(to_json_text(report))["older"], nullptr);
  report.entries.clear();
  EXPECT_EQ(report.older(), 0U);
}

TEST(HistoryReport, TellsWhatWasBookedBeforeIt) {
  history_report report = some_history();
  report.side = "buyer";
  report.held.has_whole_history = false;
  report.held.units_before = 8;
  report.held.pence_before = 2040;
  EXPECT_THAT(to_text(report), AllOf(HasSubstr("bought"), HasSubstr("before those    8 units, 20.40 pounds\n")));
}

TEST(HistoryReport, IsSafeToShow) {
  history_report report = some_history();
  report.key = "\xff\x1b[2J";
  report.entries[0].made.with = "a\x1b[2J";
  EXPECT_THAT(to_text(report), Not(HasSubstr("\x1b")));
  EXPECT_EQ(nlohmann::json::parse(to_json_text(report))["key"], "\\xff\\x1b[2J");
}

TEST(TimeText, IsIso8601) {
  EXPECT_EQ(time_text({}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(time_text(std::chrono::sys_time<std::chrono::milliseconds>{std::chrono::milliseconds(951'868'799'999)}),
            "2000-02-29T23:59:59Z");
}

}  // namespace
}  // namespace marketplace
