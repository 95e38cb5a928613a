#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/percent.hpp"
#include "stores/postgres/connection_string.hpp"
#include "troupe/base/error.hpp"
#include "troupe/stores/postgres.hpp"

namespace troupe::stores {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw error(errc::invalid_argument,
              "PostgreSQL URI: " + why +
                  "; the form is postgresql://[user[:password]@]host[:port]/database[?troupe_schema=NAME&sslmode=...]");
}

/// Where the query begins, or the end. A password may contain a question mark: the query is behind the authority.
std::size_t query_of(std::string_view uri, std::size_t authority) {
  const std::size_t end = uri.find_first_of("@/", authority);
  const bool has_user = end != std::string_view::npos && uri[end] == '@';
  return std::min(uri.find('?', has_user ? end : authority), uri.size());
}

std::string decoded(std::string_view name, std::string_view text) {
  internal::percent_decoded plain = internal::decode_percent(text);
  if (!plain.fault.empty()) refuse("in \"" + std::string(name) + "\" " + std::string(plain.fault));
  return std::move(plain.text);
}

std::uint64_t number(std::string_view name, const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size() || value > 1'000'000'000) {
    refuse("option \"" + std::string(name) + "\" is \"" + text + "\"; a whole number is asked for");
  }
  return value;
}

std::chrono::milliseconds milliseconds(std::string_view name, const std::string& text) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(number(name, text)));
}

void set_option(postgres_options& options, std::string_view name, const std::string& value) {
  if (name == "troupe_schema") {
    options.schema = value;
  } else if (name == "troupe_state") {
    if (value != "text" && value != "bytea")
      refuse("option \"troupe_state\" is \"" + value + "\"; it is text or bytea");
    options.state = value == "text" ? postgres_state::text : postgres_state::bytea;
  } else if (name == "troupe_connections") {
    options.connections = static_cast<std::size_t>(number(name, value));
  } else if (name == "troupe_statement_timeout_ms") {
    options.statement_timeout = milliseconds(name, value);
  } else if (name == "troupe_lock_timeout_ms") {
    options.lock_timeout = milliseconds(name, value);
  } else if (name == "troupe_answer_timeout_ms") {
    options.answer_timeout = milliseconds(name, value);
  } else if (name == "troupe_large_cell_bytes") {
    options.large_cell_bytes = static_cast<std::size_t>(number(name, value));
  } else if (name == "troupe_compress_bytes_min") {
    options.compress_bytes_min = static_cast<std::size_t>(number(name, value));
  } else {
    refuse("option \"" + std::string(name) + "\" is unknown; there are " + internal::names_of_own_options() +
           ", and whatever libpq knows");
  }
}

/// Refuses one of the store's options that lacks the beginning of its name; libpq would not say what to write.
void refuse_own_option(std::string_view option) {
  const std::string own = "troupe_" + std::string(option.substr(0, option.find('=')));
  const auto& all = internal::own_postgres_options;
  if (std::find(all.begin(), all.end(), own) == all.end()) return;
  refuse("option \"" + own.substr(own.find('_') + 1) + "\" is written \"" + own +
         "\"; the store's own options begin with troupe_: " + internal::names_of_own_options());
}

}  // namespace

postgres_options parse_postgres_uri(std::string_view uri) {
  constexpr std::string_view long_scheme = "postgresql://";
  constexpr std::string_view short_scheme = "postgres://";
  if (!uri.starts_with(long_scheme) && !uri.starts_with(short_scheme)) {
    refuse("it begins with neither postgresql:// nor postgres://");
  }
  if (uri.find('\0') != std::string_view::npos) refuse("it contains a NUL byte");
  if (const auto doubt = internal::doubt_about_password(uri); !doubt.empty()) refuse(std::string(doubt));
  const std::size_t authority = uri.find("//") + 2;
  const std::size_t query = query_of(uri, authority);
  postgres_options options;
  options.connection = uri.substr(0, query);
  std::string_view rest = uri.substr(std::min(query + 1, uri.size()));
  std::string seen = "&";
  char separator = '?';
  while (!rest.empty()) {
    const std::string_view option = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(option.size() + 1, rest.size()));
    if (!option.starts_with("troupe_")) {
      refuse_own_option(option);
      options.connection += separator;
      options.connection.append(option);
      separator = '&';
      continue;
    }
    const std::string_view name = option.substr(0, option.find('='));
    if (name.size() == option.size()) refuse("option \"" + std::string(name) + "\" has no value");
    if (seen.find("&" + std::string(name) + "&") != std::string::npos) {
      refuse("option \"" + std::string(name) + "\" is given twice");
    }
    seen.append(name).append("&");
    set_option(options, name, decoded(name, option.substr(name.size() + 1)));
  }
  return options;
}

}  // namespace troupe::stores
