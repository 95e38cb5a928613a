#include "console/output_file.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "console/same_file.hpp"
#include "reports/text.hpp"

namespace marketplace {
namespace {

constexpr std::size_t buffer_bytes_max = 64U * 1024U;

// Returns the standard stream that goes to this file; -1: none. Such a file has a place at which the stream goes on.
int stream_to(const struct stat& file) {
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    struct stat other {};
    if (fstat(stream, &other) == 0 && other.st_dev == file.st_dev && other.st_ino == file.st_ino) return stream;
  }
  return -1;
}

// Returns the rights that the file has, or that a new one gets.
mode_t rights_of(const std::filesystem::path& path) {
  struct stat file {};
  if (stat(path.c_str(), &file) == 0) return file.st_mode & 0777U;
  const mode_t mask = umask(0);
  umask(mask);
  return 0666U & ~mask;
}

}  // namespace

output_file::output_file(const std::string& path) : path_(path) {
  if (path_.empty()) return;
  struct stat file {};
  const bool exists = stat(path_.c_str(), &file) == 0;
  if (exists && S_ISDIR(file.st_mode)) fail(EISDIR);
  const int shared = exists ? stream_to(file) : -1;
  if (shared != -1 || (exists && !S_ISREG(file.st_mode))) {
    open_directly(shared);
  } else {
    if (exists && access(path_.c_str(), W_OK) != 0) fail(errno);
    open_beside();
  }
}

output_file::~output_file() {
  if (descriptor_ == -1) return;
  close(descriptor_);
  if (!partial_.empty()) unlink(partial_.c_str());
}

void output_file::write(const std::string& text) {
  if (path_.empty()) return;
  buffer_ += text;
  if (buffer_.size() >= buffer_bytes_max) flush();
}

void output_file::commit() {
  if (path_.empty()) return;
  flush();
  if (close(std::exchange(descriptor_, -1)) != 0 || (!partial_.empty() && rename(partial_.c_str(), target_.c_str()))) {
    const int reason = errno;
    if (!partial_.empty()) unlink(partial_.c_str());
    fail(reason);
  }
}

void output_file::open_directly(int shared_descriptor) {
  descriptor_ = shared_descriptor == -1 ? open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY)
                                        : fcntl(shared_descriptor, F_DUPFD_CLOEXEC, 0);
  if (descriptor_ == -1) fail(errno);
}

void output_file::open_beside() {
  target_ = resolved(path_);
  if (target_.filename().empty()) fail(ENOENT);
  std::string name = (target_.parent_path() / ".marketplace-XXXXXX.partial").string();
  constexpr int suffix_size = sizeof(".partial") - 1;
  descriptor_ = mkostemps(name.data(), suffix_size, O_CLOEXEC);  // never an existing file, never through a link
  if (descriptor_ == -1) fail(errno);
  partial_ = name;
  if (fchmod(descriptor_, rights_of(target_)) == 0) return;
  const int reason = errno;
  close(descriptor_);
  unlink(partial_.c_str());
  fail(reason);
}

void output_file::flush() {
  std::size_t done = 0;
  while (done < buffer_.size()) {
    const ssize_t count = ::write(descriptor_, buffer_.data() + done, buffer_.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(errno);
    done += static_cast<std::size_t>(count);
  }
  buffer_.clear();
}

void output_file::fail(int reason) const {
  throw std::runtime_error("cannot write " + printable(path_) + ": " + std::generic_category().message(reason));
}

}  // namespace marketplace
