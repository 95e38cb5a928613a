#include "unit/core/memory/counted_new.hpp"

#include <cstdlib>
#include <new>

namespace {

void* counted(std::size_t size) noexcept {
  ++troupe::testing::allocated;
  troupe::testing::allocated_bytes += (size + 8 + 15) / 16 * 16;
  return std::malloc(size);
}

}  // namespace

void* operator new(std::size_t size) {
  if (void* made = counted(size)) return made;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  if (size != troupe::testing::size_to_refuse || troupe::testing::blocks_to_refuse == 0) return counted(size);
  --troupe::testing::blocks_to_refuse;
  return nullptr;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept { std::free(memory); }
