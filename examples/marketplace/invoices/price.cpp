#include "invoices/price.hpp"

#include <algorithm>
#include <cstddef>

namespace marketplace {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string group_thousands(std::string digits) {
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

std::string magnitude_of(std::int64_t number) {
  const std::string text = std::to_string(number);
  return number < 0 ? text.substr(1) : text;
}

}  // namespace

std::optional<std::int64_t> parse_price_pence(std::string_view text) {
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view pounds = text.substr(0, point);
  const std::string_view fraction = point < text.size() ? text.substr(point + 1) : std::string_view{};
  if (pounds.empty() && fraction.empty()) return std::nullopt;
  if (!std::all_of(pounds.begin(), pounds.end(), is_digit)) return std::nullopt;
  if (!std::all_of(fraction.begin(), fraction.end(), is_digit)) return std::nullopt;

  const auto digit_of = [&](std::size_t place) { return place < fraction.size() ? fraction[place] - '0' : 0; };
  std::int64_t pence = 0;
  const auto append = [&](int digit) { pence = std::min(pence * 10 + digit, row_pence_max + 1); };
  for (const char c : pounds) append(c - '0');
  append(digit_of(0));
  append(digit_of(1));
  if (digit_of(2) >= 5) ++pence;
  if (pence > row_pence_max) return std::nullopt;
  return pence;
}

std::string format_count(std::int64_t count) { return (count < 0 ? "-" : "") + group_thousands(magnitude_of(count)); }

std::string format_pounds(std::int64_t pence) {
  std::string digits = magnitude_of(pence);
  if (digits.size() < 3) digits.insert(0, 3 - digits.size(), '0');
  const std::size_t pounds = digits.size() - 2;
  return (pence < 0 ? "-" : "") + group_thousands(digits.substr(0, pounds)) + "." + digits.substr(pounds);
}

}  // namespace marketplace
