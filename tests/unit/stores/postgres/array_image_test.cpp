#include "stores/postgres/array_image.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

using namespace std::string_literals;

/// The header of an array of one dimension.
std::string header(char has_nulls, char type, char count) {
  return "\0\0\0\1\0\0\0"s + has_nulls + "\0\0\0"s + type + "\0\0\0"s + count + "\0\0\0\1"s;
}

TEST(ArrayImage, OfTextIsHeaderLengthsAndBytes) {
  pg_array array(pg_type::text);
  array.add("ab");
  array.add(std::string_view());
  EXPECT_EQ(array.size(), 2U);
  EXPECT_EQ(array.take(), header('\0', '\x19', '\2') + "\0\0\0\2ab\0\0\0\0"s);
}

TEST(ArrayImage, KeepsEveryByte) {
  pg_array array(pg_type::bytea);
  array.add(std::string_view("\0\xff{},\"\\", 7));
  EXPECT_EQ(array.take(), header('\0', '\x11', '\1') + "\0\0\0\7\0\xff{},\"\\"s);
}

TEST(ArrayImage, SaysThatItHasNulls) {
  pg_array array(pg_type::int8);
  array.add(std::int64_t{1});
  array.add_null();
  EXPECT_EQ(array.take(), header('\1', '\x14', '\2') + "\0\0\0\x8\0\0\0\0\0\0\0\1\xff\xff\xff\xff"s);
}

TEST(ArrayImage, OfTruthValuesIsOneByteEach) {
  pg_array array(pg_type::boolean);
  array.add(true);
  array.add(false);
  EXPECT_EQ(array.take(), header('\0', '\x10', '\2') + "\0\0\0\1\1\0\0\0\1\0"s);
}

TEST(ArrayImage, KeepsAll64BitsOfANumber) {
  for (const std::uint64_t number :
       {std::uint64_t{0}, std::uint64_t{1} << 63U, ~std::uint64_t{0}, std::uint64_t{258}}) {
    pg_array array(pg_type::int8);
    array.add(number);
    EXPECT_EQ(static_cast<std::uint64_t>(pg_integer(array.take().substr(24))), number);
  }
}

TEST(ArrayImage, OfNothingHasNoRows) {
  pg_array array(pg_type::text);
  EXPECT_EQ(array.take(), header('\0', '\x19', '\0'));
}

TEST(ArrayImage, ReadsIntegersOfEveryWidth) {
  EXPECT_EQ(pg_integer(pg_int8(-5)), -5);
  EXPECT_EQ(pg_integer(pg_int8(std::numeric_limits<std::int64_t>::min())), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(pg_integer("\xff\xff\xff\xfe"s), -2);
  EXPECT_EQ(pg_integer("\0\0\1\0"s), 256);
  EXPECT_EQ(pg_integer("\xff\xff"s), -1);
  EXPECT_EQ(pg_integer("\1"s), 1);
  EXPECT_EQ(pg_integer(""), 0);
  EXPECT_EQ(pg_integer("abc"), 0);
}

}  // namespace
}  // namespace troupe::internal
