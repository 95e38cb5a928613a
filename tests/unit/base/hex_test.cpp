#include "base/hex.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

TEST(Hex, BytesComeBackAsTheyWere) {
  EXPECT_EQ(to_hex(std::string_view("\0\x7f\xff a", 5)), "007fff2061");
  EXPECT_EQ(from_hex("007fff2061"), std::string("\0\x7f\xff a", 5));
  EXPECT_EQ(to_hex(""), "");
  EXPECT_EQ(from_hex(""), "");
}

TEST(Hex, WhatIsNotItIsRefused) {
  for (const char* text : {"0", "0g", "AB", "0x", " 0", "-1"}) EXPECT_EQ(from_hex(text), std::nullopt) << text;
}

}  // namespace
}  // namespace troupe::internal
