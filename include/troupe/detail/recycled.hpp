#pragma once

#include <cstddef>

namespace troupe::detail {

/// Under AddressSanitizer every block is the heap's, so that whoever uses one too late is found.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool recycles_blocks = false;
#else
inline constexpr bool recycles_blocks = true;
#endif

/// Gives memory for what lives as long as a message or a coroutine, of at least `bytes` and aligned as by `operator
/// new`. Threads keep what they are given back, up to a bound, and hand what is too much to those that run short.
/// Throws `std::bad_alloc`. Thread-safety: any thread.
[[nodiscard]] void* take_block(std::size_t bytes);

/// Takes it back, on any thread; `bytes` as when it was given.
void give_block(void* block, std::size_t bytes) noexcept;

/// A base for classes whose objects come and go with messages. Objects are deleted by their own class.
struct recycled {
  static void* operator new(std::size_t bytes) { return take_block(bytes); }
  static void operator delete(void* block, std::size_t bytes) noexcept { give_block(block, bytes); }
};

}  // namespace troupe::detail
