#include "runtime/store_uri.hpp"

#include <charconv>

#include "troupe/base/error.hpp"
#include "troupe/runtime/runtime_options.hpp"
#include "troupe/stores/memory.hpp"
#include "troupe/stores/sqlite.hpp"

namespace troupe {
namespace {

[[noreturn]] void refuse(std::string_view uri, const std::string& why) {
  throw error(errc::invalid_argument,
              "store URI \"" + std::string(uri.substr(0, 200)) + "\": " + why +
                  "; known forms: memory:  sqlite:PATH[?synchronous=full|normal&file_bytes_max=N]");
}

}  // namespace

namespace internal {
namespace {

std::string percent_decoded(std::string_view uri, std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned value = 0;
    const char* end = text.data() + std::min(i + 3, text.size());
    const auto [stopped, problem] = std::from_chars(text.data() + i + 1, end, value, 16);
    if (problem != std::errc{} || stopped != text.data() + i + 3) {
      refuse(uri, "\"%\" is not followed by two hexadecimal digits; write %25 for a percent sign");
    }
    out += static_cast<char>(value);
    i += 2;
  }
  if (out.find('\0') != std::string::npos) refuse(uri, "it contains a NUL byte");
  return out;
}

}  // namespace

store_uri parse_store_uri(std::string_view uri) {
  const auto colon = uri.find(':');
  if (colon == std::string_view::npos || colon == 0) refuse(uri, "it has no scheme");
  store_uri parsed;
  parsed.scheme = uri.substr(0, colon);
  std::string_view rest = uri.substr(colon + 1);
  const auto question = rest.find('?');
  if (rest.starts_with("//")) {
    refuse(uri,
           "\"//\" begins a host name, which it cannot have; write the path behind the colon, with one / when it is "
           "absolute");
  }
  parsed.path = percent_decoded(uri, rest.substr(0, question));
  if (question == std::string_view::npos) return parsed;
  rest.remove_prefix(question + 1);
  while (!rest.empty()) {
    const std::string_view option = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(option.size() + 1, rest.size()));
    const auto equals = option.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      refuse(uri, "option \"" + std::string(option) + "\" is not of the form name=value");
    }
    const std::string name(option.substr(0, equals));
    if (!parsed.options.emplace(name, percent_decoded(uri, option.substr(equals + 1))).second) {
      refuse(uri, "option \"" + name + "\" is given twice");
    }
  }
  return parsed;
}

}  // namespace internal

namespace {

std::uint64_t number(std::string_view uri, const std::string& name, const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) {
    refuse(uri, "option \"" + name + "\" is \"" + text + "\"; a whole number of bytes is asked for");
  }
  return value;
}

std::shared_ptr<spi::state_store> open_sqlite(std::string_view uri, const internal::store_uri& parsed) {
  if (parsed.path.empty()) refuse(uri, "the path of the file is missing");
  stores::sqlite_options options;
  options.path = parsed.path;
  for (const auto& [name, value] : parsed.options) {
    if (name == "synchronous" && value == "full") {
      options.synchronous = stores::sqlite_synchronous::full;
    } else if (name == "synchronous" && value == "normal") {
      options.synchronous = stores::sqlite_synchronous::normal;
    } else if (name == "synchronous") {
      refuse(uri, "option \"synchronous\" is \"" + value + "\"; it is full or normal");
    } else if (name == "file_bytes_max") {
      options.file_bytes_max = number(uri, name, value);
    } else {
      refuse(uri, "option \"" + name + "\" is unknown; sqlite knows synchronous and file_bytes_max");
    }
  }
  return stores::sqlite_store(options);
}

}  // namespace

std::shared_ptr<spi::state_store> open_store(const std::string& uri) {
  const internal::store_uri parsed = internal::parse_store_uri(uri);
  if (parsed.scheme == "sqlite") return open_sqlite(uri, parsed);
  if (parsed.scheme == "memory") {
    if (!parsed.path.empty() || !parsed.options.empty()) refuse(uri, "memory: takes neither path nor options");
    return stores::memory_store();
  }
  refuse(uri, "the scheme \"" + parsed.scheme + "\" is unknown");
}

}  // namespace troupe
