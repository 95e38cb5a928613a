#include "stores/postgres/side_rows.hpp"

#include <map>

#include <gtest/gtest.h>

#include "stores/postgres/array_image.hpp"

namespace troupe::internal {
namespace {

/// How many rows each statement gets.
class counted_calls {
 public:
  explicit counted_calls(side_rows& rows) : statements_(stores::postgres_state::text) {
    std::vector<pg_call> calls;
    rows.append_calls(statements_, calls);
    constexpr std::size_t of_length = 12;  // in the image of an array
    for (const pg_call& call : calls) {
      rows_[call.statement->name] = pg_integer(std::string_view(call.parameters[0]).substr(of_length, 4));
    }
  }
  [[nodiscard]] std::int64_t rows(const std::string& statement) const {
    const auto it = rows_.find(statement);
    return it == rows_.end() ? 0 : it->second;
  }

 private:
  write_statements statements_;
  std::map<std::string, std::int64_t> rows_;
};

spi::turn_record trim(std::uint64_t first_before, std::uint64_t first) {
  spi::turn_record record;
  record.logs = {{{{"sales", first, first}, first_before, {}}}};
  return record;
}

pg_layout layout_of_parts(std::size_t part_rows) {
  pg_layout layout;
  layout.part_rows = part_rows;
  return layout;
}

TEST(SideRows, LeaveTrimsThatAreMuchForOneTransaction) {
  side_rows rows(layout_of_parts(1000));
  rows.add(1, trim(5, 605));  // 600 of 1,000
  rows.add(2, trim(1, 502));  // 501: no room
  rows.add(3, trim(1, 401));  // 400 fill it
  rows.add(4, trim(1, 129));  // few leave in any case
  rows.add(5, trim(1, 130));  // 129 are not few
  rows.add(6, trim(7, 7));
  const counted_calls calls(rows);
  EXPECT_EQ(calls.rows("drop_entry"), 3);
  EXPECT_EQ(calls.rows("leave_entries"), 2);
}

TEST(SideRows, LeaveLongLogsOfErasedActors) {
  side_rows rows(layout_of_parts(1000));
  rows.erase(1, 1, std::vector<spi::log_head>{{"audit", 1, 2001}, {"empty", 3, 3}, {"sales", 5, 15}});
  rows.erase(2, -7, std::nullopt);
  const counted_calls calls(rows);
  EXPECT_EQ(calls.rows("leave_entries"), 1);
  EXPECT_EQ(calls.rows("drop_entry"), 1);
  EXPECT_EQ(calls.rows("erase_entry"), 1) << "of the one whose logs nobody can read";
  for (const char* both : {"erase_request", "erase_item", "leave_items"}) EXPECT_EQ(calls.rows(both), 2) << both;
}

}  // namespace
}  // namespace troupe::internal
