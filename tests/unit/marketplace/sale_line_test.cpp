#include "invoices/sale_line.hpp"

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "invoices/replay_totals.hpp"

namespace marketplace {
namespace {

const std::vector<std::string> good_fields = {"536365", "85123A",  "WHITE HANGING HEART", "6", "2010-12-01 08:26:00",
                                              "2.55",   "17850.0", "United Kingdom"};

std::variant<sale_line, rejected_row> check(std::size_t field, const std::string& value) {
  csv_record record{7, good_fields, ""};
  record.fields.at(field) = value;
  return check_row(record);
}

std::string reason_for(std::size_t field, const std::string& value) {
  const auto checked = check(field, value);
  const auto* rejected = std::get_if<rejected_row>(&checked);
  return rejected == nullptr ? "accepted" : rejected->reason;
}

sale_line sale_with(std::size_t field, const std::string& value) { return std::get<sale_line>(check(field, value)); }

TEST(SaleLine, TakesTheFieldsOfAGoodRow) {
  const sale_line sale = std::get<sale_line>(check_row({7, good_fields, ""}));
  EXPECT_EQ(sale.line, 7U);
  EXPECT_EQ(sale.invoice, "536365");
  EXPECT_EQ(sale.stock_code, "85123A");
  EXPECT_EQ(sale.description, "WHITE HANGING HEART");
  EXPECT_EQ(sale.quantity, 6);
  EXPECT_EQ(sale.price_pence, 255);
  EXPECT_EQ(sale.date, "2010-12-01 08:26:00");
  EXPECT_EQ(sale.customer, "17850");
  EXPECT_EQ(sale.country, "United Kingdom");
  EXPECT_FALSE(sale.is_return);
  EXPECT_EQ(sale.amount_pence(), 1530);
}

TEST(SaleLine, SurvivesJson) {
  const sale_line sale = std::get<sale_line>(check_row({7, good_fields, ""}));
  const sale_line again = nlohmann::json(sale).get<sale_line>();
  EXPECT_EQ(nlohmann::json(again), nlohmann::json(sale));
}

TEST(SaleLine, NeedsExactlyEightFields) {
  csv_record record{7, {"only"}, ""};
  EXPECT_EQ(std::get<rejected_row>(check_row(record)).reason, "1 field instead of 8");
  record.fields = good_fields;
  record.fields.emplace_back();
  EXPECT_EQ(std::get<rejected_row>(check_row(record)).reason, "9 fields instead of 8");
}

TEST(SaleLine, PassesOnWhatTheReaderFound) {
  const auto rejected = std::get<rejected_row>(check_row({9, good_fields, "a NUL byte in field 2"}));
  EXPECT_EQ(rejected.line, 9U);
  EXPECT_EQ(rejected.reason, "a NUL byte in field 2");
}

TEST(SaleLine, NeedsInvoiceAndStockCode) {
  EXPECT_EQ(reason_for(0, ""), "the invoice number is empty");
  EXPECT_EQ(reason_for(1, ""), "the stock code is empty");
  EXPECT_EQ(reason_for(1, std::string(513, 'x')), "the stock code is longer than 512 bytes");
  EXPECT_EQ(reason_for(6, std::string(513, 'x')), "the customer id is longer than 512 bytes");
}

TEST(SaleLine, NeedsAnIntegerNonZeroQuantity) {
  EXPECT_EQ(sale_with(3, "-12").quantity, -12);
  EXPECT_EQ(reason_for(3, "0"), "the quantity is zero");
  EXPECT_EQ(reason_for(3, "-0"), "the quantity is zero");
  for (const char* text : {"", "6.0", "six", "6 ", " 6", "1e2", "--1", "99999999999999999999"}) {
    EXPECT_EQ(reason_for(3, text), "the quantity \"" + std::string(text) + "\" is not an integer of 64 bits");
  }
}

TEST(SaleLine, RefusesWhatWouldOverflowSums) {
  EXPECT_EQ(sale_with(3, "1000000").quantity, 1000000);
  EXPECT_EQ(reason_for(3, "9223372036854775807"), "the quantity \"9223372036854775807\" is beyond 1000000000000");
  EXPECT_EQ(reason_for(3, "-9223372036854775808"), "the quantity \"-9223372036854775808\" is beyond 1000000000000");
  csv_record record{7, good_fields, ""};
  record.fields[3] = "-1000000000000";
  record.fields[5] = "10.01";
  EXPECT_EQ(std::get<rejected_row>(check_row(record)).reason, "quantity times price is beyond 1000000000000000 pence");
  record.fields[5] = "10000000000000";
  EXPECT_EQ(std::get<rejected_row>(check_row(record)).reason, "quantity times price is beyond 1000000000000000 pence");
}

TEST(SaleLine, NeedsAPriceOfZeroOrMore) {
  EXPECT_EQ(sale_with(5, "0").price_pence, 0);
  EXPECT_EQ(reason_for(5, "-1.00"), "the price \"-1.00\" is not a decimal number of pounds, zero or more");
  EXPECT_EQ(reason_for(5, std::string(50, 'p')),
            "the price \"" + std::string(40, 'p') + "...\" is not a decimal number of pounds, zero or more");
}

TEST(SaleLine, NeedsADateOfTheCalendar) {
  EXPECT_EQ(sale_with(4, "2012-02-29 23:59:59").date, "2012-02-29 23:59:59");
  for (const char* text :
       {"2011-02-29 00:00:00", "2010-13-01 00:00:00", "2010-00-01 00:00:00", "2010-12-32 00:00:00",
        "2010-12-01 24:00:00", "2010-12-01 08:60:00", "2010-12-01 08:26:60", "2010-12-01", "2010-12-01T08:26:00",
        "01/12/2010 08:26:00", "2010-12-01 08:26:00 ", "2010-1-1 8:26:00", "-010-12-01 08:26:00", ""}) {
    EXPECT_EQ(reason_for(4, text), "the date \"" + std::string(text) + "\" is not a valid YYYY-MM-DD HH:MM:SS");
  }
}

TEST(SaleLine, DropsOneTrailingPointZeroOfTheCustomer) {
  EXPECT_EQ(sale_with(6, "17850").customer, "17850");
  EXPECT_EQ(sale_with(6, "17850.00").customer, "17850.00");
  EXPECT_EQ(sale_with(6, "1.0.0").customer, "1.0");
  EXPECT_EQ(sale_with(6, "").customer, "guest");
  EXPECT_EQ(sale_with(6, ".0").customer, "guest");
}

TEST(SaleLine, TellsReturnsByTheInvoiceNumber) {
  EXPECT_TRUE(sale_with(0, "C536379").is_return);
  EXPECT_FALSE(sale_with(0, "536C").is_return);
  EXPECT_FALSE(sale_with(0, "c536379").is_return);
}

TEST(ReplayTotals, RefuseToLeaveSixtyFourBits) {
  replay_totals totals;
  totals.revenue_pence = INT64_MAX;
  EXPECT_THROW(totals.add(sale_with(3, "1")), std::overflow_error);
  EXPECT_EQ(totals.rows, 0);
  EXPECT_EQ(totals.units, 0);
}

TEST(ReplayTotals, OfTheBundledFileAreThePublishedOnes) {
  std::ifstream input(MARKETPLACE_DATA, std::ios::binary);
  ASSERT_TRUE(input) << MARKETPLACE_DATA;
  csv_reader reader(input);
  ASSERT_TRUE(reader.next()) << "header";

  replay_totals totals;
  std::map<std::string, int> reasons;
  while (const auto record = reader.next()) {
    const auto checked = check_row(*record);
    std::visit([&](const auto& row) { totals.add(row); }, checked);
    if (const auto* rejected = std::get_if<rejected_row>(&checked)) ++reasons[rejected->reason];
  }
  EXPECT_EQ(totals.rows, 8373);
  EXPECT_EQ(totals.accepted, 8254);
  EXPECT_EQ(totals.rejected, 119);
  EXPECT_EQ(totals.sales, 8160);
  EXPECT_EQ(totals.returns, 94);
  EXPECT_EQ(totals.buyers.size(), 288U);
  EXPECT_EQ(totals.sellers.size(), 1855U);
  EXPECT_EQ(totals.units, 67032);
  EXPECT_EQ(totals.revenue_pence, 16108274);
  EXPECT_EQ(reasons, (std::map<std::string, int>{{"1 field instead of 8", 119}}));
}

}  // namespace
}  // namespace marketplace
