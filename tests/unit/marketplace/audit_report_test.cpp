#include "reports/audit_report.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace marketplace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> keys_of(const std::string& json_text) {
  std::vector<std::string> keys;
  const auto json = nlohmann::ordered_json::parse(json_text);
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  return keys;
}

trade sale_of(const std::string& deal, const std::string& with, std::int64_t units, std::int64_t pence) {
  return {deal, with, "2010-12-01 08:26:00", units, pence};
}

account account_with(std::int64_t units, std::int64_t pence) {
  account held;
  held.book(units, pence);
  return held;
}

/// Buyer 17850 has bought twice of seller 85123A.
class AuditOfHistories : public testing::Test {
 protected:
  void buyer_has(const trade& made) { bought_.add(made, "17850", made.with); }
  void seller_has(const trade& made) { sold_.add(made, made.with, "85123A"); }
  audit_report report() {
    audit_report made;
    made.add_buyer("17850", buyer_, bought_);
    made.add_seller("85123A", seller_, sold_);
    return made;
  }

  account buyer_ = account_with(6, 1530);
  account seller_ = account_with(6, 1530);

 private:
  history_sum bought_;
  history_sum sold_;
};

TEST(AuditReport, WritesTheAgreedFields) {
  audit_report report;
  report.by_buyer["17850"] = {6, 1530, 2};
  report.by_seller["85123A"] = {4, 1020, 1};
  report.by_seller["71053"] = {2, 510, 1};
  const std::string text = to_json_text(report);
  EXPECT_THAT(keys_of(text), ElementsAre("buyers", "sellers", "units", "revenue_pence", "trades", "histories_agree",
                                         "by_buyer", "by_seller"));
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["buyers"], 1);
  EXPECT_EQ(json["sellers"], 2);
  EXPECT_EQ(json["units"], 6);
  EXPECT_EQ(json["revenue_pence"], 1530);
  EXPECT_EQ(json["trades"], 2);
  EXPECT_EQ(json["histories_agree"], true);
  EXPECT_EQ(json["by_seller"]["71053"], (nlohmann::json{{"units", 2}, {"pence", 510}, {"trades", 1}}));
  EXPECT_TRUE(report.balances());
}

TEST(AuditReport, ShowsThatBuyersAndSellersDiffer) {
  audit_report report;
  report.by_buyer["17850"] = {6, 1530};
  EXPECT_FALSE(report.balances());
  report.by_seller["85123A"] = {4, 1600};
  const std::string text = to_text(report);
  EXPECT_THAT(text, HasSubstr("DO NOT AGREE"));
  EXPECT_THAT(text, HasSubstr("sold - bought   -2 units, 0.70 pounds"));
  EXPECT_THAT(text, HasSubstr("was cut off"));
}

TEST(AuditReport, SurvivesKeysThatAreNotText) {
  audit_report report;
  for (const char* key : {"\xff", "\xfe", "\\xff", "\\x5cxff", "\xc3\xa9\x1b[2J"}) report.by_buyer[key] = {1, 1};
  EXPECT_THAT(keys_of(nlohmann::json::parse(to_json_text(report))["by_buyer"].dump()),
              testing::UnorderedElementsAre("\\xff", "\\xfe", "\\x5cxff", "\\x5cx5cxff", "\xc3\xa9\x1b[2J"));
  report.wrong_histories = {"buyer/\xff\x1b[2J"};
  const std::string text = to_text(report);
  EXPECT_THAT(text, HasSubstr("  \\xfe"));
  EXPECT_THAT(text, HasSubstr("buyer/\\xff\\x1b"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST_F(AuditOfHistories, AgreesInWhateverOrderTheTradesWereBooked) {
  buyer_has(sale_of("1/line-2", "85123A", 4, 1020));
  buyer_has(sale_of("1/line-3", "85123A", 2, 510));
  seller_has(sale_of("1/line-3", "17850", 2, 510));
  seller_has(sale_of("1/line-2", "17850", 4, 1020));
  EXPECT_TRUE(report().histories_agree());
  EXPECT_EQ(report().by_seller.at("85123A").trades, 2);
  EXPECT_THAT(to_text(report()), HasSubstr("trades          2\n"));
  EXPECT_THAT(to_text(report()), HasSubstr("histories and accounts agree\n"));
}

TEST_F(AuditOfHistories, NamesTheActorWhoseTradeIsMissing) {
  buyer_has(sale_of("1/line-2", "85123A", 6, 1530));
  seller_has(sale_of("1/line-2", "17850", 4, 1530));
  EXPECT_FALSE(report().histories_agree());
  EXPECT_THAT(to_text(report()), HasSubstr("the history of seller/85123A does not add up to its account\n"));
  EXPECT_THAT(to_text(report()), Not(HasSubstr("buyer/17850")));
}

TEST_F(AuditOfHistories, NoticesATradeThatIsThereTwice) {
  buyer_has(sale_of("1/line-2", "85123A", 6, 1530));
  for (int i = 0; i < 2; ++i) seller_has(sale_of("1/line-2", "17850", 6, 1530));
  EXPECT_THAT(report().wrong_histories, ElementsAre("seller/85123A"));
}

TEST_F(AuditOfHistories, NoticesThatTheSidesTellOfDifferentTrades) {
  buyer_has(sale_of("1/line-2", "85123A", 6, 1530));
  seller_has(sale_of("1/line-9", "17850", 6, 1530));
  EXPECT_FALSE(report().histories_agree());
  EXPECT_TRUE(report().wrong_histories.empty());
  EXPECT_THAT(to_text(report()), HasSubstr("buyers and sellers tell of different trades"));
}

TEST_F(AuditOfHistories, CountsOnlyWhatWasBookedSinceThereAreHistories) {
  seller_ = with_history_from_now_on({{"units", 4}, {"pence", 1020}}).get<account>();
  seller_.book(2, 510);
  buyer_has(sale_of("1/line-2", "85123A", 4, 1020));
  buyer_has(sale_of("1/line-3", "85123A", 2, 510));
  seller_has(sale_of("1/line-3", "17850", 2, 510));
  EXPECT_TRUE(report().histories_agree()) << to_text(report());
  seller_.book(0, 1);
  EXPECT_FALSE(report().histories_agree());
}

TEST(AuditReport, ListsAFewOfManyWrongHistories) {
  audit_report report;
  for (int i = 0; i < 8; ++i) report.add_seller(std::to_string(i), account_with(1, 1), {});
  EXPECT_THAT(to_text(report), HasSubstr("and 3 more\n"));
}

}  // namespace
}  // namespace marketplace
