#include "stores/dynamodb/attribute_sink.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

TEST(AttributeSink, WritesTypedValues) {
  attribute_sink sink;
  sink.begin_map();
  sink.name("s");
  sink.text("\xc3\xa9\"");
  sink.name("b");
  sink.text("\xff");
  sink.name("n");
  sink.number(std::int64_t{-5});
  sink.name("t");
  sink.flag();
  sink.name("l");
  sink.begin_list();
  sink.begin_map();
  sink.name("x");
  sink.text("1");
  sink.end_map();
  sink.begin_map();
  sink.end_map();
  sink.end_list();
  sink.name("m");
  sink.begin_map();
  sink.end_map();
  sink.end_map();
  EXPECT_EQ(
      sink.take(),
      "{\"s\":{\"S\":\"\xc3\xa9\\\"\"},"
      R"("b":{"B":"/w=="},"n":{"N":"-5"},"t":{"BOOL":true},"l":{"L":[{"M":{"x":{"S":"1"}}},{"M":{}}]},"m":{"M":{}}})");
}

TEST(AttributeSink, CountsBytesAsDynamoDbDoes) {
  const auto bytes_of = [](auto write) {
    attribute_sink sink;
    sink.begin_map();
    write(sink);
    sink.end_map();
    return sink.item_bytes();
  };
  // Name and value; the escapes of JSON do not count.
  EXPECT_EQ(bytes_of([](attribute_sink& sink) {
              sink.name("name");
              sink.text("\"\\\n");
            }),
            7U);
  // A number: a byte for two digits, and one.
  EXPECT_EQ(bytes_of([](attribute_sink& sink) {
              sink.name("n");
              sink.number(std::uint64_t{12345});
            }),
            5U);
  EXPECT_EQ(bytes_of([](attribute_sink& sink) {
              sink.name("b");
              sink.binary("1234");
            }),
            5U);
  // A list: 3 bytes, and one for each element: l + 3 + 2 * 1 + "ab" + "c".
  EXPECT_EQ(bytes_of([](attribute_sink& sink) {
              sink.name("l");
              sink.begin_list();
              sink.text("ab");
              sink.text("c");
              sink.end_list();
            }),
            9U);
}

}  // namespace
}  // namespace troupe::internal
