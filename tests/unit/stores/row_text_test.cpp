#include "stores/rules/row_text.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

using cells = std::vector<spi::cell_image>;
using reminders = std::vector<spi::reminder_image>;

/// From this size on a cell is large.
constexpr std::size_t large = 10;

wall_time at_ms(std::int64_t milliseconds) { return wall_time(std::chrono::milliseconds(milliseconds)); }

std::string packed(const cells& images) {
  std::string text;
  pack_cells(images, large, text);
  return text;
}

std::string packed_schemas(const cells& images) {
  std::string text;
  pack_schemas(images, large, text);
  return text;
}

std::string packed(const reminders& images) {
  std::string text;
  pack_reminders(images, text);
  return text;
}

TEST(RowText, PacksCellsIntoOneObject) {
  EXPECT_EQ(packed(cells{}), "{}");
  EXPECT_EQ(packed(cells{{"a", 1, "1"}, {"b", 2, "{}"}}), R"({"a":1,"b":{}})");
}

TEST(RowText, PacksOnlySchemasThatAreNotTheFirst) {
  EXPECT_EQ(packed_schemas({}), "");
  EXPECT_EQ(packed_schemas({{"a", 1, "1"}}), "");
  EXPECT_EQ(packed_schemas({{"a", 3, "1"}, {"b", 1, "1"}, {"c", 4294967295, "1"}}), R"({"a":3,"c":4294967295})");
}

TEST(RowText, LeavesLargeCellsOutAndNamesThem) {
  const cells some{{"a", 2, "\"12345678\""}, {"b", 3, "\"1234567\""}, {"c", 1, "", true}};
  EXPECT_EQ(packed(some), R"({"b":"1234567"})");
  EXPECT_EQ(packed_schemas(some), R"({"b":3})");
  std::string names;
  pack_large_names(some, large, names);
  EXPECT_EQ(names, R"(["a","c"])");
  EXPECT_EQ(unpack_names(names), (std::vector<std::string>{"a", "c"}));
  names.clear();
  pack_large_names({{"b", 1, "1"}}, large, names);
  EXPECT_EQ(names, "");
  EXPECT_EQ(packed(cells{{"c", 1, "", true}}), "{}");
  EXPECT_THROW(static_cast<void>(unpack_names("{}")), damaged_column);
  EXPECT_THROW(static_cast<void>(unpack_names("[1]")), damaged_column);
}

TEST(RowText, PacksLogsByTheirBounds) {
  const std::vector<spi::log_changes> logs{{{"audit", 1, 1}, 1, {}}, {{"sales", 7, 9223372036854775807U}, 1, {}}};
  std::string text;
  pack_logs(logs, text);
  EXPECT_EQ(text, R"({"audit":[1,1],"sales":[7,9223372036854775807]})");
  row_unpacker unpacker;
  EXPECT_EQ(unpacker.logs(text), (std::vector<spi::log_head>{logs[0].head, logs[1].head}));
  EXPECT_TRUE(unpacker.logs("").empty());
  for (const char* bad : {"[]", R"({"a":1})", R"({"a":[1]})", R"({"a":[0,1]})", R"({"a":[3,2]})", R"({"a":[1,"2"]})",
                          R"({"a":[1,9223372036854775808]})", R"({"a":[1,1],"a":[1,1]})"}) {
    EXPECT_THROW(static_cast<void>(unpacker.logs(bad)), damaged_column) << bad;
  }
}

TEST(RowText, PacksRemindersIntoAnArray) {
  EXPECT_EQ(packed(reminders{}), "");
  EXPECT_EQ(packed(reminders{{"bill", at_ms(5), std::chrono::milliseconds(7), "null"}}),
            R"([{"name":"bill","due":5,"period":7,"data":null}])");
}

TEST(RowText, EscapesNamesOfRemindersAndSpellsOutWhatIsNoText) {
  EXPECT_EQ(packed(reminders{{"a\"\n", at_ms(-1), {}, "1"}}), R"([{"name":"a\"\n","due":-1,"period":0,"data":1}])");
  EXPECT_EQ(packed(reminders{{"\xc3\xa9", at_ms(0), {}, "1"}}),
            "[{\"name\":\"\xc3\xa9\",\"due\":0,\"period\":0,\"data\":1}]");
  EXPECT_EQ(packed(reminders{{"\xff\x0a", at_ms(0), {}, "1"}}), R"([{"name_hex":"ff0a","due":0,"period":0,"data":1}])");
}

TEST(RowText, ReadsBackWhatItPacked) {
  const cells some_cells{{"a", 2, R"([1,"}"])"}, {"b", 1, "null"}};
  row_unpacker unpacker;
  EXPECT_EQ(unpacker.cells(packed(some_cells), packed_schemas(some_cells)), some_cells);
  reminders every_byte;
  for (int byte = 0; byte < 256; ++byte)
    every_byte.push_back({std::string(1, static_cast<char>(byte)), at_ms(byte), {}, "{}"});
  EXPECT_EQ(unpacker.reminders(packed(every_byte)), every_byte);
}

TEST(RowText, SortsWhatAnEditorHasLeftUnsorted) {
  row_unpacker unpacker;
  EXPECT_EQ(unpacker.cells(R"({"b":1,"a":2})", ""), (cells{{"a", 1, "2"}, {"b", 1, "1"}}));
  const auto read = unpacker.reminders(R"([{"due":1,"name":"z"},{"data":[2],"due":2,"name":"a"}])");
  EXPECT_EQ(read, (reminders{{"a", at_ms(2), {}, "[2]"}, {"z", at_ms(1), {}, "null"}}));
}

TEST(RowText, NamesTheColumnThatIsDamaged) {
  row_unpacker unpacker;
  const auto damage = [](auto read) -> std::string {
    try {
      static_cast<void>(read());
    } catch (const damaged_column& fault) {
      return fault.what();
    }
    return "none";
  };
  EXPECT_EQ(damage([&] { return unpacker.cells("{\"a\":}", ""); }),
            "column \"state\" of table actor: expected a value at byte 5");
  EXPECT_EQ(damage([&] { return unpacker.cells("{\"a\":1}", "{\"a\":-1}"); }),
            "column \"schema\" of table actor: a version is not a whole number from 1");
  EXPECT_EQ(damage([&] { return unpacker.reminders("[{\"name\":\"a\"}]"); }),
            "column \"reminders\" of table actor: a reminder lacks its name or its due time");
}

}  // namespace
}  // namespace troupe::internal
