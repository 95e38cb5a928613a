#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/negotiation_report.hpp"
#include "reports/rejects.hpp"
#include "reports/replay_report.hpp"
#include "reports/text.hpp"

namespace marketplace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> keys_of(const std::string& json_text) {
  std::vector<std::string> keys;
  const auto json = nlohmann::ordered_json::parse(json_text);
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  return keys;
}

replay_report some_replay() {
  replay_report report;
  sale_line sale;
  sale.customer = "17850";
  sale.stock_code = "85123A";
  sale.quantity = 6;
  sale.price_pence = 255;
  report.totals.add(sale);
  report.totals.add(rejected_row{3, "1 field instead of 8"});
  report.turns = 2;
  report.seconds = 0.5;
  return report;
}

TEST(ReplayReport, WritesTheAgreedFields) {
  const std::string text = to_json_text(some_replay());
  EXPECT_THAT(keys_of(text), ElementsAre("rows", "accepted", "rejected", "sales", "returns", "buyers", "sellers",
                                         "units", "revenue_pence", "turns", "seconds"));
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["rows"], 2);
  EXPECT_EQ(json["revenue_pence"], 1530);
  EXPECT_EQ(json["buyers"], 1);
}

TEST(ReplayReport, ReadsWell) {
  const std::string text = to_text(some_replay());
  EXPECT_THAT(text, HasSubstr("revenue         15.30 pounds\n"));
  EXPECT_THAT(text, HasSubstr("turns           2 in 0.5 s (4 per second)\n"));
}

TEST(ReplayReport, EscapesWhatATerminalWouldObey) {
  replay_report report;
  report.first_reject = "line 2: the quantity \"\x1b[2J\" is not an integer";
  EXPECT_THAT(to_text(report), HasSubstr("\\x1b[2J"));
}

TEST(NegotiationReport, TellsWhetherTheMarketIsConserved) {
  negotiation_report report;
  report.market.ended["settled"] = 3;
  report.market.rounds_over = 3;
  report.market.goods_entered = report.market.goods_held = 10;
  auto json = nlohmann::json::parse(to_json_text(report));
  EXPECT_EQ(json["conserved"], true);
  EXPECT_EQ(json["negotiations"], 3);
  EXPECT_EQ(json["ended"]["settled"], 3);
  EXPECT_EQ(json["ended"]["sold_out"], 0);
  report.market.goods_held = 9;
  json = nlohmann::json::parse(to_json_text(report));
  EXPECT_EQ(json["conserved"], false);
  EXPECT_THAT(to_text(report), HasSubstr("NOT CONSERVED"));
}

TEST(Printable, EscapesWhatIsNotPlainText) { EXPECT_EQ(printable("a b\\\xff\n"), "a b\\x5c\\xff\\x0a"); }

TEST(JsonText, KeepsTextAndTellsNoTwoAlike) {
  EXPECT_EQ(json_text("caf\xc3\xa9 \\"), "caf\xc3\xa9 \\");
  EXPECT_EQ(json_text("a\xff"), "a\\xff");
  EXPECT_EQ(json_text("a\\xff"), "a\\x5cxff");
}

TEST(TerminalLine, KeepsTextAndEscapesControl) {
  EXPECT_EQ(terminal_line("caf\xc3\xa9 \\"), "caf\xc3\xa9 \\");
  EXPECT_EQ(terminal_line("a\x1b[2J\x7f\xc2\x9b\xc2\xa0"), "a\\x1b[2J\\x7f\\xc2\\x9b\xc2\xa0");
  EXPECT_EQ(terminal_line("a\xff"), "a\\xff");
}

TEST(Rejects, AreCsv) {
  EXPECT_EQ(to_csv({111, "the price \"x\" is wrong"}), "111,\"the price \"\"x\"\" is wrong\"\r\n");
}

}  // namespace
}  // namespace marketplace
