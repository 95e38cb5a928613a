#include "schedule/zone_file.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace troupe::internal {
namespace {

constexpr std::size_t header_bytes = 44;
constexpr std::string_view cut_off = "it is cut off";

/// A big-endian number.
std::int64_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = (bytes[at] & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (char c : bytes.substr(at, size)) value = value << 8 | static_cast<unsigned char>(c);
  return static_cast<std::int64_t>(value);
}

/// The counts in a header, and where the parts of its block are.
struct block {
  std::size_t leaps, times, types, size, times_at, types_at, leap_bytes;
  std::size_t types_of_times_at;

  static std::optional<block> read(std::string_view bytes, std::size_t at, std::size_t time_bytes) {
    if (bytes.size() < at + header_bytes || bytes.substr(at, 4) != "TZif") return std::nullopt;
    std::array<std::size_t, 6> counts{};  // isut, isstd, leap, time, type, char
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const auto count = number_at(bytes, at + 20 + 4 * i, 4);
      if (count < 0 || count > 100'000) return std::nullopt;
      counts[i] = static_cast<std::size_t>(count);
    }
    block result{};
    result.leaps = counts[2];
    result.times = counts[3];
    result.types = counts[4];
    result.times_at = at + header_bytes;
    result.types_of_times_at = result.times_at + result.times * time_bytes;
    result.types_at = result.types_of_times_at + result.times;
    result.leap_bytes = result.leaps * (time_bytes + 4);
    result.size = result.types_at + result.types * 6 + counts[5] + result.leap_bytes + counts[1] + counts[0] - at;
    if (bytes.size() < at + result.size) return std::nullopt;
    return result;
  }
};

}  // namespace

std::variant<zone_table, std::string_view> parse_zone_file(std::string_view bytes) {
  if (!bytes.starts_with("TZif")) return std::string_view("it holds no time zone");
  if (bytes.size() < header_bytes) return cut_off;
  if (bytes[4] < '2') return std::string_view("it is of version 1, which ends in 2037");
  const auto first = block::read(bytes, 0, 4);
  const auto data = first ? block::read(bytes, first->size, 8) : std::nullopt;
  if (!data || data->types == 0) return cut_off;
  if (data->leaps != 0) return std::string_view("it counts leap seconds");

  auto offset_of = [&](std::size_t type) {
    return std::chrono::seconds(number_at(bytes, data->types_at + 6 * type, 4));
  };
  for (std::size_t type = 0; type < data->types; ++type) {
    if (offset_of(type) < std::chrono::hours(-26) || offset_of(type) > std::chrono::hours(26)) {
      return std::string_view("it has an offset of more than 26 hours");
    }
  }
  zone_table table;
  table.before = offset_of(0);
  auto last_offset = table.before;
  std::optional<std::int64_t> last_time;
  for (std::size_t i = 0; i < data->times; ++i) {
    const auto time = number_at(bytes, data->times_at + 8 * i, 8);
    const auto type = static_cast<std::size_t>(static_cast<unsigned char>(bytes[data->types_of_times_at + i]));
    if (type >= data->types || (last_time && time <= *last_time))
      return std::string_view("its changes are not in order");
    last_time = time;
    if (offset_of(type) == last_offset) continue;  // only a name changed, or what counts as daylight saving
    last_offset = offset_of(type);
    // What lies far outside the years 1 to 9999 is as good as their edge.
    const auto bound = std::int64_t{1} << 39;
    table.changes.push_back(
        {std::chrono::sys_seconds(std::chrono::seconds(std::clamp(time, -bound, bound))), last_offset});
  }
  const auto footer = bytes.substr(first->size + data->size);
  if (footer.size() < 2 || footer.front() != '\n' || footer.back() != '\n') return cut_off;
  if (footer.size() > 2) {
    const auto rule = parse_zone_rule(footer.substr(1, footer.size() - 2));
    if (!rule) return std::string_view("its rule for later years cannot be read");
    if (rule->changes && rule->standard != rule->daylight) table.after = rule;
  }
  return table;
}

}  // namespace troupe::internal
