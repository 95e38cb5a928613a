#include "sqlite_fixture.hpp"

namespace troupe::sqlite_test {
namespace {

using spi::commit_status;

constexpr std::size_t mebibyte = std::size_t{1} << 20U;

class SqliteLog : public sqlite_fixture {
 protected:
  SqliteLog() {
    for (int i = 0; i < 200; ++i) batch_.push_back(contract::birth({"seller", std::to_string(i)}));
  }

  /// Commits about 1.2 MB; every record is the next version of its actor.
  void commit_round(const contract::store_client& client) {
    for (const auto& result : client.commit(batch_)) ASSERT_EQ(result.status, commit_status::committed);
    for (auto& record : batch_) {
      record.expected = record.next;
      ++record.next.version;
      // Another letter each time: SQLite does not write what stays the same.
      const char letter = static_cast<char>('a' + record.next.version % 26);
      record.cells = {contract::cell("blob", '"' + std::string(5'000, letter) + '"')};
    }
  }

  [[nodiscard]] std::uintmax_t log_bytes() const { return std::filesystem::file_size(path().string() + "-wal"); }

  std::vector<spi::turn_record> batch_;
};

TEST_F(SqliteLog, DoesNotOutgrowItsLimitByMoreThanABatch) {
  auto small = options();
  small.wal_bytes_max = 4 * mebibyte;
  const auto client = open(small);
  for (int round = 0; round < 30; ++round) commit_round(client);
  EXPECT_LT(log_bytes(), 8 * mebibyte);
  close();
  EXPECT_EQ(raw_database(path()).query("PRAGMA integrity_check"), "ok");
}

TEST_F(SqliteLog, GrowsBehindALongReadAndStopsNobody) {
  auto small = options();
  small.wal_bytes_max = mebibyte;
  const auto client = open(small);
  commit_round(client);
  commit_round(client);
  raw_database reader(path());
  reader.run("BEGIN");
  const std::string seen = reader.query("SELECT sum(version) FROM actor");
  for (int round = 0; round < 10; ++round) commit_round(client);
  EXPECT_GT(log_bytes(), 4 * mebibyte);
  EXPECT_EQ(reader.query("SELECT sum(version) FROM actor"), seen) << "the reader keeps its view";
  reader.run("COMMIT");
  for (int round = 0; round < 10; ++round) commit_round(client);
  const auto grown = log_bytes();
  for (int round = 0; round < 10; ++round) commit_round(client);
  EXPECT_EQ(log_bytes(), grown) << "the log is used again from its beginning";
}

}  // namespace
}  // namespace troupe::sqlite_test
