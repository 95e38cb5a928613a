#pragma once

#include <string>
#include <string_view>

#include "troupe/spi/clock.hpp"

namespace troupe {

/// Reads a point in time: RFC 3339 with an offset or `Z` ("2026-12-24T18:00:00+01:00"), with the time zone of RFC 9557
/// ("2026-12-24T18:00[Europe/Berlin]"), with both, or with neither: then it is a local time in `zone`. Seconds and
/// milliseconds may be left out, and the time of day: midnight. Years are 0001 to 9999.
///
/// A local time that a zone's clock skips is the end of the gap, one that happens twice is the first. Where there is an
/// offset, it decides; a zone beside it must have that offset then. `Z` says nothing of the zone's offset.
/// Throws `error{errc::invalid_argument}`, whose message points at the character. Thread-safety: any thread.
[[nodiscard]] wall_time parse_time(std::string_view text, std::string_view zone = "UTC");

/// Writes a time as `parse_time` reads it back: "2026-12-24T17:00:00Z", or with the local time of a zone
/// "2026-12-24T18:00:00+01:00[Europe/Berlin]". Milliseconds are written where there are some.
/// Throws `error{errc::invalid_argument}` for an unknown zone and for years outside 0001 to 9999.
[[nodiscard]] std::string format_time(wall_time time, std::string_view zone = "UTC");

}  // namespace troupe
