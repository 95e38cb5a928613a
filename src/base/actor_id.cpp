#include "troupe/base/actor_id.hpp"

#include "troupe/base/error.hpp"

namespace troupe {
namespace {

constexpr std::size_t display_bytes_max = 80;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_type_byte(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-'; }

void append_display(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      out += "\\x";
      out += digits[byte >> 4U];
      out += digits[byte & 0xfU];
    }
  }
}

}  // namespace

void check_actor_type(std::string_view type) {
  const auto refuse = [&](const std::string& rule) {
    throw error(errc::invalid_argument,
                "actor type \"" + to_display({}, type.substr(0, 100)).substr(1) + "\": " + rule);
  };
  if (type.empty()) refuse("a type name has at least one byte");
  if (type.size() > actor_type_bytes_max) {
    refuse("a type name has at most " + std::to_string(actor_type_bytes_max) + " bytes, this one has " +
           std::to_string(type.size()));
  }
  if (!is_letter(type.front())) refuse("a type name begins with a letter");
  for (const char c : type) {
    if (!is_type_byte(c)) refuse("a type name consists of letters, digits, '_', '.' and '-'");
  }
}

void check_actor_key(std::string_view type, std::string_view key) {
  if (key.empty()) {
    throw error(errc::invalid_argument, "actor of type \"" + std::string(type) + "\": the key is empty; give 1 to " +
                                            std::to_string(actor_key_bytes_max) + " bytes");
  }
  if (key.size() > actor_key_bytes_max) {
    throw error(errc::too_large, "actor " + to_display(type, key) + ": the key has " + std::to_string(key.size()) +
                                     " bytes, the limit is " + std::to_string(actor_key_bytes_max) +
                                     "; use a shorter key, for example a hash");
  }
}

std::string to_display(std::string_view type, std::string_view key) {
  std::string out;
  out.reserve(type.size() + key.size() + 1);
  append_display(out, type);
  out += '/';
  append_display(out, key.substr(0, display_bytes_max));
  if (key.size() > display_bytes_max) out += "...";
  return out;
}

std::string to_string(const actor_id& id) { return to_display(id.type, id.key); }

}  // namespace troupe
