#include "stores/sqlite/sqlite_connection.hpp"

#include <algorithm>
#include <limits>

namespace troupe::internal {

std::string describe(std::string_view path, const sqlite_failure& failure) {
  const std::string said =
      std::string(" (") + failure.what() + ", SQLite code " + std::to_string(failure.extended_code()) + ")";
  const std::string file(path);
  switch (failure.code()) {
    case SQLITE_FULL:
      return "no room left for " + file + said +
             "; free space on the disk, or raise file_bytes_max if it is set, and try again";
    case SQLITE_IOERR:
      return "the disk refused to read or write " + file + said + "; check its free space, its quota and its health";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return file + " is locked by another process" + said + "; try again, or end that process";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return file + " is damaged" + said + "; restore it from a backup, or rescue it with the sqlite3 shell: .recover";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return file + " cannot be written" + said + "; check the permissions of the file and of its folder";
    case SQLITE_CANTOPEN:
      return file + " or its log cannot be opened" + said + "; check that its folder exists and can be written";
    default:
      return file + ": " + failure.what() + " (SQLite code " + std::to_string(failure.extended_code()) + ")";
  }
}

sqlite_connection::sqlite_connection(const std::string& path, sqlite_access access,
                                     std::chrono::milliseconds busy_timeout) {
  // One thread at a time uses a connection, so SQLite's own mutexes are switched off.
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (access == sqlite_access::read_write_create) flags |= SQLITE_OPEN_CREATE;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  handle_.reset(handle);
  if (handle == nullptr) throw sqlite_failure(SQLITE_NOMEM, "out of memory");
  if (code != SQLITE_OK) fail(code);
  if (sqlite3_db_readonly(handle, "main") == 1) {
    throw sqlite_failure(SQLITE_READONLY, "attempt to write a readonly database");
  }
  set_busy_timeout(busy_timeout);
}

void sqlite_connection::set_busy_timeout(std::chrono::milliseconds timeout) noexcept {
  constexpr std::int64_t longest = std::numeric_limits<int>::max();
  sqlite3_busy_timeout(get(), static_cast<int>(std::clamp<std::int64_t>(timeout.count(), 0, longest)));
}

void sqlite_connection::run(const std::string& sql) {
  const int code = sqlite3_exec(get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code);
}

std::string sqlite_connection::query(std::string_view sql) {
  sqlite_statement statement(*this, sql);
  return statement.step() ? std::string(statement.bytes(0)) : std::string();
}

void sqlite_connection::roll_back() noexcept {
  // Some errors have rolled back already.
  if (sqlite3_get_autocommit(get()) == 0) sqlite3_exec(get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void sqlite_connection::fail(int code) const { throw sqlite_failure(code, sqlite3_errmsg(get())); }

sqlite_statement::sqlite_statement(sqlite_connection& connection, std::string_view sql) : connection_(&connection) {
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v3(connection.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  handle_.reset(handle);
  check(code);
}

void sqlite_statement::check(int code) const {
  if (code != SQLITE_OK) connection_->fail(code);
}

void sqlite_statement::bind(int parameter, std::int64_t value) {
  check(sqlite3_bind_int64(handle_.get(), parameter, value));
}

void sqlite_statement::bind_text(int parameter, std::string_view text) {
  const char* data = text.empty() ? "" : text.data();  // a null pointer would bind NULL
  check(sqlite3_bind_text64(handle_.get(), parameter, data, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void sqlite_statement::bind_blob(int parameter, std::string_view bytes) {
  const char* data = bytes.empty() ? "" : bytes.data();
  check(sqlite3_bind_blob64(handle_.get(), parameter, data, bytes.size(), SQLITE_STATIC));
}

void sqlite_statement::bind_null(int parameter) { check(sqlite3_bind_null(handle_.get(), parameter)); }

bool sqlite_statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  const sqlite_failure failure(code, sqlite3_errmsg(connection_->get()));
  reset();
  throw failure;
}

void sqlite_statement::run() {
  while (step()) {
  }
  reset();
}

bool sqlite_statement::is_null(int column) const noexcept {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

std::int64_t sqlite_statement::integer(int column) const noexcept {
  return sqlite3_column_int64(handle_.get(), column);
}

std::string_view sqlite_statement::bytes(int column) const noexcept {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(handle_.get(), column));
  const int size = sqlite3_column_bytes(handle_.get(), column);
  return data == nullptr ? std::string_view() : std::string_view(data, static_cast<std::size_t>(size));
}

}  // namespace troupe::internal
