#include "invoices/csv_reader.hpp"

#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace marketplace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

std::vector<csv_record> read_all(const std::string& text) {
  std::istringstream input(text);
  csv_reader reader(input);
  std::vector<csv_record> records;
  while (auto record = reader.next()) records.push_back(*record);
  EXPECT_EQ(reader.bytes_read(), text.size());
  return records;
}

TEST(CsvReader, FindsNothingInAnEmptyFile) {
  EXPECT_TRUE(read_all("").empty());
  EXPECT_TRUE(read_all("\xEF\xBB\xBF").empty());
}

TEST(CsvReader, SplitsRecordsAtCrlfAndAtLf) {
  const auto records = read_all("a,b\r\nc,d\ne,f");
  ASSERT_THAT(records, SizeIs(3));
  EXPECT_THAT(records[0].fields, ElementsAre("a", "b"));
  EXPECT_THAT(records[1].fields, ElementsAre("c", "d"));
  EXPECT_THAT(records[2].fields, ElementsAre("e", "f"));
  EXPECT_EQ(records[2].line, 3U);
}

TEST(CsvReader, SkipsTheByteOrderMarkOnlyAtTheBeginning) {
  const auto records = read_all("\xEF\xBB\xBFi,j\n\xEF\xBB\xBFk\n");
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_THAT(records[0].fields, ElementsAre("i", "j"));
  EXPECT_THAT(records[1].fields, ElementsAre("\xEF\xBB\xBFk"));
}

TEST(CsvReader, KeepsEmptyFieldsAndEmptyLines) {
  const auto records = read_all(",,\n\n\"\",x\n");
  ASSERT_THAT(records, SizeIs(3));
  EXPECT_THAT(records[0].fields, ElementsAre("", "", ""));
  EXPECT_THAT(records[1].fields, ElementsAre(""));
  EXPECT_THAT(records[2].fields, ElementsAre("", "x"));
}

TEST(CsvReader, UnquotesFields) {
  const auto records = read_all("\"a,b\",\"7\"\" FRAME\",\"two\r\nlines\",z\r\n\"next\"");
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_THAT(records[0].fields, ElementsAre("a,b", "7\" FRAME", "two\r\nlines", "z"));
  EXPECT_EQ(records[0].line, 1U);
  EXPECT_THAT(records[1].fields, ElementsAre("next"));
  EXPECT_EQ(records[1].line, 3U) << "the line break inside a field counts";
}

TEST(CsvReader, TakesACarriageReturnWithoutLineFeedAsText) {
  const auto records = read_all("a\rb,c\r");
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_THAT(records[0].fields, ElementsAre("a\rb", "c"));
}

TEST(CsvReader, ReportsAQuoteInAnUnquotedFieldAndGoesOn) {
  const auto records = read_all("a,7\" frame\nb\n");
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_EQ(records[0].problem, "a quote inside field 2, which is not quoted");
  EXPECT_EQ(records[1].problem, "");
}

TEST(CsvReader, ReportsTextAfterAClosingQuoteAndGoesOn) {
  const auto records = read_all("\"a\"b,c\nd\n");
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_EQ(records[0].problem, "text after the closing quote of field 1");
  EXPECT_THAT(records[1].fields, ElementsAre("d"));
}

TEST(CsvReader, ReportsAFileThatEndsInsideAQuotedField) {
  const auto records = read_all("a\nb,\"c\nd\ne");
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_EQ(records[1].line, 2U);
  EXPECT_EQ(records[1].problem, "the file ends inside a quoted field that begins in line 2; is it truncated?");
}

TEST(CsvReader, ReportsANulByteAndGoesOn) {
  const auto records = read_all(std::string("a,b\0c\nd\n", 8));
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_EQ(records[0].problem, "a NUL byte in field 2");
  EXPECT_THAT(records[1].fields, ElementsAre("d"));
}

TEST(CsvReader, BoundsWhatItKeepsOfAVeryLongRecord) {
  for (const char filler : {'x', ','}) {
    const auto records = read_all(std::string(3 * csv_reader::record_bytes_max, filler) + "\nnext\n");
    ASSERT_THAT(records, SizeIs(2));
    EXPECT_EQ(records[0].problem, "longer than 65536 bytes");
    EXPECT_LE(records[0].fields.front().size() + records[0].fields.size(), csv_reader::record_bytes_max + 1);
    EXPECT_THAT(records[1].fields, ElementsAre("next"));
  }
}

TEST(CsvReader, AcceptsARecordOfExactlyTheLimit) {
  const auto records = read_all(std::string(csv_reader::record_bytes_max, 'x') + "\n");
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_EQ(records[0].problem, "");
}

}  // namespace
}  // namespace marketplace
