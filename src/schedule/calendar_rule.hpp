#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "schedule/cron_fields.hpp"
#include "schedule/zone.hpp"
#include "troupe/schedule/duration.hpp"

namespace troupe::internal {

/// The times of a cron expression in a zone.
struct cron_rule {
  cron_fields fields;
  std::string text;

  /// The first time later than `after`.
  [[nodiscard]] std::optional<wall_time> next(const zone& place, wall_time after) const noexcept;
  /// The latest time at or before `at`, if it is later than `from`.
  [[nodiscard]] std::optional<wall_time> last(const zone& place, wall_time from, wall_time at) const noexcept;

  friend bool operator==(const cron_rule& a, const cron_rule& b) { return a.fields == b.fields; }
};

/// The times that are a number of spans behind an anchor. Requires: a span with months or days.
struct span_rule {
  calendar_span span;

  [[nodiscard]] std::optional<wall_time> next(const zone& place, wall_time anchor, wall_time after) const noexcept;
  [[nodiscard]] std::optional<wall_time> last(const zone& place, wall_time anchor, wall_time from,
                                              wall_time at) const noexcept;

  friend bool operator==(const span_rule&, const span_rule&) = default;
};

/// A rule that goes by the calendar of a zone.
struct calendar_rule {
  std::shared_ptr<const zone> place;
  std::variant<cron_rule, span_rule> rule;
};

}  // namespace troupe::internal
