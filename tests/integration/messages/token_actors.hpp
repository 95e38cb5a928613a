#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "troupe/troupe.hpp"

namespace troupe::token_test {

inline constexpr int holders = 1'000;
inline constexpr int tokens_each = TROUPE_TOKENS_EACH;
inline constexpr int passes = 2;  ///< of each token before it comes to rest

/// The tokens that have come to rest with an actor.
struct hand {
  std::vector<int> tokens;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(hand, tokens)

/// Gets tokens, and passes each on until it has been passed often enough.
class holder : public actor {
 public:
  static constexpr std::string_view actor_type = "holder";
  static constexpr message_options messages{.first_pause = std::chrono::milliseconds(5)};

  /// Sends its first tokens away: the actor's own hundred, and nobody else's.
  void begin() {
    const int first = std::stoi(std::string(key())) * tokens_each;
    for (int token = first; token < first + tokens_each; ++token) pass(token, passes - 1);
  }

  /// Tells standard output that it was here. Now and then it fails, and is handed the token again.
  void take(int token, int left) {
    static std::atomic<int> handled = 0;
    const bool fails = ++handled % 997 == 0;
    static_cast<void>(!::write(STDOUT_FILENO, fails ? "x" : ".", 1));
    if (left > 0) {
      pass(token, left - 1);
    } else {
      hand_.edit().tokens.push_back(token);
    }
    if (fails) throw std::runtime_error("dropped it");
  }

  using methods = troupe::methods<&holder::begin, &holder::take>;

 private:
  void pass(int token, int left) {
    const auto mixed =
        (static_cast<std::uint64_t>(token) * 2'654'435'761U + static_cast<std::uint64_t>(left) * 40'503U) >> 7U;
    ref<holder>(std::to_string(mixed % holders)).tell<&holder::take>(durable, token, left);
  }

  state<hand> hand_{*this, "hand"};
};

}  // namespace troupe::token_test
