#pragma once

#include <filesystem>
#include <string>

#include <sqlite3.h>

namespace troupe::sqlite_test {

/// The file as anyone with SQLite sees and changes it. Every failure is a test failure.
class raw_database {
 public:
  explicit raw_database(const std::filesystem::path& path);
  ~raw_database() { sqlite3_close(handle_); }
  raw_database(const raw_database&) = delete;
  raw_database& operator=(const raw_database&) = delete;

  void run(const std::string& sql);

  /// Returns the first column of the first row.
  [[nodiscard]] std::string query(const std::string& sql);

 private:
  sqlite3* handle_ = nullptr;
};

/// Returns all bytes of a file.
[[nodiscard]] std::string bytes_of(const std::filesystem::path& path);

void write_bytes(const std::filesystem::path& path, const std::string& bytes);

}  // namespace troupe::sqlite_test
