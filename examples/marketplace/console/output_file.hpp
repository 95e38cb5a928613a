#pragma once

#include <filesystem>
#include <string>

namespace marketplace {

/// A result file that appears whole or not at all.
///
/// Text goes to a new file in the same folder, whose name nobody knows before, and replaces PATH at `commit`; what was
/// there before stays until then. A link is followed, not replaced. What is no regular file, or is where standard
/// output or standard error go, is written directly. A program that is killed may leave `.marketplace-*.partial`.
/// Errors: `std::runtime_error` naming path and reason.
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
  void open_directly(int shared_descriptor);
  void open_beside();
  void flush();
  [[noreturn]] void fail(int reason) const;

  const std::string path_;        // as it was named
  std::filesystem::path target_;  // where it leads
  std::string partial_;           // replaces the target; empty: written directly
  std::string buffer_;
  int descriptor_ = -1;
};

}  // namespace marketplace
