#include "sqlite_fixture.hpp"

namespace troupe::sqlite_test {
namespace {

using spi::commit_status;

class SqliteSharing : public sqlite_fixture {};

TEST_F(SqliteSharing, IsUnavailableWhileAnotherProcessHoldsTheFile) {
  auto impatient = options();
  impatient.busy_timeout = std::chrono::milliseconds(0);
  const auto client = open(impatient);
  raw_database other(path());
  other.run("BEGIN IMMEDIATE");
  const auto record = contract::birth({"seller", "acme"});
  const auto result = client.commit(record);
  EXPECT_EQ(result.status, commit_status::unavailable);
  EXPECT_NE(result.message.find("locked by another process"), std::string::npos) << result.message;
  EXPECT_EQ(client.load(record.actor).status, spi::read_status::ok) << "reads do not wait for a writer";
  other.run("COMMIT");
  EXPECT_EQ(client.status_of(record), commit_status::committed);
}

TEST_F(SqliteSharing, RefusesToOpenWhileAnotherProcessLocksTheFile) {
  open();
  close();
  raw_database other(path());
  other.run("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE meta SET value = value");
  auto impatient = options();
  impatient.busy_timeout = std::chrono::milliseconds(0);
  const error refusal = refusal_of(impatient);
  EXPECT_EQ(refusal.kind(), errc::unavailable) << refusal.what();
  other.run("ROLLBACK");
}

TEST_F(SqliteSharing, WaitsForAnotherProcessForAWhile) {
  const auto client = open();
  raw_database other(path());
  other.run("BEGIN IMMEDIATE");
  const contract::pending<std::vector<spi::commit_result>> result;
  const auto record = contract::birth({"seller", "acme"});
  client.store().async_commit(std::span(&record, 1), result.completion());
  other.run("COMMIT");
  EXPECT_EQ(result.get()[0].status, commit_status::committed);
}

}  // namespace
}  // namespace troupe::sqlite_test
