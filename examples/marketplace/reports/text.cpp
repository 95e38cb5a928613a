#include "reports/text.hpp"

#include <cstddef>
#include <cstdio>

#include "invoices/price.hpp"

namespace marketplace {

std::string pace(std::uint64_t turns, double seconds) {
  char duration[32];
  std::snprintf(duration, sizeof(duration), "%.1f s", seconds);
  std::string text = format_count(static_cast<std::int64_t>(turns)) + " in " + duration;
  if (seconds > 0) {
    const double per_second = static_cast<double>(turns) / seconds;
    text += " (" + format_count(static_cast<std::int64_t>(per_second)) + " per second)";
  }
  return text;
}

std::string report_line(const std::string& label, const std::string& value) {
  constexpr std::size_t label_width = 16;
  return label + std::string(label.size() < label_width ? label_width - label.size() : 1, ' ') + value + "\n";
}

std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string shown;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= ' ' && byte <= '~' && c != '\\') {
      shown += c;
    } else {
      shown += {'\\', 'x', digits[byte / 16], digits[byte % 16]};
    }
  }
  return shown;
}

}  // namespace marketplace
