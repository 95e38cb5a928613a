#include "stores/cosmos/master_key.hpp"

#include <array>
#include <cctype>
#include <cstdio>

#include "stores/http/digest.hpp"

namespace troupe::internal {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

}  // namespace

std::string http_date(wall_time time) {
  static constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                days[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

std::string authorization(std::string_view method, const cosmos_resource& resource, std::string_view date,
                          std::string_view key) {
  const std::string text =
      lower(method) + "\n" + lower(resource.type) + "\n" + resource.link + "\n" + lower(date) + "\n\n";
  std::string header = "type%3Dmaster%26ver%3D1.0%26sig%3D";
  for (const char c : to_base64(hmac_sha256(key, text))) {
    if (c == '+') {
      header += "%2B";
    } else if (c == '/') {
      header += "%2F";
    } else if (c == '=') {
      header += "%3D";
    } else {
      header += c;
    }
  }
  return header;
}

}  // namespace troupe::internal
