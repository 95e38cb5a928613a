#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe::internal {

/// Walks over text that somebody wrote, and says where it is wrong.
class text_reader {
 public:
  /// `what` names the text in messages: "duration", "schedule". Throws for text of more than `bytes_max`.
  text_reader(std::string_view what, std::string_view text, std::size_t bytes_max = 256);

  [[nodiscard]] bool at_end() const noexcept { return at_ == text_.size(); }
  [[nodiscard]] std::size_t at() const noexcept { return at_; }
  [[nodiscard]] std::string_view rest() const noexcept { return text_.substr(at_); }
  [[nodiscard]] std::string_view from(std::size_t begin) const noexcept { return text_.substr(begin, at_ - begin); }
  void go_to(std::size_t at) noexcept { at_ = at; }

  /// The next byte; NUL at the end.
  [[nodiscard]] char peek() const noexcept { return at_end() ? '\0' : text_[at_]; }
  [[nodiscard]] bool at_digit() const noexcept { return peek() >= '0' && peek() <= '9'; }

  /// Steps over `c`, if it is next.
  bool take(char c) noexcept;
  bool take(std::string_view word) noexcept;
  void skip_blanks() noexcept;

  /// Steps over letters, and returns them.
  std::string_view take_letters() noexcept;

  /// Reads a number of any length. Requires: `at_digit`. More than `max` is refused as `name`.
  long long take_number(std::string_view name, long long max);

  /// Throws `error{errc::invalid_argument}`: the text, what is wrong, and where: at the character at byte `at`.
  [[noreturn]] void fail(std::size_t at, const std::string& wrong, const std::string& advice = {}) const;
  /// The same about the next character.
  [[noreturn]] void fail_here(const std::string& wrong, const std::string& advice = {}) const;

  /// The next character in words: "'x'", or "the end".
  [[nodiscard]] std::string seen() const;

 private:
  std::string_view what_;
  std::string_view text_;
  std::size_t at_ = 0;
};

/// Text between quotes, with what is not printable ASCII escaped; long text is cut.
[[nodiscard]] std::string in_quotes(std::string_view text);

}  // namespace troupe::internal
