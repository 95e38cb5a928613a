#include "invoices/price.hpp"

#include <gtest/gtest.h>

namespace marketplace {
namespace {

TEST(Price, ReadsDecimalPounds) {
  EXPECT_EQ(parse_price_pence("2.55"), 255);
  EXPECT_EQ(parse_price_pence("3"), 300);
  EXPECT_EQ(parse_price_pence("3."), 300);
  EXPECT_EQ(parse_price_pence(".5"), 50);
  EXPECT_EQ(parse_price_pence("0.0"), 0);
  EXPECT_EQ(parse_price_pence("007.10"), 710);
}

TEST(Price, RoundsHalfUpOnTheDigits) {
  EXPECT_EQ(parse_price_pence("0.005"), 1);
  EXPECT_EQ(parse_price_pence("0.0049999999999999999999"), 0);
  EXPECT_EQ(parse_price_pence("1.005"), 101) << "as a binary fraction this is less than 1.005";
  EXPECT_EQ(parse_price_pence("9.995"), 1000);
}

TEST(Price, RefusesWhatIsNoPrice) {
  for (const char* text :
       {"", ".", "-1", "-0.01", "+1", "1e3", "1,5", "1.2.3", " 1", "1 ", "0x1", "nan", "inf", "£1"}) {
    EXPECT_EQ(parse_price_pence(text), std::nullopt) << text;
  }
}

TEST(Price, RefusesWhatIsTooLarge) {
  EXPECT_EQ(parse_price_pence("10000000000000"), row_pence_max);
  EXPECT_EQ(parse_price_pence("10000000000000.00499"), row_pence_max);
  EXPECT_EQ(parse_price_pence("10000000000000.005"), std::nullopt);
  EXPECT_EQ(parse_price_pence("10000000000000.01"), std::nullopt);
  EXPECT_EQ(parse_price_pence("99999999999999999999999999999999999999999"), std::nullopt);
}

TEST(Price, IsWrittenForPeople) {
  EXPECT_EQ(format_pounds(16108274), "161,082.74");
  EXPECT_EQ(format_pounds(0), "0.00");
  EXPECT_EQ(format_pounds(7), "0.07");
  EXPECT_EQ(format_pounds(-123456), "-1,234.56");
  EXPECT_EQ(format_count(67032), "67,032");
  EXPECT_EQ(format_count(-1000000), "-1,000,000");
  EXPECT_EQ(format_count(INT64_MIN), "-9,223,372,036,854,775,808");
}

}  // namespace
}  // namespace marketplace
