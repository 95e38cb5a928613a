#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace troupe::internal {

/// The scripts that the driver runs; `text_of` and `redis_scripts` list them.
enum class redis_script { commit, scan_due, read_log, read_items, raise_lease };

inline constexpr redis_script redis_scripts[] = {redis_script::commit, redis_script::scan_due, redis_script::read_log,
                                                 redis_script::read_items, redis_script::raise_lease};

[[nodiscard]] std::string_view text_of(redis_script script) noexcept;
[[nodiscard]] std::string_view text_of_commit_script() noexcept;

/// The script that tries each command; it is run once on each connection.
[[nodiscard]] std::string_view text_of_rights_script() noexcept;

/// A command in the form in which it is sent (RESP), built word by word; any bytes are words.
class redis_command {
 public:
  redis_command() = default;
  redis_command(std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words) add(word);
  }

  redis_command& add(std::string_view word);
  redis_command& add(std::uint64_t number);

  [[nodiscard]] std::size_t words() const noexcept { return words_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return body_.size(); }

  /// The whole command.
  [[nodiscard]] std::string text() const;

  /// The command that runs a script with these words: `EVALSHA` of `digest`, or `EVAL` of its text where it is empty.
  /// The first word is the number of keys.
  [[nodiscard]] std::string text_of_call(redis_script script, std::string_view digest) const;

 private:
  std::size_t words_ = 0;
  std::string body_;
};

}  // namespace troupe::internal
