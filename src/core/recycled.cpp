#include "troupe/detail/recycled.hpp"

#include <array>
#include <cstdint>
#include <mutex>
#include <new>
#include <utility>

// Source: magazines and their depot, Bonwick and Adams 2001.

namespace troupe::detail {
namespace {

struct block {
  block* next;
};

/// Blocks of one size class, as a stack.
struct pile {
  block* top = nullptr;
  std::uint32_t count = 0;

  void push(block* b) noexcept {
    b->next = std::exchange(top, b);
    ++count;
  }
  [[nodiscard]] block* pop() noexcept {
    --count;
    return std::exchange(top, top->next);
  }
};

constexpr std::size_t step = 32;         // bytes from one size class to the next
constexpr std::size_t classes = 32;      // larger blocks come from the heap
constexpr std::uint32_t pile_most = 64;  // blocks of a pile that changes hands

[[nodiscard]] constexpr std::size_t class_of(std::size_t bytes) noexcept { return (bytes - 1) / step; }

void release(pile& blocks) noexcept {
  while (blocks.top != nullptr) ::operator delete(blocks.pop());
}

/// Full piles that no thread has. Thread-safety: any thread.
class depot {
 public:
  /// Returns whether it was taken.
  [[nodiscard]] bool put(const pile& full) noexcept {
    const std::scoped_lock lock(mutex_);
    if (count_ == piles_.size()) return false;
    piles_[count_++] = full;
    return true;
  }
  [[nodiscard]] pile get() noexcept {
    const std::scoped_lock lock(mutex_);
    return count_ == 0 ? pile() : piles_[--count_];
  }

 private:
  std::mutex mutex_;
  std::size_t count_ = 0;           // guarded by mutex_
  std::array<pile, 1024> piles_{};  // guarded by mutex_; the first `count_` are there
};

/// Never destroyed: threads end after it would be.
[[nodiscard]] depot& depot_of(std::size_t size_class) noexcept {
  static auto* const all = new std::array<depot, classes>;
  return (*all)[size_class];
}

/// What a thread has of a size class.
struct magazine {
  pile hand;   // blocks are taken from here and given here
  pile spare;  // empty, or full
};

struct magazines {
  std::array<magazine, classes> of{};
  bool is_watched = false;  // its end gives them back; not before its first block, and not once it has begun to end
};
constinit thread_local magazines mine;

constinit thread_local bool is_over = false;

struct end_of_thread {
  end_of_thread() noexcept = default;
  end_of_thread(const end_of_thread&) = delete;
  end_of_thread& operator=(const end_of_thread&) = delete;
  ~end_of_thread() {
    is_over = true;
    mine.is_watched = false;
    for (magazine& m : mine.of) {
      release(m.hand);
      release(m.spare);
    }
  }
};

/// Has the thread give up its magazines when it ends. Returns false when it is too late.
[[nodiscard]] bool watch_end() noexcept {
  if (is_over) return false;
  static thread_local const end_of_thread at_end;
  static_cast<void>(at_end);
  mine.is_watched = true;
  return true;
}

[[gnu::noinline]] void* take_the_long_way(std::size_t size_class) {
  magazine& m = mine.of[size_class];
  if (m.spare.top != nullptr) {
    std::swap(m.hand, m.spare);
  } else if (watch_end()) {
    m.hand = depot_of(size_class).get();
  }
  return m.hand.top != nullptr ? m.hand.pop() : ::operator new((size_class + 1) * step);
}

[[gnu::noinline]] void give_the_long_way(std::size_t size_class, block* b) noexcept {
  if (!watch_end()) {
    ::operator delete(b);
    return;
  }
  magazine& m = mine.of[size_class];
  if (m.hand.count == pile_most) {
    if (m.spare.top != nullptr && !depot_of(size_class).put(m.spare)) release(m.spare);
    m.spare = std::exchange(m.hand, pile());
  }
  m.hand.push(b);
}

}  // namespace

void* take_block(std::size_t bytes) {
  const std::size_t size_class = class_of(bytes);
  if (!recycles_blocks || size_class >= classes) return ::operator new(bytes);
  pile& hand = mine.of[size_class].hand;
  return hand.top != nullptr ? hand.pop() : take_the_long_way(size_class);
}

void give_block(void* where, std::size_t bytes) noexcept {
  const std::size_t size_class = class_of(bytes);
  if (!recycles_blocks || size_class >= classes) {
    ::operator delete(where);
    return;
  }
  auto* const b = static_cast<block*>(where);
  pile& hand = mine.of[size_class].hand;
  if (hand.count == pile_most || !mine.is_watched) {
    give_the_long_way(size_class, b);
  } else {
    hand.push(b);
  }
}

}  // namespace troupe::detail
