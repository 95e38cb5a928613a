#include "console/progress.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <unistd.h>

namespace marketplace {
namespace {

std::string seconds_of(std::chrono::milliseconds elapsed) {
  const std::int64_t tenths = elapsed.count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

std::string bar_of(std::uint64_t percent) {
  constexpr std::size_t width = 30;
  const std::size_t filled = static_cast<std::size_t>(percent) * width / 100;
  return "[" + std::string(filled, '#') + std::string(width - filled, ' ') + "]";
}

}  // namespace

progress::progress(std::ostream& out, style look, std::string label, std::uint64_t total)
    : out_(out), look_(look), label_(std::move(label)), total_(total) {}

void progress::update(std::uint64_t done, const std::string& note, std::chrono::milliseconds elapsed) {
  const std::chrono::milliseconds interval = look_ == style::bar ? bar_interval : line_interval;
  if (shown_at_ && elapsed - *shown_at_ < interval) return;
  show(done, note, elapsed);
}

void progress::finish(const std::string& note, std::chrono::milliseconds elapsed) {
  show(total_, note, elapsed);
  if (look_ == style::bar) out_ << std::endl;
}

void progress::show(std::uint64_t done, const std::string& note, std::chrono::milliseconds elapsed) {
  shown_at_ = elapsed;
  const std::uint64_t percent = total_ == 0 ? 100 : std::min(done, total_) * 100 / total_;
  const std::string text = std::to_string(percent) + " %  " + note + "  " + seconds_of(elapsed);
  if (look_ == style::bar) {
    constexpr const char* back_to_column_1 = "\r";
    constexpr const char* erase_to_end_of_line = "\x1b[K";
    out_ << back_to_column_1 << label_ << " " << bar_of(percent) << " " << text << erase_to_end_of_line << std::flush;
  } else {
    out_ << label_ << ": " << text << std::endl;
  }
}

progress::style style_of_stderr() { return isatty(STDERR_FILENO) == 1 ? progress::style::bar : progress::style::lines; }

}  // namespace marketplace
