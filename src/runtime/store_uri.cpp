#include "runtime/store_uri.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/percent.hpp"
#include "troupe/base/error.hpp"
#include "troupe/runtime/runtime_options.hpp"
#ifdef TROUPE_HAS_COSMOS
#include "troupe/stores/cosmos.hpp"
#endif
#ifdef TROUPE_HAS_DYNAMODB
#include "troupe/stores/dynamodb.hpp"
#endif
#include "troupe/stores/memory.hpp"
#ifdef TROUPE_HAS_POSTGRES
#include "troupe/stores/postgres.hpp"
#endif
#ifdef TROUPE_HAS_REDIS
#include "troupe/stores/redis.hpp"
#endif
#include "troupe/stores/sqlite.hpp"

namespace troupe {
namespace {

/// As much of a URI as may be shown: in one that is not understood anything may be a password.
std::string shown(std::string_view uri) {
  if (uri.starts_with("sqlite:") || uri.starts_with("memory:")) return std::string(uri.substr(0, 200));
  const std::string_view scheme = uri.substr(0, uri.find(':'));
  const bool is_word = scheme.size() <= 16 && std::all_of(scheme.begin(), scheme.end(), [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+';
                       });
  if (!is_word) return "...";
  return scheme.size() == uri.size() ? std::string(uri) : std::string(scheme) + ":...";
}

[[noreturn]] void refuse(std::string_view uri, const std::string& why) {
  throw error(errc::invalid_argument,
              "store URI \"" + shown(uri) + "\": " + why +
                  "; known forms: memory:  sqlite:PATH[?synchronous=full|normal&file_bytes_max=N&...]  "
                  "redis://[user[:password]@]host[:port][/database][?option=value&...]  rediss://...  "
                  "redis+unix://[user[:password]@]/path/of/socket[?option=value&...]  "
                  "postgresql://[USER[:PASSWORD]@]HOST[:PORT]/DATABASE[?...]  "
                  "dynamodb://ACCESS_KEY:SECRET_KEY@HOST[:PORT]/TABLE?region=REGION[&...]  "
                  "cosmos://ACCOUNT_KEY@HOST[:PORT]/DATABASE/CONTAINER[?...]");
}

}  // namespace

namespace internal {
namespace {

std::string decoded(std::string_view uri, std::string_view text) {
  percent_decoded plain = decode_percent(text);
  if (!plain.fault.empty()) refuse(uri, "in it " + std::string(plain.fault));
  return std::move(plain.text);
}

}  // namespace

store_uri parse_store_uri(std::string_view uri) {
  const auto colon = uri.find(':');
  if (colon == std::string_view::npos || colon == 0) refuse(uri, "it has no scheme");
  store_uri parsed;
  parsed.scheme = uri.substr(0, colon);
  std::string_view rest = uri.substr(colon + 1);
  const auto question = rest.find('?');
  if (parsed.scheme != "sqlite" && parsed.scheme != "memory") refuse(uri, "the scheme is unknown");
  if (rest.starts_with("//")) {
    refuse(uri,
           "\"//\" begins a host name, which it cannot have; write the path behind the colon, with one / when it is "
           "absolute");
  }
  parsed.path = decoded(uri, rest.substr(0, question));
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
    if (!parsed.options.emplace(name, decoded(uri, option.substr(equals + 1))).second) {
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
    } else if (name == "large_cell_bytes") {
      options.large_cell_bytes = number(uri, name, value);
    } else if (name == "compress_bytes_min") {
      options.compress_bytes_min = number(uri, name, value);
    } else {
      refuse(uri,
             "option \"" + name +
                 "\" is unknown; sqlite knows synchronous, file_bytes_max, large_cell_bytes and compress_bytes_min");
    }
  }
  return stores::sqlite_store(options);
}

// The drivers read these themselves: secrets stand in them, which no message here may show.

[[noreturn, maybe_unused]] void refuse_left_out(const std::string& what, const std::string& option) {
  throw error(errc::invalid_argument,
              "a store in " + what +
                  " is asked for, which was left out of this build of troupe; configure it with "
                  "-DTROUPE_" +
                  option + "=ON");
}

std::shared_ptr<spi::state_store> open_redis([[maybe_unused]] const std::string& uri) {
#ifdef TROUPE_HAS_REDIS
  return stores::redis_store(stores::parse_redis_uri(uri));
#else
  refuse_left_out("Redis", "REDIS");
#endif
}

std::shared_ptr<spi::state_store> open_postgres([[maybe_unused]] const std::string& uri) {
#ifdef TROUPE_HAS_POSTGRES
  return stores::postgres_store(stores::parse_postgres_uri(uri));
#else
  refuse_left_out("PostgreSQL", "POSTGRES");
#endif
}

std::shared_ptr<spi::state_store> open_dynamodb([[maybe_unused]] const std::string& uri) {
#ifdef TROUPE_HAS_DYNAMODB
  return stores::dynamodb_store(stores::parse_dynamodb_uri(uri));
#else
  refuse_left_out("DynamoDB", "DYNAMODB");
#endif
}

std::shared_ptr<spi::state_store> open_cosmos([[maybe_unused]] const std::string& uri) {
#ifdef TROUPE_HAS_COSMOS
  return stores::cosmos_store(stores::parse_cosmos_uri(uri));
#else
  refuse_left_out("Cosmos DB", "COSMOS");
#endif
}

}  // namespace

std::shared_ptr<spi::state_store> open_store(const std::string& uri) {
  for (const std::string_view scheme : {"redis:", "rediss:", "redis+unix:"}) {
    if (uri.starts_with(scheme)) return open_redis(uri);
  }
  if (uri.starts_with("postgresql:") || uri.starts_with("postgres:")) return open_postgres(uri);
  if (uri.starts_with("dynamodb:")) return open_dynamodb(uri);
  if (uri.starts_with("cosmos:")) return open_cosmos(uri);
  const internal::store_uri parsed = internal::parse_store_uri(uri);
  if (parsed.scheme == "sqlite") return open_sqlite(uri, parsed);
  if (!parsed.path.empty() || !parsed.options.empty()) refuse(uri, "memory: takes neither path nor options");
  return stores::memory_store();
}

}  // namespace troupe
