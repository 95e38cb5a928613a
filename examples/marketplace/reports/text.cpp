#include "reports/text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>

#include <nlohmann/json.hpp>

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

std::string time_text(std::chrono::sys_time<std::chrono::milliseconds> when) {
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(when - day));
  char text[48];
  std::snprintf(text, sizeof(text), "%d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
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

bool is_utf8(std::string_view text) {
  try {
    static_cast<void>(nlohmann::json(text).dump());
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

std::string json_text(std::string_view text) {
  const auto is_plain = [](char c) { return c >= ' ' && c <= '~' && c != '\\'; };
  if (std::all_of(text.begin(), text.end(), is_plain)) return std::string(text);  // as nearly all ids are
  return is_utf8(text) && text.find("\\x") == std::string_view::npos ? std::string(text) : printable(text);
}

std::string terminal_line(std::string_view text) {
  if (!is_utf8(text)) return printable(text);
  const auto byte_at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  std::string shown;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_control = byte_at(i) < 0x20 || byte_at(i) == 0x7f;
    const bool is_control_of_two = byte_at(i) == 0xc2 && byte_at(i + 1) < 0xa0;  // U+0080 to U+009F
    const std::size_t bytes = is_control_of_two ? 2 : 1;
    const std::string_view character = text.substr(i, bytes);
    shown += is_control || is_control_of_two ? printable(character) : std::string(character);
    i += bytes - 1;
  }
  return shown;
}

}  // namespace marketplace
