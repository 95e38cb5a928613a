#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "sqlite_fixture.hpp"

namespace troupe::sqlite_test {
namespace {

const actor_id acme{"seller", "acme"};
const actor_id bolt{"seller", "bolt"};
const actor_id cask{"seller", "cask"};

class SqliteDamage : public sqlite_fixture {
 protected:
  void SetUp() override {
    const auto client = open();
    for (const actor_id& actor : {acme, bolt, cask}) {
      auto record = contract::birth(actor);
      record.reminders = {{contract::reminder("bill", 1000)}};
      ASSERT_EQ(client.status_of(record), spi::commit_status::committed);
    }
    close();
  }
};

class SqliteDamagedColumn : public SqliteDamage,
                            public testing::WithParamInterface<std::pair<const char*, const char*>> {};

TEST_P(SqliteDamagedColumn, DamagesOnlyItsActor) {
  const auto& [column, text] = GetParam();
  raw_database(path()).run(std::string("UPDATE actor SET ") + column + " = '" + text + "' WHERE key = x'626f6c74'");
  const auto client = open();
  const std::vector actors{acme, bolt, cask};
  const auto loaded = client.load(actors);
  EXPECT_EQ(loaded[0].status, spi::read_status::ok);
  EXPECT_EQ(loaded[2].status, spi::read_status::ok);
  EXPECT_EQ(loaded[1].status, spi::read_status::damaged) << text;
  for (const std::string& word : {std::string("seller/bolt"), '"' + std::string(column) + '"', path().string()}) {
    EXPECT_NE(loaded[1].message.find(word), std::string::npos) << loaded[1].message;
  }
  EXPECT_EQ(loaded[1].image.stamp.version, 0U);

  const auto list = client.list({});
  EXPECT_EQ(list.status, spi::read_status::damaged);
  EXPECT_NE(list.message.find("seller/bolt"), std::string::npos) << list.message;
  ASSERT_EQ(list.actors.size(), 3U);
  EXPECT_EQ(list.actors[1].actor, bolt);
  EXPECT_EQ(list.actors[1].stamp.version, 0U);
  EXPECT_EQ(list.actors[2].stamp.version, 1U);
}

INSTANTIATE_TEST_SUITE_P(All, SqliteDamagedColumn,
                         testing::Values(std::pair{"state", ""}, std::pair{"state", "[]"},
                                         std::pair{"state", "{\"a\":1"}, std::pair{"state", "{\"a\":}"},
                                         std::pair{"state", "{\"a\":1}x"}, std::pair{"state", "{\"a\":tru}"},
                                         std::pair{"state", "{\"a\":1,\"a\":2}"}, std::pair{"state", "{\"\\u0061\":1}"},
                                         std::pair{"schema", "{\"state\":0}"}, std::pair{"schema", "{\"state\":\"2\"}"},
                                         std::pair{"schema", "2"}, std::pair{"reminders", "{}"},
                                         std::pair{"reminders", "[1]"}, std::pair{"reminders", "[{\"name\":\"x\"}]"},
                                         std::pair{"reminders", "[{\"due\":1}]"},
                                         std::pair{"reminders", "[{\"name\":\"x\",\"due\":\"soon\"}]"},
                                         std::pair{"reminders", "[{\"name\":\"x\",\"due\":1.5}]"},
                                         std::pair{"reminders", "[{\"name_hex\":\"0\",\"due\":1}]"},
                                         std::pair{"reminders", "[{\"name\":\"x\",\"due\":1,\"cron\":\"*\"}]"}));

/// A row of the tables of durable messages, and the words that the error names it with.
struct bad_row {
  const char* table;
  const char* set;
  std::vector<std::string> words;

  friend void PrintTo(const bad_row& row, std::ostream* out) { *out << row.table << ": " << row.set; }
};

class SqliteDamagedMessage : public SqliteDamage, public testing::WithParamInterface<bad_row> {
 protected:
  void SetUp() override {
    SqliteDamage::SetUp();
    raw_database raw(path());
    const std::string of_bolt = "SELECT id, ";
    const std::string end = " FROM actor WHERE key = x'626f6c74'";
    raw.run("UPDATE actor SET stream = 7 WHERE key = x'626f6c74'");
    raw.run("INSERT INTO message " + of_bolt + "5, 'seller', x'61', 'pay', '[1]', 1, 0, 0" + end);
    raw.run("INSERT INTO mark " + of_bolt + "'seller', x'61', 9, 3, 1" + end);
    raw.run("INSERT INTO letter " + of_bolt + "4, 'seller', x'61', 'seller', x'62', 'pay', '[1]', 'no', 1, 1, 1" + end);
  }
};

TEST_P(SqliteDamagedMessage, DamagesOnlyItsActor) {
  const std::vector actors{acme, bolt, cask};
  ASSERT_EQ(open().load(bolt).status, spi::read_status::ok);
  close();
  raw_database(path()).run(std::string("UPDATE ") + GetParam().table + " SET " + GetParam().set);
  const auto loaded = open().load(actors);
  EXPECT_EQ(loaded[0].status, spi::read_status::ok);
  EXPECT_EQ(loaded[2].status, spi::read_status::ok);
  EXPECT_EQ(loaded[1].status, spi::read_status::damaged);
  EXPECT_TRUE(loaded[1].image.messages.empty());
  std::vector<std::string> words = GetParam().words;
  words.insert(words.end(), {"seller/bolt", std::string("table ") + GetParam().table, path().string()});
  for (const std::string& word : words) {
    EXPECT_NE(loaded[1].message.find(word), std::string::npos) << word << " in: " << loaded[1].message;
  }
}

INSTANTIATE_TEST_SUITE_P(All, SqliteDamagedMessage,
                         testing::Values(bad_row{"message", "sequence = -5", {"row -5"}},
                                         bad_row{"message", "sequence = 0", {"row 0"}},
                                         bad_row{"message", "to_type = ''", {"row 5", "receiver"}},
                                         bad_row{"message", "to_key = x''", {"row 5", "receiver"}},
                                         bad_row{"message", "to_key = zeroblob(600)", {"row 5", "receiver"}},
                                         bad_row{"message", "method = ''", {"row 5", "method name"}},
                                         bad_row{"message", "arguments = '{}'", {"row 5", "arguments"}},
                                         bad_row{"message", "attempts = -1", {"row 5", "attempts"}},
                                         bad_row{"mark", "sequence = -1", {"row of seller/a"}},
                                         bad_row{"mark", "from_type = ''", {"row of /a"}},
                                         bad_row{"mark", "from_key = x''", {"row of seller/"}},
                                         bad_row{"letter", "id = -4", {"row -4"}},
                                         bad_row{"letter", "from_type = ''", {"row 4", "sender"}},
                                         bad_row{"letter", "to_key = x''", {"row 4", "receiver"}},
                                         bad_row{"letter", "method = ''", {"row 4", "method name"}}));

TEST_F(SqliteDamage, IsWhatAnEditorNeedNotFear) {
  raw_database raw(path());
  raw.run(R"(UPDATE actor SET state = json_set(state, '$.added', json('{"by": "hand"}')) WHERE key = x'626f6c74')");
  raw.run(R"(UPDATE actor SET state = ' { "z" : [ 1 ] , "a" : 2 } ' WHERE key = x'6361736b')");
  const auto client = open();
  EXPECT_EQ(client.load(bolt).image.cells,
            (std::vector{contract::cell("added", R"({"by":"hand"})"), contract::cell("state", R"({"version":1})")}));
  EXPECT_EQ(client.load(cask).image.cells, (std::vector{contract::cell("a", "2"), contract::cell("z", "[ 1 ]")}));
}

TEST_F(SqliteDamage, OfAPageIsToldWhenThePageIsRead) {
  // Past the first page every page is overwritten: whatever is read, is damaged.
  std::string bytes = bytes_of(path());
  const auto client = open();
  for (std::size_t i = 4096; i < bytes.size(); ++i) bytes[i] = static_cast<char>(0xa5);
  close();
  write_bytes(path(), bytes);
  try {
    const auto damaged = open();
    const auto loaded = damaged.load(acme);
    EXPECT_EQ(loaded.status, spi::read_status::damaged);
    EXPECT_NE(loaded.message.find("is damaged"), std::string::npos) << loaded.message;
    const auto result = damaged.commit(contract::turn(acme, {1, 11}, {2, 11}));
    EXPECT_EQ(result.status, spi::commit_status::rejected) << result.message;
  } catch (const error& refusal) {
    EXPECT_EQ(refusal.kind(), errc::bad_state);
  }
}

TEST_F(SqliteDamage, OfOneTableLeavesTheOthersReadable) {
  std::string root;
  {
    raw_database raw(path());
    root = raw.query("SELECT rootpage FROM sqlite_schema WHERE name = 'actor'");
  }
  std::string bytes = bytes_of(path());
  const std::size_t page = (std::stoul(root) - 1) * 4096;
  for (std::size_t i = page; i < page + 4096; ++i) bytes[i] = static_cast<char>(0xa5);
  write_bytes(path(), bytes);
  const auto client = open();
  EXPECT_EQ(client.load(acme).status, spi::read_status::damaged);
  EXPECT_EQ(client.list({}).status, spi::read_status::damaged);
  EXPECT_EQ(client.scan_due({contract::at_ms(1000), std::nullopt, 10}).actors.size(), 3U) << "the index is whole";
  const auto result = client.commit(contract::turn(acme, {1, 11}, {2, 11}));
  EXPECT_EQ(result.status, spi::commit_status::rejected) << result.message;
  EXPECT_NE(result.message.find("is damaged"), std::string::npos) << result.message;
}

TEST_F(SqliteDamage, IsReadAsJsonByTheShell) {
  {
    const auto client = open();
    auto record = contract::turn(acme, {1, 11}, {2, 11});
    record.cells = {contract::cell("inventory", R"({"stock":41})", 2), contract::cell("name", R"("Ac\u006de")")};
    record.reminders = {
        {contract::reminder("bill", 1700000000123, 60000, R"({"to":"x"})"), contract::reminder("\xff", 1800000000000)}};
    record.requests_added = {contract::request("r1", 5, R"({"paid":true})")};
    ASSERT_EQ(client.status_of(record), spi::commit_status::committed);
    close();
  }
  raw_database raw(path());
  const auto of_acme = [&](const std::string& what) {
    return raw.query("SELECT " + what + " FROM actors WHERE type = 'seller' AND key = 'acme'");
  };
  EXPECT_EQ(of_acme("json_extract(state, '$.inventory.stock')"), "41");
  EXPECT_EQ(of_acme("json_extract(state, '$.name')"), "Acme");
  EXPECT_EQ(of_acme("json_extract(schema, '$.inventory')"), "2");
  EXPECT_EQ(of_acme("json_valid(reminders)"), "1");
  EXPECT_EQ(of_acme("json_extract(reminders, '$[0].data.to')"), "x");
  EXPECT_EQ(of_acme("json_extract(reminders, '$[1].name_hex')"), "ff");
  EXPECT_EQ(of_acme("next_due"), "2023-11-14T22:13:20.123Z");
  EXPECT_EQ(of_acme("version"), "2");
  EXPECT_EQ(of_acme("requests"), "1");
  EXPECT_EQ(raw.query("SELECT json_extract(reply, '$.paid') FROM request"), "1");
}

TEST_F(SqliteDamage, ByATriggerIsThatOfOneRecord) {
  raw_database(path()).run(
      "CREATE TRIGGER no_bolt BEFORE UPDATE ON actor WHEN old.key = x'626f6c74'"
      " BEGIN SELECT RAISE(ABORT, 'bolt is frozen'); END");
  const auto client = open();
  std::vector<spi::turn_record> batch;
  for (const actor_id& actor : {acme, bolt, cask}) batch.push_back(contract::turn(actor, {1, 11}, {2, 11}));
  const auto results = client.commit(batch);
  EXPECT_EQ(results[0].status, spi::commit_status::committed) << results[0].message;
  EXPECT_EQ(results[1].status, spi::commit_status::rejected);
  EXPECT_NE(results[1].message.find("bolt is frozen"), std::string::npos) << results[1].message;
  EXPECT_EQ(results[2].status, spi::commit_status::committed) << results[2].message;
}

}  // namespace
}  // namespace troupe::sqlite_test
