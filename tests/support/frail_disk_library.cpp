// Preloaded into a server (LD_PRELOAD): stands between it and its disk. What it does is in the folder that the
// environment variable TROUPE_FRAIL_DISK names: while there is a file "full" no file can grow, as on a disk without
// room; while there is a file "stalled" no file is synchronised with the disk.
#include <cerrno>
#include <cstdlib>
#include <string>

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

bool is_set(const char* what) {
  const char* folder = std::getenv("TROUPE_FRAIL_DISK");
  if (folder == nullptr) return false;
  const int error = errno;
  const bool is_there = access((std::string(folder) + "/" + what).c_str(), F_OK) == 0;
  errno = error;
  return is_there;
}

/// Whether a write of so many bytes needs room that is not there. What the program prints is written all the same.
bool has_no_room(int file, off_t at, std::size_t size) {
  struct stat status {};
  if (file <= STDERR_FILENO || fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) return false;
  if (at < 0) at = (fcntl(file, F_GETFL) & O_APPEND) != 0 ? status.st_size : lseek(file, 0, SEEK_CUR);
  return at + static_cast<off_t>(size) > status.st_size && is_set("full");
}

std::size_t size_of(const iovec* pieces, int count) {
  std::size_t size = 0;
  for (int i = 0; i < count; ++i) size += pieces[i].iov_len;
  return size;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

template <class Function, class... Arguments>
ssize_t write_if_there_is_room(const char* name, int file, off_t at, std::size_t size, Arguments... arguments) {
  if (has_no_room(file, at, size)) {
    errno = ENOSPC;
    return -1;
  }
  return next<Function>(name)(file, arguments...);
}

template <class Function>
int synchronise_when_it_is_not_stalled(const char* name, int file) {
  while (is_set("stalled")) poll(nullptr, 0, 5);
  return next<Function>(name)(file);
}

}  // namespace

extern "C" {

ssize_t write(int file, const void* bytes, std::size_t size) {
  return write_if_there_is_room<ssize_t(int, const void*, std::size_t)>("write", file, -1, size, bytes, size);
}

ssize_t writev(int file, const iovec* pieces, int count) {
  return write_if_there_is_room<ssize_t(int, const iovec*, int)>("writev", file, -1, size_of(pieces, count), pieces,
                                                                 count);
}

ssize_t pwrite(int file, const void* bytes, std::size_t size, off_t at) {
  return write_if_there_is_room<ssize_t(int, const void*, std::size_t, off_t)>("pwrite", file, at, size, bytes, size,
                                                                               at);
}

ssize_t pwrite64(int file, const void* bytes, std::size_t size, off64_t at) {
  return write_if_there_is_room<ssize_t(int, const void*, std::size_t, off64_t)>("pwrite64", file, at, size, bytes,
                                                                                 size, at);
}

ssize_t pwritev(int file, const iovec* pieces, int count, off_t at) {
  return write_if_there_is_room<ssize_t(int, const iovec*, int, off_t)>("pwritev", file, at, size_of(pieces, count),
                                                                        pieces, count, at);
}

ssize_t pwritev64(int file, const iovec* pieces, int count, off64_t at) {
  return write_if_there_is_room<ssize_t(int, const iovec*, int, off64_t)>("pwritev64", file, at, size_of(pieces, count),
                                                                          pieces, count, at);
}

int posix_fallocate(int file, off_t at, off_t size) {
  return has_no_room(file, at, static_cast<std::size_t>(size))
             ? ENOSPC
             : next<int(int, off_t, off_t)>("posix_fallocate")(file, at, size);
}

int posix_fallocate64(int file, off64_t at, off64_t size) {
  return has_no_room(file, at, static_cast<std::size_t>(size))
             ? ENOSPC
             : next<int(int, off64_t, off64_t)>("posix_fallocate64")(file, at, size);
}

int fsync(int file) { return synchronise_when_it_is_not_stalled<int(int)>("fsync", file); }
int fdatasync(int file) { return synchronise_when_it_is_not_stalled<int(int)>("fdatasync", file); }

}  // extern "C"
