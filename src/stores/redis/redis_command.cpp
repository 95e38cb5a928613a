#include "stores/redis/redis_command.hpp"

#include <charconv>

namespace troupe::internal {
namespace {

void append_number(std::string& out, std::uint64_t number) {
  char digits[20];
  out.append(digits, std::to_chars(std::begin(digits), std::end(digits), number).ptr);
}

void append_word(std::string& out, std::string_view word) {
  out += '$';
  append_number(out, word.size());
  out.append("\r\n").append(word).append("\r\n");
}

std::string begin_of(std::size_t words) {
  std::string out = "*";
  append_number(out, words);
  return out.append("\r\n");
}

}  // namespace

redis_command& redis_command::add(std::string_view word) {
  ++words_;
  append_word(body_, word);
  return *this;
}

redis_command& redis_command::add(std::uint64_t number) {
  char digits[20];
  const char* end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
  return add(std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

std::string redis_command::text() const { return begin_of(words_) + body_; }

std::string redis_command::text_of_call(redis_script script, std::string_view digest) const {
  std::string out = begin_of(words_ + 2);
  append_word(out, digest.empty() ? "EVAL" : "EVALSHA");
  append_word(out, digest.empty() ? text_of(script) : digest);
  return out += body_;
}

}  // namespace troupe::internal
