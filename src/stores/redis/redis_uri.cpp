#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>
#include <utility>

#include "base/percent.hpp"
#include "troupe/base/error.hpp"
#include "troupe/stores/redis.hpp"

namespace troupe::stores {
namespace {

/// Names the part that is wrong; the URI itself is not shown, since a password may stand in it.
[[noreturn]] void refuse(const std::string& what) {
  throw error(errc::invalid_argument,
              "Redis URI: " + what +
                  "; known forms: redis://[user[:password]@]host[:port][/database][?option=value&...], rediss://..., "
                  "redis+unix://[user[:password]@]/path/of/socket[?option=value&...]");
}

constexpr std::string_view option_names[] = {
    "prefix",          "client_name",          "database",         "topology",
    "connect_timeout", "answer_timeout",       "record_bytes_max", "compress_bytes_min",
    "tls_ca_file",     "tls_certificate_file", "tls_key_file",     "tls_server_name"};

std::string decoded(std::string_view text, const std::string& what) {
  internal::percent_decoded plain = internal::decode_percent(text);
  if (!plain.fault.empty()) refuse("in the " + what + " " + std::string(plain.fault));
  return std::move(plain.text);
}

template <typename Number>
Number number_of(std::string_view text, const std::string& what, Number highest) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size() || value > static_cast<std::uint64_t>(highest)) {
    refuse("the " + what + " is not a whole number from 0 to " + std::to_string(highest));
  }
  return static_cast<Number>(value);
}

std::chrono::milliseconds milliseconds_of(const std::string& text, const std::string& what) {
  return std::chrono::milliseconds(number_of<std::uint32_t>(text, what, std::numeric_limits<std::uint32_t>::max()));
}

void set_option(redis_options& options, const std::string& name, const std::string& value) {
  const std::string what = "option \"" + name + "\"";
  if (name == "prefix") {
    options.prefix = value;
  } else if (name == "client_name") {
    options.client_name = value;
  } else if (name == "database") {
    options.database = number_of<unsigned>(value, what, std::numeric_limits<std::int32_t>::max());
  } else if (name == "topology" && (value == "cluster" || value == "automatic")) {
    options.topology = value == "cluster" ? redis_topology::cluster : redis_topology::automatic;
  } else if (name == "connect_timeout") {
    options.connect_timeout = milliseconds_of(value, what);
  } else if (name == "answer_timeout") {
    options.answer_timeout = milliseconds_of(value, what);
  } else if (name == "record_bytes_max") {
    options.record_bytes_max = number_of<std::uint32_t>(value, what, std::numeric_limits<std::uint32_t>::max());
  } else if (name == "compress_bytes_min") {
    options.compress_bytes_min = number_of<std::uint32_t>(value, what, std::numeric_limits<std::uint32_t>::max());
  } else if (name == "tls_ca_file") {
    options.tls_ca_file = value;
  } else if (name == "tls_certificate_file") {
    options.tls_certificate_file = value;
  } else if (name == "tls_key_file") {
    options.tls_key_file = value;
  } else if (name == "tls_server_name") {
    options.tls_server_name = value;
  } else if (name == "topology") {
    refuse("option \"topology\" is \"" + value + "\"; it is cluster or automatic");
  } else {
    std::string known;
    for (const std::string_view option : option_names) known += (known.empty() ? "" : ", ") + std::string(option);
    refuse(what + " is unknown; known are " + known);
  }
}

void read_options(redis_options& options, std::string_view text) {
  std::string seen = "&";
  while (!text.empty()) {
    const std::string_view option = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(option.size() + 1, text.size()));
    const auto equals = option.find('=');
    if (equals == std::string_view::npos || equals == 0) refuse("an option is not of the form name=value");
    const std::string name(option.substr(0, equals));
    if (seen.find("&" + name + "&") != std::string::npos) refuse("option \"" + name + "\" is given twice");
    seen += name + "&";
    set_option(options, name, decoded(option.substr(equals + 1), "option \"" + name + "\""));
  }
}

/// Returns where the "?" of the options stands, or `npos`. A password may have been written without encoding, and so
/// may an option: the first "?" counts that a known option follows, else the first one behind the last "@". What could
/// be both is refused, since a part of a password must not become the name of a host, nor an option's the end of one.
std::size_t begin_of_options(std::string_view text) {
  const auto last_at = text.rfind('@');
  for (auto question = text.find('?'); question != std::string_view::npos; question = text.find('?', question + 1)) {
    const std::string_view behind = text.substr(question + 1);
    const std::string_view name = behind.substr(0, behind.find('='));
    const bool is_behind = last_at == std::string_view::npos || last_at < question;
    if (is_behind || std::ranges::find(option_names, name) != std::end(option_names)) return question;
    const bool is_like_a_name = name.size() < behind.size() && name.find_first_of("?@:/") == std::string_view::npos;
    if (is_like_a_name) refuse("an \"@\" stands behind what may be an option; write it as %40, or the \"?\" as %3F");
  }
  return std::string_view::npos;
}

/// Takes `[user[:password]@]` off the front. The last "@" before the path counts: a password may have been written
/// without encoding.
void read_credentials(redis_options& options, std::string_view& authority) {
  const auto at = authority.rfind('@');
  if (at == std::string_view::npos) return;
  const std::string_view credentials = authority.substr(0, at);
  authority.remove_prefix(at + 1);
  const auto colon = credentials.find(':');
  options.user = decoded(credentials.substr(0, colon), "user");
  if (colon != std::string_view::npos) options.password = decoded(credentials.substr(colon + 1), "password");
  if (!options.user.empty() && options.password.empty()) {
    refuse("a user without a password; write user:password@, or :password@ for the default user");
  }
}

void read_host(redis_options& options, std::string_view authority) {
  std::string_view host = authority.substr(0, authority.find(':'));
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == std::string_view::npos) refuse("the \"[\" of an IPv6 address is not closed");
    host = authority.substr(1, close - 1);
    authority.remove_prefix(close + 1);
    if (!authority.empty() && authority.front() != ':') refuse("behind \"]\" there is something else than \":port\"");
  } else {
    if (authority.find(':') != authority.rfind(':')) {
      refuse("an IPv6 address stands in brackets, as in redis://[::1]:6379");
    }
    authority.remove_prefix(host.size());
  }
  if (host.empty()) refuse("the host is missing");
  options.host = decoded(host, "host");
  if (authority.empty()) return;
  authority.remove_prefix(1);
  options.port = number_of<std::uint16_t>(authority, "port", std::numeric_limits<std::uint16_t>::max());
  if (options.port == 0) refuse("the port is 0");
}

}  // namespace

redis_options parse_redis_uri(std::string_view uri) {
  redis_options options;
  const auto colon = uri.find("://");
  const std::string_view scheme = uri.substr(0, colon);
  const bool is_socket = scheme == "redis+unix";
  if (colon == std::string_view::npos || (scheme != "redis" && scheme != "rediss" && !is_socket)) {
    refuse("it does not begin with redis://, rediss:// or redis+unix://");
  }
  if (scheme == "rediss") options.tls = redis_tls::on;
  std::string_view rest = uri.substr(colon + 3);
  const auto question = begin_of_options(rest);
  const std::string_view query = question == std::string_view::npos ? "" : rest.substr(question + 1);
  rest = rest.substr(0, question);
  const auto at = rest.rfind('@');
  const auto slash = rest.find('/', at == std::string_view::npos ? 0 : at);
  std::string_view authority = rest.substr(0, slash);
  const std::string_view path = slash == std::string_view::npos ? "" : rest.substr(slash);
  read_credentials(options, authority);
  if (is_socket) {
    if (!authority.empty()) refuse("redis+unix has no host; write three slashes, as in redis+unix:///run/redis.sock");
    if (path.empty()) refuse("the path of the socket is missing");
    options.socket_path = decoded(path, "path of the socket");
  } else {
    read_host(options, authority);
    if (path.size() > 1) {
      options.database = number_of<unsigned>(path.substr(1), "database", std::numeric_limits<std::int32_t>::max());
    }
  }
  read_options(options, query);
  return options;
}

}  // namespace troupe::stores
