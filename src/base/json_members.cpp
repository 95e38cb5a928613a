#include "base/json_members.hpp"

#include <array>
#include <bitset>

namespace troupe::internal {
namespace {

constexpr std::array<bool, 256> make_plain_string_bytes() {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < plain.size(); ++byte) plain[byte] = byte != '"' && byte != '\\';
  return plain;
}

constexpr std::array<bool, 256> plain_string_bytes = make_plain_string_bytes();

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

constexpr bool is_hex_digit(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// Reads JSON from left to right. Every `bool` function stops at the first fault and returns false.
class json_reader {
 public:
  explicit json_reader(std::string_view text) noexcept : text_(text) {}

  [[nodiscard]] json_fault fault() const noexcept { return {at_, fault_}; }

  bool end() noexcept {
    skip_space();
    return at_ == text_.size() || fail("the end of the text");
  }

  /// Takes `c`, with the white space before it, if it comes next.
  bool take(char c) noexcept {
    skip_space();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool expect(char c, std::string_view what) noexcept { return take(c) || fail(what); }

  bool name(std::string_view& name) noexcept {
    skip_space();
    const std::size_t begin = at_;
    if (!string()) return false;
    name = text_.substr(begin + 1, at_ - begin - 2);
    return expect(':', "':'");
  }

  bool value(std::string_view& value) noexcept {
    skip_space();
    const std::size_t begin = at_;
    if (!skip_value()) return false;
    value = text_.substr(begin, at_ - begin);
    return true;
  }

 private:
  bool fail(std::string_view what) noexcept {
    fault_ = what;
    return false;
  }

  void skip_space() noexcept {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  /// Moves behind one value. Iterative, so that no input can exhaust the stack.
  bool skip_value() noexcept {
    std::bitset<json_depth_max> is_object;
    std::size_t depth = 0;
    std::string_view ignored;
    while (true) {
      const bool object = take('{');
      if (object || take('[')) {
        if (depth == json_depth_max) return fail("less nesting (1,000 levels at most)");
        if (!take(object ? '}' : ']')) {
          is_object[depth++] = object;
          if (object && !name(ignored)) return false;
          continue;
        }
      } else if (!scalar()) {
        return false;
      }
      while (depth > 0 && take(is_object[depth - 1] ? '}' : ']')) --depth;
      if (depth == 0) return true;
      if (!expect(',', is_object[depth - 1] ? "',' or '}'" : "',' or ']'")) return false;
      if (is_object[depth - 1] && !name(ignored)) return false;
    }
  }

  bool scalar() noexcept {
    skip_space();
    if (at_ == text_.size()) return fail("a value");
    switch (text_[at_]) {
      case '"':
        return string();
      case 't':
        return literal("true");
      case 'f':
        return literal("false");
      case 'n':
        return literal("null");
      default:
        return number();
    }
  }

  bool literal(std::string_view word) noexcept {
    if (text_.substr(at_, word.size()) != word) return fail("a value");
    at_ += word.size();
    return true;
  }

  bool number() noexcept {
    const bool negative = text_[at_] == '-';
    if (negative) ++at_;
    if (at_ < text_.size() && text_[at_] == '0') {
      ++at_;
    } else if (!digits(negative ? "a digit" : "a value")) {
      return false;
    }
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      if (!digits("a digit")) return false;
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      if (!digits("a digit")) return false;
    }
    return true;
  }

  bool digits(std::string_view what) noexcept {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return at_ > begin || fail(what);
  }

  bool string() noexcept {
    if (at_ == text_.size() || text_[at_] != '"') return fail("a string");
    ++at_;
    while (true) {
      while (at_ < text_.size() && plain_string_bytes[static_cast<unsigned char>(text_[at_])]) ++at_;
      if (at_ == text_.size()) return fail("the end of a string");
      if (text_[at_] == '"') {
        ++at_;
        return true;
      }
      if (text_[at_] != '\\') return fail("an escape instead of a control character");
      ++at_;
      if (!escape()) return false;
    }
  }

  bool escape() noexcept {
    if (at_ < text_.size() && text_[at_] == 'u') {
      const std::string_view hex = text_.substr(at_ + 1, 4);
      if (hex.size() < 4) return fail("four hexadecimal digits");
      for (const char c : hex) {
        if (!is_hex_digit(c)) return fail("four hexadecimal digits");
      }
      at_ += 5;
      return true;
    }
    if (at_ == text_.size() || std::string_view("\"\\/bfnrt").find(text_[at_]) == std::string_view::npos) {
      return fail("an escape");
    }
    ++at_;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string_view fault_;
};

bool cut(json_reader& in, std::vector<json_member>& members) {
  if (!in.expect('{', "'{'")) return false;
  if (in.take('}')) return in.end();
  do {
    json_member& member = members.emplace_back();
    if (!in.name(member.name) || !in.value(member.value)) return false;
  } while (in.take(','));
  return in.expect('}', "',' or '}'") && in.end();
}

bool cut(json_reader& in, std::vector<std::string_view>& elements) {
  if (!in.expect('[', "'['")) return false;
  if (in.take(']')) return in.end();
  do {
    if (!in.value(elements.emplace_back())) return false;
  } while (in.take(','));
  return in.expect(']', "',' or ']'") && in.end();
}

}  // namespace

std::string to_string(const json_fault& fault) {
  return "expected " + std::string(fault.what) + " at byte " + std::to_string(fault.at);
}

std::optional<json_fault> cut_json_object(std::string_view text, std::vector<json_member>& members) {
  members.clear();
  json_reader in(text);
  if (cut(in, members)) return std::nullopt;
  return in.fault();
}

std::optional<json_fault> cut_json_array(std::string_view text, std::vector<std::string_view>& elements) {
  elements.clear();
  json_reader in(text);
  if (cut(in, elements)) return std::nullopt;
  return in.fault();
}

std::optional<json_fault> check_json_value(std::string_view text) {
  json_reader in(text);
  std::string_view value;
  if (in.value(value) && in.end()) return std::nullopt;
  return in.fault();
}

}  // namespace troupe::internal
