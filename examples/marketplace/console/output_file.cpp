#include "console/output_file.hpp"

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace marketplace {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path) {
  throw std::runtime_error("cannot write " + path.string() + ": " + std::generic_category().message(errno));
}

}  // namespace

output_file::output_file(const std::string& path) : path_(path), partial_(path) {
  if (path_.empty()) return;
  std::error_code ignored;
  const bool is_special = std::filesystem::exists(path_, ignored) && !std::filesystem::is_regular_file(path_, ignored);
  if (!is_special) partial_ += ".partial";
  stream_.open(partial_, std::ios::binary | std::ios::trunc);
  if (!stream_) fail(partial_);
}

output_file::~output_file() {
  if (!stream_.is_open()) return;
  stream_.close();
  std::error_code ignored;
  if (partial_ != path_) std::filesystem::remove(partial_, ignored);
}

void output_file::write(const std::string& text) {
  if (path_.empty()) return;
  stream_ << text;
  if (!stream_) fail(partial_);
}

void output_file::commit() {
  if (path_.empty()) return;
  stream_.close();
  if (!stream_) fail(partial_);
  if (partial_ != path_) std::filesystem::rename(partial_, path_);
}

}  // namespace marketplace
