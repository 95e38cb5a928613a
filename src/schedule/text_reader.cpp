#include "schedule/text_reader.hpp"

#include <algorithm>

#include "troupe/base/error.hpp"

namespace troupe::internal {
namespace {

constexpr std::size_t shown_bytes_max = 120;

void append_escaped(std::string& to, unsigned char byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  if (byte == '"' || byte == '\\') {
    to += '\\';
    to += static_cast<char>(byte);
  } else if (byte >= 0x20 && byte < 0x7f) {
    to += static_cast<char>(byte);
  } else {
    to += "\\x";
    to += digits[byte >> 4];
    to += digits[byte & 15];
  }
}

}  // namespace

std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (char c : text.substr(0, shown_bytes_max)) append_escaped(result, static_cast<unsigned char>(c));
  return result + (text.size() > shown_bytes_max ? "...\"" : "\"");
}

text_reader::text_reader(std::string_view what, std::string_view text, std::size_t bytes_max)
    : what_(what), text_(text) {
  if (text.size() > bytes_max) {
    throw error(errc::invalid_argument, std::string(what) + ' ' + in_quotes(text) + ": " + std::to_string(text.size()) +
                                            " bytes are too many; it may have " + std::to_string(bytes_max));
  }
}

bool text_reader::take(char c) noexcept {
  const bool there = !at_end() && text_[at_] == c;
  if (there) ++at_;
  return there;
}

bool text_reader::take(std::string_view word) noexcept {
  const bool there = rest().starts_with(word);
  if (there) at_ += word.size();
  return there;
}

void text_reader::skip_blanks() noexcept {
  while (peek() == ' ' || peek() == '\t') ++at_;
}

std::string_view text_reader::take_letters() noexcept {
  const auto begin = at_;
  while ((peek() >= 'a' && peek() <= 'z') || (peek() >= 'A' && peek() <= 'Z')) ++at_;
  return from(begin);
}

long long text_reader::take_number(std::string_view name, long long max) {
  const auto begin = at_;
  long long number = 0;
  for (; at_digit(); ++at_) number = std::min(number * 10 + (peek() - '0'), max + 1);  // no overflow: max is small
  if (number > max) {
    fail(begin, std::string(name) + ' ' + std::string(from(begin).substr(0, 24)) + " is above " + std::to_string(max));
  }
  return number;
}

void text_reader::fail(std::size_t at, const std::string& wrong, const std::string& advice) const {
  // Characters, not bytes: what goes on an UTF-8 sequence does not count.
  const auto before = text_.substr(0, at);
  const auto place = 1 + std::count_if(before.begin(), before.end(), [](char c) { return (c & 0xc0) != 0x80; });
  throw error(errc::invalid_argument, std::string(what_) + ' ' + in_quotes(text_) + ": " + wrong + ", at character " +
                                          std::to_string(place) + (advice.empty() ? "" : "; " + advice));
}

void text_reader::fail_here(const std::string& wrong, const std::string& advice) const { fail(at_, wrong, advice); }

std::string text_reader::seen() const {
  if (at_end()) return "the end";
  std::string result = "'";
  append_escaped(result, static_cast<unsigned char>(peek()));
  return result + "'";
}

}  // namespace troupe::internal
