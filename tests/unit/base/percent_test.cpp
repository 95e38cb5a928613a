#include "base/percent.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

TEST(Percent, TextStandsForItsBytes) {
  EXPECT_EQ(decode_percent("").text, "");
  EXPECT_EQ(decode_percent("a%2Fb%2fc%25%C3%A9").text, "a/b/c%\xC3\xA9");
  EXPECT_TRUE(decode_percent("plain").fault.empty());
}

TEST(Percent, WhatIsCutOffOrNotHexadecimalIsAFault) {
  for (const char* text : {"%", "a%2", "%zz", "%2z", "%-1", "%+1", "% 1", "50%"}) {
    EXPECT_NE(decode_percent(text).fault.find("two hexadecimal digits"), std::string_view::npos) << text;
  }
}

TEST(Percent, NulByteIsAFault) {
  EXPECT_NE(decode_percent("a%00").fault.find("NUL"), std::string_view::npos);
  EXPECT_NE(decode_percent(std::string_view("a\0b", 3)).fault.find("NUL"), std::string_view::npos);
}

}  // namespace
}  // namespace troupe::internal
