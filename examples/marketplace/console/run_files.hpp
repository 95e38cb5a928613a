#pragma once

#include <string>

namespace marketplace {

/// The files of a run as the command line names them; empty: none.
struct run_files {
  std::string store{};  ///< a URI
  std::string input{};
  std::string json{};
  std::string rejects{};
};

/// Returns the file that the URI of a store names, decoded; empty for a store that keeps no file.
[[nodiscard]] std::string file_of_store(const std::string& uri);

/// Checks that no file would be overwritten by another: the store, the files SQLite keeps beside it, the input and the
/// results. Results may share what is no regular file (`/dev/null`). Errors: `usage_error` naming option and file.
void check_distinct(const run_files& files);

}  // namespace marketplace
