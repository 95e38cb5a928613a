#include "invoices/header.hpp"

#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace marketplace {
namespace {

using testing::HasSubstr;

std::string problem_of(const std::string& text) {
  std::istringstream input(text);
  return problem_of_header(*csv_reader(input).next());
}

TEST(Header, MayBeSpelledInAnyWay) {
  EXPECT_EQ(problem_of("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"), "");
  EXPECT_EQ(problem_of("\xEF\xBB\xBFinvoice,stock code,text,quantity,date,price,\"customer, id\",country\r\n"), "");
}

TEST(Header, ThatIsNoneIsToldWithAHint) {
  EXPECT_THAT(problem_of("536365,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850.0,UK\n"), HasSubstr("is missing"));
  EXPECT_THAT(problem_of("a,b\n"), HasSubstr("2 fields and no header of 8"));
  EXPECT_THAT(problem_of("a,b,c,d,e,f,g,h\ri,j"), HasSubstr("CR alone"));
  EXPECT_THAT(problem_of(std::string("a\0,\0b\0", 6)), HasSubstr("UTF-16"));
  EXPECT_THAT(problem_of("\xFE\xFFx"), HasSubstr("UTF-16"));
  EXPECT_THAT(problem_of("a,\"b"), HasSubstr("truncated"));
}

}  // namespace
}  // namespace marketplace
