#include "stores/postgres/record_arrays.hpp"

#include <gtest/gtest.h>

#include "stores/postgres/side_rows.hpp"

namespace troupe::internal {
namespace {

spi::turn_record turn(std::string key) {
  spi::turn_record record;
  record.actor = {"seller", std::move(key)};
  record.expected = {1, 11};
  record.next = {2, 11};
  record.cells = {{.name = "stock", .json = "7"}};
  return record;
}

update_columns columns_of(const spi::turn_record& record, const pg_layout& layout = {}) {
  const std::vector<const spi::turn_record*> records{&record};
  return columns_of(records, layout);
}

unsigned bit(update_column column) { return static_cast<unsigned>(column); }

TEST(RecordArrays, PlainTurnNeedsNoOptionalColumn) {
  EXPECT_EQ(columns_of(turn("a")), 0U);
  EXPECT_FALSE(has_side_rows(turn("a"), {}));
}

TEST(RecordArrays, EachPartOfARecordNeedsItsColumn) {
  const auto changed = [](auto change) {
    auto record = turn("a");
    change(record);
    return columns_of(record);
  };
  EXPECT_EQ(changed([](auto& r) { r.cells[0].schema = 2; }), bit(update_column::schemas));
  EXPECT_EQ(changed([](auto& r) { r.cells.clear(), r.keeps_cells = true; }), bit(update_column::kept_cells));
  EXPECT_EQ(changed([](auto& r) { r.reminders.emplace(); }), bit(update_column::reminders) | bit(update_column::due));
  EXPECT_EQ(changed([](auto& r) { r.wake.emplace(); }), bit(update_column::due));
  EXPECT_EQ(changed([](auto& r) { r.messages.emplace(); }), 0U);
  EXPECT_EQ(changed([](auto& r) { r.messages.emplace().stream = 5; }), bit(update_column::stream));
  EXPECT_EQ(changed([](auto& r) { r.requests_added = {{"k", "1", {}}}; }), bit(update_column::parts));
  EXPECT_EQ(changed([](auto& r) { r.logs.emplace(); }), bit(update_column::logs));
  EXPECT_EQ(changed([](auto& r) { r.items.emplace(); }), bit(update_column::items));
  EXPECT_EQ(changed([](auto& r) { r.cells[0].kept = true; }), bit(update_column::apart));
}

TEST(RecordArrays, LargeCellNeedsItsNameAndARowOfItsOwn) {
  const pg_layout layout{stores::postgres_state::text, 1, 0};
  EXPECT_EQ(columns_of(turn("a"), layout), bit(update_column::apart) | bit(update_column::parts));
  EXPECT_TRUE(has_side_rows(turn("a"), layout));
  auto kept = turn("a");
  kept.cells[0] = {.name = "stock", .json = {}, .kept = true};
  EXPECT_FALSE(has_side_rows(kept, layout));
}

TEST(RecordArrays, HaveOneImagePerParameterOfTheStatement) {
  write_statements statements(stores::postgres_state::text);
  const auto plain = turn("a");
  auto full = turn("b");
  full.cells[0].schema = 2;
  full.reminders.emplace();
  full.messages.emplace().stream = 1;
  full.messages->sent_added = {{.sequence = 1, .to = {"a", "b"}, .method = "m", .arguments = "[]"}};
  full.logs.emplace();
  full.items.emplace();
  const std::vector<const spi::turn_record*> records{&plain, &full};
  for (update_columns columns = 0; columns < 512; ++columns) {
    const std::string& text = statements.update(columns).text;
    const auto images = update_arrays(records, columns, {});
    EXPECT_NE(text.find("$" + std::to_string(images.size()) + "::"), std::string::npos) << text;
    EXPECT_EQ(text.find("$" + std::to_string(images.size() + 1)), std::string::npos) << text;
    for (const std::string& image : images) EXPECT_EQ(pg_integer(image.substr(12, 4)), 2) << "rows of an array";
  }
  const auto images = insert_arrays(records, {});
  EXPECT_NE(statements.insert.text.find("$" + std::to_string(images.size()) + "::"), std::string::npos);
  EXPECT_EQ(statements.insert.text.find("$" + std::to_string(images.size() + 1)), std::string::npos);
}

TEST(SideRows, OfOneKeyTheLastCounts) {
  auto record = turn("a");
  record.requests_added = {{"k", "1", {}}, {"other", "2", {}}, {"k", "3", {}}};
  side_rows side({});
  side.add(7, record);
  const write_statements statements(stores::postgres_state::text);
  std::vector<pg_call> calls;
  side.append_calls(statements, calls);
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls[0].statement, &statements.requests.put);
  EXPECT_EQ(pg_integer(calls[0].parameters[1].substr(12, 4)), 2);
  EXPECT_NE(calls[0].parameters[2].find('3'), std::string::npos);
  EXPECT_EQ(calls[0].parameters[2].find('1'), std::string::npos);
}

TEST(SideRows, WhatLeavesGoesBeforeWhatComes) {
  auto record = turn("a");
  record.requests_dropped = {"old"};
  record.requests_added = {{"new", "1", {}}};
  auto& items = record.items.emplace();
  items.erase_all = true;
  items.set = {{.key = "k", .json = "1"}};
  side_rows side({});
  side.add(7, record);
  side.erase(8, 8, std::vector<spi::log_head>{{"sales", 1, 3}});
  const write_statements statements(stores::postgres_state::text);
  std::vector<pg_call> calls;
  side.append_calls(statements, calls);
  std::vector<std::string> names;
  for (const pg_call& call : calls) names.push_back(call.statement->name);
  EXPECT_EQ(names, (std::vector<std::string>{"erase_request", "erase_message", "erase_mark", "erase_letter",
                                             "erase_cell", "erase_item", "leave_items", "drop_request", "put_request",
                                             "drop_entry", "empty_items", "renew_items", "put_item"}));
}

}  // namespace
}  // namespace troupe::internal
