#include <filesystem>
#include <stdexcept>

#include <sqlite3.h>

#include "raw_library.hpp"

namespace bench {
namespace {

/// A transaction of prepared statements, write-ahead log, one table without a row number of its own.
class raw_sqlite final : public raw_connection {
 public:
  raw_sqlite(const std::string& path, bool full_sync) {
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path + end);
    check(sqlite3_open(path.c_str(), &file_));
    execute("PRAGMA journal_mode=WAL");
    execute(full_sync ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
    execute("PRAGMA wal_autocheckpoint=16000");
    execute("PRAGMA cache_size=-65536");
    execute("CREATE TABLE raw(key TEXT PRIMARY KEY, version INTEGER NOT NULL, document TEXT NOT NULL)");
    check(sqlite3_prepare_v2(file_,
                             "INSERT INTO raw VALUES(?1, ?2 + 1, ?3) ON CONFLICT(key) DO UPDATE "
                             "SET version = ?2 + 1, document = ?3 WHERE version = ?2",
                             -1, &upsert_, nullptr));
  }
  ~raw_sqlite() override {
    sqlite3_finalize(upsert_);
    sqlite3_close(file_);
  }

  void write(std::span<const raw_row> rows) override {
    execute("BEGIN IMMEDIATE");
    for (const raw_row& row : rows) {
      sqlite3_bind_text(upsert_, 1, row.key.data(), static_cast<int>(row.key.size()), SQLITE_STATIC);
      sqlite3_bind_int64(upsert_, 2, static_cast<std::int64_t>(row.version));
      sqlite3_bind_text(upsert_, 3, row.document.data(), static_cast<int>(row.document.size()), SQLITE_STATIC);
      if (sqlite3_step(upsert_) != SQLITE_DONE || sqlite3_changes(file_) != 1) fail();
      sqlite3_reset(upsert_);
    }
    execute("COMMIT");
  }

 private:
  [[noreturn]] void fail() { throw std::runtime_error(std::string("SQLite itself: ") + sqlite3_errmsg(file_)); }
  void check(int result) {
    if (result != SQLITE_OK) fail();
  }
  void execute(const char* sql) { check(sqlite3_exec(file_, sql, nullptr, nullptr, nullptr)); }

  sqlite3* file_ = nullptr;
  sqlite3_stmt* upsert_ = nullptr;
};

}  // namespace

std::unique_ptr<raw_connection> open_raw_sqlite(const std::string& path, bool full_sync) {
  return std::make_unique<raw_sqlite>(path, full_sync);
}

}  // namespace bench
