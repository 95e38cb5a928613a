#include "stores/postgres/array_image.hpp"

#include <utility>

namespace troupe::internal {
namespace {

constexpr std::size_t flags_at = 4;
constexpr std::size_t count_at = 12;

void append_big_endian(std::string& out, std::uint64_t value, unsigned bytes) {
  while (bytes-- > 0) out += static_cast<char>((value >> (8U * bytes)) & 0xffU);
}

void put_big_endian(std::string& out, std::size_t at, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) out[at + i] = static_cast<char>((value >> (8U * (3 - i))) & 0xffU);
}

}  // namespace

// The header: dimensions, whether there are nulls, element type; then length and lower bound of the one dimension.
pg_array::pg_array(pg_type element) {
  append_big_endian(image_, 1, 4);
  append_big_endian(image_, 0, 4);
  append_big_endian(image_, static_cast<std::uint32_t>(element), 4);
  append_big_endian(image_, 0, 4);
  append_big_endian(image_, 1, 4);
}

void pg_array::add(std::string_view bytes) {
  append_big_endian(image_, bytes.size(), 4);
  image_.append(bytes);
  ++count_;
}

void pg_array::add(std::int64_t value) {
  append_big_endian(image_, 8, 4);
  append_big_endian(image_, static_cast<std::uint64_t>(value), 8);
  ++count_;
}

void pg_array::add(bool value) {
  append_big_endian(image_, 1, 4);
  image_ += value ? '\1' : '\0';
  ++count_;
}

void pg_array::add_null() {
  append_big_endian(image_, 0xffffffffU, 4);
  has_nulls_ = true;
  ++count_;
}

std::string pg_array::take() {
  put_big_endian(image_, flags_at, has_nulls_ ? 1 : 0);
  put_big_endian(image_, count_at, count_);
  return std::exchange(image_, {});
}

std::string pg_int8(std::int64_t value) {
  std::string bytes;
  append_big_endian(bytes, static_cast<std::uint64_t>(value), 8);
  return bytes;
}

std::int64_t pg_integer(std::string_view bytes) noexcept {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8U | static_cast<unsigned char>(c);
  switch (bytes.size()) {
    case 1:
    case 8:
      return static_cast<std::int64_t>(value);
    case 2:
      return static_cast<std::int16_t>(value);
    case 4:
      return static_cast<std::int32_t>(value);
    default:
      return 0;
  }
}

}  // namespace troupe::internal
