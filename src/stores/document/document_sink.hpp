#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "stores/document/document.hpp"

namespace troupe::internal {

/// Where a document is written to, value by value: a map is members, each a name and then its value.
class document_sink {
 public:
  virtual ~document_sink() = default;

  virtual void begin_map() = 0;
  virtual void end_map() = 0;
  virtual void begin_list() = 0;
  virtual void end_list() = 0;

  /// Names the next value of a map. `[A-Za-z0-9_.-]` only.
  virtual void name(std::string_view name) = 0;

  /// Any bytes: as text where they are UTF-8.
  virtual void text(std::string_view bytes) = 0;

  /// A whole number, as its decimal digits: a database that keeps doubles must not see it as a number.
  virtual void number(std::string_view digits) = 0;

  virtual void flag() = 0;  ///< true

  void number(std::uint64_t value) { number(std::string_view(std::to_string(value))); }
  void number(std::int64_t value) { number(std::string_view(std::to_string(value))); }
  void number(std::uint32_t value) { number(std::uint64_t{value}); }
  void number(wall_time time) { number(std::int64_t{time.time_since_epoch().count()}); }
};

/// Writes JSON: bytes that are no UTF-8 as `{"base64":"..."}`, numbers as strings.
class json_sink final : public document_sink {
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

  /// JSON as it is.
  void raw(std::string_view json);

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void separate();

  std::string out_;
};

/// Appends a JSON string. Requires: `utf8` is UTF-8.
void append_json_string(std::string_view utf8, std::string& out);

/// Writes the entries of a chunk as the member `entries` of the map that is open.
void write_entries(const std::vector<spi::log_entry_image>& entries, document_sink& sink);

/// Writes the members that every database keeps of a document into the map that is open.
void write_document(const document& held, document_sink& sink);

}  // namespace troupe::internal
