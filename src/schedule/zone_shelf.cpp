#include "schedule/zone_shelf.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <numeric>
#include <utility>

#include "schedule/text_reader.hpp"
#include "troupe/base/error.hpp"

namespace troupe::internal {
namespace {

constexpr std::size_t file_bytes_max = 1 << 20;
constexpr std::array folders{"/usr/share/zoneinfo/", "/usr/lib/zoneinfo/", "/usr/share/lib/zoneinfo/",
                             "/etc/zoneinfo/"};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

/// How many letters must be changed, added or left out to get from one to the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
    }
  }
  return row.back();
}

std::string_view last_part(std::string_view name) { return name.substr(name.rfind('/') + 1); }

/// Whether the name may be that of a file below a zone folder.
bool is_well_formed(std::string_view name) {
  auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_+-/").find(c) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, is_allowed) && !name.starts_with('/') &&
         !name.ends_with('/') && name.find("//") == std::string_view::npos;
}

/// What the file of a zone holds; empty: there is none.
std::string read_file(const std::string& name) {
  for (const char* folder : folders) {
    std::error_code ignored;
    const auto path = std::filesystem::path(folder + name);
    if (!std::filesystem::is_regular_file(path, ignored)) continue;
    const auto size = std::filesystem::file_size(path, ignored);
    if (ignored || size > file_bytes_max) continue;
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  return {};
}

/// All names for which there is a file.
std::vector<std::string> known_names() {
  std::vector<std::string> names;
  namespace fs = std::filesystem;
  for (const std::string folder : folders) {
    std::error_code failed;
    for (fs::recursive_directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
      const auto name = at->path().string().substr(folder.size());
      if (name == "posix" || name == "right") at.disable_recursion_pending();  // the same names once more
      const bool is_zone = name.find('.') == std::string::npos && name[0] >= 'A' && name[0] <= 'Z';
      std::error_code ignored;
      if (is_zone && !at->is_directory(ignored)) names.push_back(name);
    }
    if (!names.empty()) break;
  }
  return names;
}

[[noreturn]] void refuse_unknown(std::string_view name) {
  std::string advice;
  static const auto names = known_names();
  if (names.empty()) {
    advice = "this machine has no time zones; install the package tzdata";
  } else if (name.empty()) {
    advice = "write UTC, or a name such as Europe/Berlin";
  } else {
    for (const auto& near : near_names(name, names)) advice += (advice.empty() ? "near are " : ", ") + near;
    if (advice.empty()) advice = "zones have names such as Europe/Berlin";
  }
  throw error(errc::invalid_argument, "unknown time zone " + in_quotes(name) + "; " + advice);
}

std::shared_ptr<const zone> load(const std::string& name) {
  const auto bytes = read_file(name);
  if (!bytes.starts_with("TZif")) refuse_unknown(name);
  auto parsed = parse_zone_file(bytes);
  if (const auto* wrong = std::get_if<std::string_view>(&parsed)) {
    throw error(errc::invalid_argument,
                "the file of the time zone " + in_quotes(name) + " cannot be used: " + std::string(*wrong));
  }
  return std::make_shared<const zone>(name, std::get<zone_table>(std::move(parsed)));
}

/// The zones that were asked for. There are no more names than zone files, since only zones that could be read are
/// kept.
struct shelf {
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<const zone>, std::less<>> zones;
};

}  // namespace

std::vector<std::string> near_names(std::string_view name, const std::vector<std::string>& names) {
  const auto wanted = lower(name.substr(0, 64));
  const auto wanted_end = last_part(wanted);
  std::vector<std::pair<std::size_t, std::string>> found;
  for (const auto& candidate : names) {
    const auto other = lower(candidate);
    // A place that is right counts for more than its continent.
    const auto whole = distance(wanted, other);
    const auto end = distance(wanted_end, last_part(other));
    if (whole <= 2 || end <= wanted_end.size() / 5) found.emplace_back(std::min(whole, end * 2 + 1), candidate);
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> result;
  for (auto& [distance, near] : found) {
    if (result.size() == 3) break;
    result.push_back(std::move(near));
  }
  return result;
}

std::shared_ptr<const zone> find_zone(std::string_view name) {
  static const auto utc = std::make_shared<const zone>("UTC", zone_table{});
  if (name == "UTC") return utc;
  if (!is_well_formed(name)) refuse_unknown(name);
  static shelf all;
  {
    const std::lock_guard lock(all.mutex);
    const auto known = all.zones.find(name);
    if (known != all.zones.end()) return known->second;
  }
  auto read = load(std::string(name));
  const std::lock_guard lock(all.mutex);
  return all.zones.try_emplace(read->name(), read).first->second;  // or that of somebody who was faster
}

}  // namespace troupe::internal
