#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sqlite_fixture.hpp"

namespace troupe::sqlite_test {
namespace {

class SqliteFile : public sqlite_fixture {
 protected:
  /// Makes a store with one actor in it.
  void make_store() {
    const auto client = open();
    ASSERT_EQ(client.status_of(contract::birth({"seller", "acme"})), spi::commit_status::committed);
    close();
  }

  /// Expects that the file is refused with `code` and a message that has `words` in it, and is left as it was.
  void expect_refused(errc code, const std::string& words) {
    const std::string before = bytes_of(path());
    const error refusal = refusal_of(options());
    EXPECT_EQ(refusal.kind(), code) << refusal.what();
    EXPECT_NE(std::string(refusal.what()).find(words), std::string::npos) << refusal.what();
    EXPECT_NE(std::string(refusal.what()).find(path().string()), std::string::npos) << refusal.what();
    EXPECT_EQ(bytes_of(path()), before);
    EXPECT_FALSE(std::filesystem::exists(path().string() + "-wal"));
    EXPECT_FALSE(std::filesystem::exists(path().string() + "-shm"));
    EXPECT_FALSE(std::filesystem::exists(path().string() + "-journal"));
  }
};

TEST_F(SqliteFile, IsMadeWhereThereIsNone) {
  make_store();
  EXPECT_TRUE(std::filesystem::exists(path()));
  EXPECT_FALSE(std::filesystem::exists(path().string() + "-wal")) << "close leaves a log behind";
}

TEST_F(SqliteFile, IsMadeInAnEmptyFile) {
  write_bytes(path(), "");
  make_store();
}

TEST_F(SqliteFile, SaysWhatItIs) {
  make_store();
  raw_database raw(path());
  EXPECT_EQ(raw.query("PRAGMA application_id"), std::to_string(0x74727065));
  EXPECT_EQ(raw.query("PRAGMA user_version"), "3");
  EXPECT_EQ(raw.query("SELECT value FROM meta WHERE name = 'format'"), "3");
  EXPECT_EQ(raw.query("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(raw.query("PRAGMA integrity_check"), "ok");
}

TEST_F(SqliteFile, IsRefusedWhenAnotherProgramsDatabase) {
  raw_database(path()).run("CREATE TABLE invoice(id INTEGER); INSERT INTO invoice VALUES(1)");
  expect_refused(errc::bad_state, "is an SQLite file but not a troupe store");
}

TEST_F(SqliteFile, IsRefusedWhenAnotherProgramsDatabaseInWalMode) {
  raw_database(path()).run("PRAGMA journal_mode = WAL; CREATE TABLE invoice(id INTEGER)");
  expect_refused(errc::bad_state, "is an SQLite file but not a troupe store");
}

TEST_F(SqliteFile, IsRefusedWhenNoDatabase) {
  write_bytes(path(), std::string(5000, 'x'));
  expect_refused(errc::bad_state, "is not an SQLite file");
  write_bytes(path(), "short");
  expect_refused(errc::bad_state, "is not an SQLite file");
}

TEST_F(SqliteFile, IsRefusedWhenOfANewerFormat) {
  make_store();
  raw_database(path()).run("PRAGMA user_version = 4");
  expect_refused(errc::bad_state, "of format 4; this program reads up to format 3");
}

TEST_F(SqliteFile, IsRefusedWhenItsTableNamesANewerFormat) {
  make_store();
  raw_database(path()).run("UPDATE meta SET value = '12'");
  expect_refused(errc::bad_state, "of format 12; this program reads up to format 3");
}

TEST_F(SqliteFile, IsRefusedWhenCutOff) {
  make_store();
  const std::string whole = bytes_of(path());
  for (const std::size_t bytes : {std::size_t{4096}, std::size_t{10000}, whole.size() - 1}) {
    write_bytes(path(), whole.substr(0, bytes));
    expect_refused(errc::bad_state, "is damaged");
  }
  write_bytes(path(), whole.substr(0, 50));
  expect_refused(errc::bad_state, "is not an SQLite file");
}

TEST_F(SqliteFile, IsRefusedWhenATableIsMissing) {
  make_store();
  raw_database(path()).run("DROP VIEW actors; DROP TABLE actor");
  expect_refused(errc::bad_state, "no such table: actor");
}

TEST_F(SqliteFile, IsRefusedWhenAFolder) {
  std::filesystem::create_directory(path());
  const error refusal = refusal_of(options());
  EXPECT_EQ(refusal.kind(), errc::invalid_argument);
  EXPECT_NE(std::string(refusal.what()).find("is a folder"), std::string::npos) << refusal.what();
}

TEST_F(SqliteFile, IsRefusedWhenItsFolderDoesNotExist) {
  auto wrong = options();
  wrong.path = (folder_.path() / "none" / "store.db").string();
  EXPECT_EQ(refusal_of(wrong).kind(), errc::invalid_argument);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "none"));
}

TEST_F(SqliteFile, IsRefusedWhenNoFileAtAll) {
  for (const std::string path : {"", ":memory:", "/dev/null"}) {
    auto wrong = options();
    wrong.path = path;
    EXPECT_EQ(refusal_of(wrong).kind(), errc::invalid_argument) << path;
  }
}

TEST_F(SqliteFile, RefusesOptionsOutOfRange) {
  const auto refused = [&](auto change) {
    auto wrong = options();
    change(wrong);
    return refusal_of(wrong).kind() == errc::invalid_argument && !std::filesystem::exists(path());
  };
  EXPECT_TRUE(refused([](auto& wrong) { wrong.wal_bytes_max = 1000; }));
  EXPECT_TRUE(refused([](auto& wrong) { wrong.cache_bytes = 1000; }));
  EXPECT_TRUE(refused([](auto& wrong) { wrong.record_bytes_max = std::size_t{1} << 30U; }));
  EXPECT_TRUE(refused([](auto& wrong) { wrong.busy_timeout = std::chrono::milliseconds(-1); }));
}

/// Opens the store as a user who is not root, in a process of its own; exits with the code of the error, 0 for none.
[[noreturn]] void open_as_nobody(const stores::sqlite_options& options) {
  if (geteuid() == 0 && setuid(65534) != 0) _exit(100);
  try {
    stores::sqlite_store(options)->close();
  } catch (const error& refusal) {
    _exit(static_cast<int>(refusal.kind()));
  }
  _exit(0);
}

int exit_code_as_nobody(const stores::sqlite_options& options) {
  const pid_t child = fork();
  if (child == 0) open_as_nobody(options);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(SqliteFile, IsRefusedWithoutPermission) {
  make_store();
  constexpr int invalid_argument = static_cast<int>(errc::invalid_argument);
  ASSERT_EQ(chmod(folder_.path().c_str(), 0777), 0);
  ASSERT_EQ(chmod(path().c_str(), 0666), 0);
  EXPECT_EQ(exit_code_as_nobody(options()), 0) << "with all permissions";
  ASSERT_EQ(chmod(path().c_str(), 0200), 0);
  EXPECT_EQ(exit_code_as_nobody(options()), invalid_argument) << "unreadable";
  ASSERT_EQ(chmod(path().c_str(), 0444), 0);
  EXPECT_EQ(exit_code_as_nobody(options()), invalid_argument) << "not writable";
  ASSERT_EQ(chmod(path().c_str(), 0666), 0);
  ASSERT_EQ(chmod(folder_.path().c_str(), 0555), 0);
  EXPECT_EQ(exit_code_as_nobody(options()), invalid_argument) << "no room for the log in its folder";
  auto absent = options();
  absent.path = (folder_.path() / "absent.db").string();
  EXPECT_EQ(exit_code_as_nobody(absent), invalid_argument) << "cannot be made in its folder";
  ASSERT_EQ(chmod(folder_.path().c_str(), 0700), 0);
}

}  // namespace
}  // namespace troupe::sqlite_test
