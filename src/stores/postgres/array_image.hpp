#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// What PostgreSQL reads and sends in binary form, encoded and decoded without a connection.
namespace troupe::internal {

/// The types that parameters have; the values are PostgreSQL's own object ids.
enum class pg_type : std::uint32_t { boolean = 16, bytea = 17, int8 = 20, text = 25 };

/// One array parameter under construction: the image that `array_recv` reads. Rows are added in order.
class pg_array {
 public:
  explicit pg_array(pg_type element);

  void add(std::string_view bytes);
  void add(std::int64_t value);
  void add(bool value);
  void add_null();

  /// Keeps string literals from becoming truth values.
  void add(const char* text) { add(std::string_view(text)); }
  void add(std::uint64_t value) { add(static_cast<std::int64_t>(value)); }

  [[nodiscard]] std::size_t size() const noexcept { return count_; }

  /// Returns the image; the array is spent.
  [[nodiscard]] std::string take();

 private:
  std::string image_;
  std::uint32_t count_ = 0;
  bool has_nulls_ = false;
};

/// Returns a scalar parameter of type int8.
[[nodiscard]] std::string pg_int8(std::int64_t value);

/// Returns the value of a binary integer of 2, 4 or 8 bytes, or of a boolean; 0 for another length.
[[nodiscard]] std::int64_t pg_integer(std::string_view bytes) noexcept;

}  // namespace troupe::internal
