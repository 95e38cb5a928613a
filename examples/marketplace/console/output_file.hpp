#pragma once

#include <filesystem>
#include <fstream>
#include <string>

namespace marketplace {

/// A result file that appears whole or not at all.
///
/// Text goes to `PATH.partial` and replaces PATH at `commit`; what was there before stays until then. A path that is no
/// regular file (`/dev/stdout`) is written directly. Errors: `std::runtime_error` naming path and reason.
class output_file {
 public:
  /// Opens the file, so that a path that cannot be written is known before the work begins. Empty path: writes nothing.
  explicit output_file(const std::string& path);

  /// Removes what was not committed.
  ~output_file();

  output_file(const output_file&) = delete;
  output_file& operator=(const output_file&) = delete;

  void write(const std::string& text);
  void commit();

 private:
  std::filesystem::path path_;
  std::filesystem::path partial_;  // equal to path_ when written directly
  std::ofstream stream_;
};

}  // namespace marketplace
