#pragma once

#include <string>

namespace troupe::internal {

/// Looks at the file itself, without SQLite, which would write beside (and, after a crash, into) a file it opens.
///
/// Effects: none. Errors: `troupe::error{invalid_argument}` (a folder, no regular file, unreadable, its folder does not
/// exist), `troupe::error{bad_state}` (not an SQLite file, not a troupe store, of a newer format).
void check_sqlite_file(const std::string& path);

/// Errors that both looks at a file may end in: `troupe::error{bad_state}`.
[[noreturn]] void refuse_foreign_file(const std::string& path);
[[noreturn]] void refuse_newer_format(const std::string& path, const std::string& format);

}  // namespace troupe::internal
