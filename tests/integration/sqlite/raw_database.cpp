#include "raw_database.hpp"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace troupe::sqlite_test {

raw_database::raw_database(const std::filesystem::path& path) {
  EXPECT_EQ(sqlite3_open(path.c_str(), &handle_), SQLITE_OK);
  sqlite3_busy_timeout(handle_, 5000);
}

void raw_database::run(const std::string& sql) {
  EXPECT_EQ(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle_);
}

std::string raw_database::query(const std::string& sql) {
  std::string result;
  const auto keep = [](void* out, int /*columns*/, char** values, char** /*names*/) {
    *static_cast<std::string*>(out) = values[0] == nullptr ? "NULL" : values[0];
    return 1;  // no further row
  };
  const int code = sqlite3_exec(handle_, sql.c_str(), keep, &result, nullptr);
  EXPECT_TRUE(code == SQLITE_OK || code == SQLITE_ABORT) << sqlite3_errmsg(handle_);
  return result;
}

std::string bytes_of(const std::filesystem::path& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

}  // namespace troupe::sqlite_test
