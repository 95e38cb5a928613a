#include "counted_heap.hpp"

#include <cstdlib>
#include <new>

namespace {

void* counted(std::size_t size) noexcept {
  troupe::testing::blocks_taken.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(size != 0 ? size : 1);
}
void* counted(std::size_t size, std::align_val_t alignment) noexcept {
  troupe::testing::blocks_taken.fetch_add(1, std::memory_order_relaxed);
  const auto align = static_cast<std::size_t>(alignment);
  return std::aligned_alloc(align, (size + align - 1) / align * align);
}
void* not_null(void* made) {
  if (made == nullptr) throw std::bad_alloc();
  return made;
}

}  // namespace

void* operator new(std::size_t size) { return not_null(counted(size)); }
void* operator new(std::size_t size, std::align_val_t align) { return not_null(counted(size, align)); }
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept { return counted(size); }
void* operator new(std::size_t size, std::align_val_t align, const std::nothrow_t& /*tag*/) noexcept {
  return counted(size, align);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t /*align*/) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*align*/) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t /*align*/, const std::nothrow_t& /*tag*/) noexcept {
  std::free(memory);
}
