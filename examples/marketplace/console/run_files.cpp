#include "console/run_files.hpp"

#include <charconv>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

#include "console/same_file.hpp"
#include "console/usage_error.hpp"
#include "reports/text.hpp"

namespace marketplace {
namespace {

namespace fs = std::filesystem;

// One file of a run, and what to call it.
struct role {
  std::string title;
  fs::path path;
};

// A sign that is wrongly encoded stays as it is; the library refuses such a URI.
std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const std::string_view digits = text[i] == '%' ? text.substr(i + 1, 2) : std::string_view();
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    const bool is_encoded = digits.size() == 2 && problem == std::errc{} && end == digits.data() + digits.size();
    out += is_encoded ? static_cast<char>(value) : text[i];
    if (is_encoded) i += 2;
  }
  return out;
}

std::vector<role> roles_of(const run_files& files) {
  std::vector<role> roles;
  if (const std::string store = file_of_store(files.store); !store.empty()) {
    roles.push_back({"the store " + printable(store), store});
    for (const char* suffix : {"-wal", "-shm", "-journal"}) {
      // SQLite follows a link and keeps them beside the file itself.
      roles.push_back({"the store's own file " + printable(store + suffix), resolved(store) += suffix});
    }
  }
  const auto add = [&](const char* title, const std::string& file) {
    if (!file.empty()) roles.push_back({title + printable(file), file});
  };
  add("the invoices ", files.input);
  add("--json ", files.json);
  add("--rejects ", files.rejects);
  return roles;
}

bool is_device(const fs::path& path) {
  std::error_code ignored;
  return fs::is_character_file(path, ignored) || fs::is_fifo(path, ignored) || fs::is_socket(path, ignored);
}

}  // namespace

std::string file_of_store(const std::string& uri) {
  constexpr std::string_view scheme = "sqlite:";
  if (!uri.starts_with(scheme)) return {};
  const std::string_view rest = std::string_view(uri).substr(scheme.size());
  return percent_decoded(rest.substr(0, rest.find('?')));
}

void check_distinct(const run_files& files) {
  const std::vector<role> roles = roles_of(files);
  for (std::size_t i = 0; i < roles.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (!is_same_file(roles[i].path, roles[j].path) || is_device(roles[i].path)) continue;
      throw usage_error(roles[i].title + " is the same file as " + roles[j].title +
                        ", and one would overwrite the other; name another file");
    }
  }
}

}  // namespace marketplace
