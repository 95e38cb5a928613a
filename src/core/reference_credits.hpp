#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace troupe::internal {

class activation;

/// References to places that the calling thread has counted ahead: copies of a reference that a thread uses again and
/// again come and go without a locked instruction. Only threads that say so keep any, and give them up before they
/// sleep: what is counted ahead keeps a place in memory.
class reference_credits {
 public:
  static constexpr std::uint32_t ahead = 64;  ///< how many are counted at a time

  struct entry {
    activation* of = nullptr;      // dangles when nothing is left
    std::uint32_t left = 0;        // counted, and nobody's
    activation* wanted = nullptr;  // compared only: the last one that was not found here
  };

  /// Where credits of a place would be.
  [[nodiscard]] entry& at(const activation* place) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(place);
    return entries_[(address >> 6U ^ address >> 11U) % entries_.size()];
  }

  /// Has the thread keep credits meanwhile.
  class scope;

  [[nodiscard]] bool keeps() const noexcept { return keeps_; }

  /// Gives up all credits. May free places.
  void let_go() noexcept;
  static void let_go(entry& of) noexcept;

 private:
  std::array<entry, 32> entries_{};
  bool keeps_ = false;
};

inline constinit thread_local reference_credits credits_here;

class reference_credits::scope {
 public:
  scope() noexcept : before_(std::exchange(credits_here.keeps_, true)) {}
  scope(const scope&) = delete;
  scope& operator=(const scope&) = delete;
  ~scope() {
    credits_here.keeps_ = before_;
    credits_here.let_go();
  }

 private:
  const bool before_;
};

}  // namespace troupe::internal
