#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

/// How several values stand in one field: numbers in decimal and texts as `length:bytes`, each with a space behind it.
namespace troupe::internal {

inline void pack(std::string& out, std::integral auto number) { out.append(std::to_string(number)).append(" "); }

inline void pack(std::string& out, std::string_view text) {
  out.append(std::to_string(text.size())).append(":").append(text).append(" ");
}

/// Takes values off the front of a packed field. Each call returns false when the next value is another.
class packed_reader {
 public:
  explicit packed_reader(std::string_view text) noexcept : rest_(text) {}

  [[nodiscard]] bool take(std::integral auto& number) noexcept { return take_number(number, ' '); }

  [[nodiscard]] bool take(std::string& text) {
    std::size_t size = 0;
    if (!take_number(size, ':') || size >= rest_.size() || rest_[size] != ' ') return false;
    text = rest_.substr(0, size);
    rest_.remove_prefix(size + 1);
    return true;
  }

  /// What is left.
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

 private:
  [[nodiscard]] bool take_number(std::integral auto& number, char end) noexcept {
    const char* stop = rest_.data() + rest_.size();
    const auto [at, problem] = std::from_chars(rest_.data(), stop, number);
    if (problem != std::errc{} || at == stop || *at != end) return false;
    rest_.remove_prefix(static_cast<std::size_t>(at - rest_.data()) + 1);
    return true;
  }

  std::string_view rest_;
};

}  // namespace troupe::internal
