#include "stores/postgres/write_statements.hpp"

#include <set>

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

TEST(WriteStatements, HaveNamesOfTheirOwn) {
  write_statements statements(stores::postgres_state::text);
  std::set<std::string> names;
  std::size_t count = 0;
  const auto add = [&](const pg_statement& statement) {
    names.insert(statement.name);
    ++count;
  };
  for (const auto* side : {&statements.requests, &statements.messages, &statements.marks, &statements.letters,
                           &statements.cells, &statements.entries, &statements.items}) {
    for (const pg_statement* statement : {&side->drop, &side->put, &side->erase}) add(*statement);
  }
  for (const pg_statement* statement :
       {&statements.lock, &statements.insert, &statements.remove, &statements.held, &statements.remember,
        &statements.forget, &statements.lease_lock, &statements.lease_read}) {
    add(*statement);
  }
  const leftover_statements& left = statements.leftover;
  for (const pg_statement* statement :
       {&left.leave_entries, &left.leave_items, &left.empty_items, &left.renew_items, &left.find, &left.purge_entries,
        &left.purge_items, &left.shorten_entries, &left.shorten_items, &left.drop}) {
    add(*statement);
  }
  for (update_columns columns = 0; columns < 512; ++columns) add(statements.update(columns));
  EXPECT_EQ(names.size(), count);
  EXPECT_FALSE(names.contains(""));
}

TEST(WriteStatements, CheckStampAndEpochOfEveryChange) {
  write_statements statements(stores::postgres_state::text);
  for (const std::string& text : {statements.update(0).text, statements.update(511).text, statements.remove.text}) {
    EXPECT_NE(text.find("a.version = t.expected_version AND a.writer = t.expected_writer"), std::string::npos) << text;
    EXPECT_NE(text.find("(a.epoch # (-9223372036854775808)::bigint) <= (t.epoch #"), std::string::npos) << text;
  }
  EXPECT_NE(statements.insert.text.find("ON CONFLICT (type, key) DO NOTHING"), std::string::npos);
}

TEST(WriteStatements, SetOnlyTheColumnsAskedFor) {
  write_statements statements(stores::postgres_state::text);
  const std::string& lean = statements.update(0).text;
  for (const char* column : {"reminders", "next_due", "stream", "parts", "logs", "items_expire"}) {
    EXPECT_EQ(lean.find(column), std::string::npos) << lean;
  }
  EXPECT_NE(lean.find("schema = '', apart = ''"), std::string::npos) << lean;
}

TEST(WriteStatements, KnowTheTypeOfJson) {
  EXPECT_NE(write_statements(stores::postgres_state::text).insert.text.find("$6::text[]"), std::string::npos);
  EXPECT_NE(write_statements(stores::postgres_state::bytea).insert.text.find("$6::bytea[]"), std::string::npos);
}

}  // namespace
}  // namespace troupe::internal
