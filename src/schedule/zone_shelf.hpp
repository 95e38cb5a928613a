#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "schedule/zone.hpp"

namespace troupe::internal {

/// The time zone of an IANA name, from the machine's zone files; "UTC" needs none. Each is read once for the whole
/// process and kept: a rule is parsed for every tick, and that must not read a file. What the operating system updates
/// holds from the next start on.
/// Throws `error{errc::invalid_argument}` for an unknown name, with names that are near.
[[nodiscard]] std::shared_ptr<const zone> find_zone(std::string_view name);

/// The names of a list that somebody may have meant by `name`, at most three, the nearest first.
[[nodiscard]] std::vector<std::string> near_names(std::string_view name, const std::vector<std::string>& names);

}  // namespace troupe::internal
