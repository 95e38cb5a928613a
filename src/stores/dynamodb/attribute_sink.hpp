#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "stores/document/document_sink.hpp"

namespace troupe::internal {

/// Writes an item in DynamoDB's JSON, and counts the bytes that the item will be charged for.
class attribute_sink final : public document_sink {
 public:
  void begin_map() override;
  void end_map() override;
  void begin_list() override;
  void end_list() override;
  void name(std::string_view name) override;
  void text(std::string_view bytes) override;
  void number(std::string_view digits) override;
  void flag() override;
  using document_sink::number;

  /// Bytes as such, also where they are UTF-8.
  void binary(std::string_view bytes);

  [[nodiscard]] std::string take() { return std::move(out_); }

  /// Bytes of the item by the rules of DynamoDB: names and texts as they are, numbers by pairs of digits, 3 for a list
  /// or map and 1 for each of its elements.
  [[nodiscard]] std::size_t item_bytes() const noexcept { return bytes_; }

 private:
  void begin_value();

  std::string out_;
  std::size_t bytes_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace troupe::internal
