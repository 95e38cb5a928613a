#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/temporary_folder.hpp"

namespace troupe::testing_support {

/// The disk of one server as that sees it: it may be full, or hang. Needs no right of the system: a library that is
/// preloaded into the server answers for the kernel. Whatever else uses the disk does not notice.
class frail_disk {
 public:
  frail_disk() {
    namespace fs = std::filesystem;
    // A server that runs as another user reads it from here, wherever the build folder is.
    fs::permissions(folder_.path(), fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
    fs::copy_file(TROUPE_FRAIL_DISK_LIBRARY, library());
    fs::permissions(library(), fs::perms::owner_all | fs::perms::group_read | fs::perms::others_read);
  }

  /// What stands in front of the server's command.
  [[nodiscard]] std::vector<std::string> launcher() const {
    return {"env", "LD_PRELOAD=" + library().string(), "TROUPE_FRAIL_DISK=" + folder_.path().string()};
  }

  /// From now on no file can grow (`ENOSPC`), until `make_room`.
  void fill() const { begin("full"); }
  void make_room() const { end("full"); }

  /// From now on `fsync` and `fdatasync` do not return, until `release_syncs`.
  void stall_syncs() const { begin("stalled"); }
  void release_syncs() const { end("stalled"); }

 private:
  [[nodiscard]] std::filesystem::path library() const { return folder_.path() / "library.so"; }
  void begin(const char* what) const { std::ofstream(folder_.path() / what) << what; }
  void end(const char* what) const { std::filesystem::remove(folder_.path() / what); }

  temporary_folder folder_;
};

}  // namespace troupe::testing_support
