#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "schedule/zone_file.hpp"
#include "troupe/spi/clock.hpp"

namespace troupe::internal {

using local_ms = std::chrono::local_time<std::chrono::milliseconds>;

/// A time in which a zone's clock does not change.
struct offset_span {
  std::chrono::sys_seconds begin;
  std::chrono::sys_seconds end;  ///< not in it
  std::chrono::seconds offset;
};

/// When a local time is.
struct local_place {
  enum class kind { once, skipped, twice };
  kind is = kind::once;
  wall_time at{};     ///< the first time it is shown; the end of the gap that skips it
  local_ms behind{};  ///< the end of the skipped or doubled stretch of local time; unset for `once`
};

/// The offsets of a time zone, for all times. Thread-safety: immutable.
class zone {
 public:
  zone(std::string name, zone_table table) : name_(std::move(name)), table_(std::move(table)) {}

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] bool is_fixed() const noexcept { return table_.changes.empty() && !table_.after; }

  /// The longest span around `time`, or a part of it where the rule for later years has no real change.
  [[nodiscard]] offset_span at(std::chrono::sys_seconds time) const noexcept;

  [[nodiscard]] local_ms to_local(wall_time time) const noexcept;
  [[nodiscard]] local_place find(local_ms time) const noexcept;

 private:
  [[nodiscard]] offset_span at_later(std::chrono::sys_seconds time, offset_span from) const noexcept;

  std::string name_;
  zone_table table_;
};

}  // namespace troupe::internal
