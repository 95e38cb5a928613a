#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace bench {

/// An id of 22 characters.
class id_text {
 public:
  static constexpr std::size_t length = 22;

  explicit id_text(std::uint64_t number) noexcept {
    constexpr std::string_view form = "meter-0000000000-abcde";
    static_assert(form.size() == length);
    form.copy(text_.data(), length);
    for (std::size_t at = 15; number != 0 && at > 5; --at, number /= 10)
      text_[at] = static_cast<char>('0' + number % 10);
  }
  [[nodiscard]] std::string_view view() const noexcept { return {text_.data(), length}; }

 private:
  std::array<char, length> text_{};
};

/// The id that is looked up as the `at`-th of `count`: each once, in an order that no cache foresees.
inline id_text id_of(std::int64_t at, std::int64_t count) noexcept {
  constexpr std::uint64_t prime = 2'654'435'761;  // has no factor in common with a smaller count
  return id_text(static_cast<std::uint64_t>(at) * prime % static_cast<std::uint64_t>(count));
}

/// Actors by id as users of a library without ids keep them.
/// Thread-safety: any thread.
template <class Actor>
class guarded_ids {
 public:
  template <class Make>
  [[nodiscard]] Actor find_or_make(std::string_view id, const Make& make) {
    const std::scoped_lock lock(mutex_);
    const auto found = actors_.find(id);
    return found != actors_.end() ? found->second : actors_.emplace(std::string(id), make()).first->second;
  }
  template <class Visit>
  void for_each(const Visit& visit) {
    const std::scoped_lock lock(mutex_);
    for (auto& [id, actor] : actors_) visit(actor);
  }
  void clear() {
    const std::scoped_lock lock(mutex_);
    actors_.clear();
  }

 private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
  };

  std::mutex mutex_;
  std::unordered_map<std::string, Actor, text_hash, std::equal_to<>> actors_;  // guarded by mutex_
};

}  // namespace bench
