#include "stores/sqlite/sqlite_file.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "stores/sqlite/sqlite_schema.hpp"
#include "troupe/base/error.hpp"

namespace troupe::internal {
namespace {

namespace fs = std::filesystem;

// Source: "Database File Format", sqlite.org/fileformat2.html, section 1.3.
constexpr std::string_view magic("SQLite format 3\0", 16);
constexpr std::size_t page_bytes_at = 16;  // two bytes; 1 stands for 65,536
constexpr std::size_t change_counter_at = 24;
constexpr std::size_t page_count_at = 28;
constexpr std::size_t user_version_at = 60;
constexpr std::size_t application_id_at = 68;
constexpr std::size_t page_count_valid_for_at = 92;
using file_header = std::array<char, 100>;

std::uint32_t big_endian(const file_header& header, std::size_t at) noexcept {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i) value = (value << 8U) | static_cast<unsigned char>(header[i]);
  return value;
}

[[noreturn]] void refuse_path(const std::string& what) { throw error(errc::invalid_argument, "SQLite store: " + what); }

void check_path(const std::string& path) {
  if (path.empty()) refuse_path("the path is empty; name a file, for example sqlite:market.db");
  if (path.find('\0') != std::string::npos) refuse_path("the path contains a NUL byte");
  if (path == ":memory:") refuse_path(":memory: is not a file; take the memory store");
}

/// Returns whether there is a file to look into.
bool check_kind(const std::string& path) {
  std::error_code failure;
  const fs::file_status status = fs::status(path, failure);
  if (fs::is_directory(status)) refuse_path(path + " is a folder; name a file in it");
  if (fs::is_regular_file(status)) return true;
  if (fs::exists(status)) refuse_path(path + " is not a regular file");
  if (status.type() != fs::file_type::not_found) refuse_path(path + " cannot be reached: " + failure.message());
  const fs::path folder = fs::absolute(path).parent_path();
  if (!fs::is_directory(folder, failure)) refuse_path("the folder " + folder.string() + " does not exist; create it");
  return false;
}

/// A creation that was cut off leaves a rollback journal beside an unfinished file, any other death of the process a
/// write-ahead log; SQLite then makes the file whole.
bool has_journal(const std::string& path) {
  std::error_code ignored;
  for (const char* suffix : {"-journal", "-wal"}) {
    const auto bytes = fs::file_size(path + suffix, ignored);
    if (!ignored && bytes > 0) return true;
  }
  return false;
}

/// SQLite notices missing pages by itself, but takes a last page that was cut off for zeros.
void check_length(const std::string& path, const file_header& header) {
  if (big_endian(header, change_counter_at) != big_endian(header, page_count_valid_for_at)) return;
  const std::uint64_t page_bytes = big_endian(header, page_bytes_at) >> 16U;
  const std::uint64_t wanted = big_endian(header, page_count_at) * (page_bytes == 1 ? 65'536 : page_bytes);
  const std::uint64_t bytes = fs::file_size(path);
  if (bytes >= wanted || has_journal(path)) return;
  throw error(errc::bad_state, path + " is damaged: it has " + std::to_string(bytes) + " bytes and should have " +
                                   std::to_string(wanted) + "; restore it from a backup");
}

}  // namespace

void refuse_foreign_file(const std::string& path) {
  throw error(errc::bad_state, path +
                                   " is an SQLite file but not a troupe store; it was left as it is. Name another "
                                   "file for the store");
}

void refuse_newer_format(const std::string& path, const std::string& format) {
  throw error(errc::bad_state, path + " is a troupe store of format " + format + "; this program reads up to format " +
                                   std::to_string(sqlite_format_version) +
                                   ". It was left as it is; update the program");
}

void check_sqlite_file(const std::string& path) {
  check_path(path);
  if (!check_kind(path)) return;
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) refuse_path(path + " cannot be opened: " + std::generic_category().message(errno));
  file_header header{};
  file.read(header.data(), static_cast<std::streamsize>(header.size()));
  const auto bytes = static_cast<std::size_t>(file.gcount());
  if (file.bad()) refuse_path(path + " cannot be read: " + std::generic_category().message(errno));
  if (bytes == 0) return;
  if (bytes < header.size() || std::string_view(header.data(), magic.size()) != magic) {
    if (has_journal(path)) return;
    throw error(errc::bad_state, path +
                                     " is not an SQLite file, so no troupe store; it was left as it is. Name another "
                                     "file for the store");
  }
  if (big_endian(header, application_id_at) != sqlite_application_id) refuse_foreign_file(path);
  const std::uint32_t format = big_endian(header, user_version_at);
  if (format > sqlite_format_version) refuse_newer_format(path, std::to_string(format));
  check_length(path, header);
}

}  // namespace troupe::internal
