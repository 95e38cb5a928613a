#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "schedule/zone.hpp"

namespace troupe::internal {

/// The time zone of an IANA name, from the machine's zone files; "UTC" needs none. A zone that is in use is read once
/// for the whole process: it does not change, so nobody notices with whom it is shared. One that nobody uses any more
/// is read anew, and so takes in what the operating system has updated.
/// Throws `error{errc::invalid_argument}` for an unknown name, with names that are near.
[[nodiscard]] std::shared_ptr<const zone> find_zone(std::string_view name);

/// The names of a list that somebody may have meant by `name`, at most three, the nearest first.
[[nodiscard]] std::vector<std::string> near_names(std::string_view name, const std::vector<std::string>& names);

}  // namespace troupe::internal
