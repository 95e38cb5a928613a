#include "stores/http/server_uri.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/percent.hpp"

namespace troupe::internal {
namespace {

std::string decoded(std::string_view text) {
  percent_decoded plain = decode_percent(text);
  if (!plain.fault.empty()) throw bad_uri("in it " + std::string(plain.fault));
  return std::move(plain.text);
}

/// Returns the part before the first `mark` and takes both away from `rest`.
std::string_view take_until(std::string_view& rest, char mark) {
  const std::string_view part = rest.substr(0, rest.find(mark));
  rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  return part;
}

void read_host(std::string_view text, server_uri& uri) {
  std::string_view host = text;
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) throw bad_uri("the address in brackets has no end");
    host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    if (!port.empty() && !port.starts_with(':')) throw bad_uri("only a port may follow the address in brackets");
  } else if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon);
    if (host.find(':') != std::string_view::npos) throw bad_uri("an IPv6 address stands in brackets");
  }
  if (!port.empty()) {
    port.remove_prefix(1);
    unsigned value = 0;
    const auto [stopped, problem] = std::from_chars(port.data(), port.data() + port.size(), value);
    if (problem != std::errc{} || stopped != port.data() + port.size() || value == 0 || value > 65535) {
      throw bad_uri("the port is no number from 1 to 65535");
    }
  }
  if (host.empty()) throw bad_uri("the host is missing");
  uri.host = decoded(host);
  uri.port = port;
}

void read_options(std::string_view text, server_uri& uri) {
  while (!text.empty()) {
    std::string_view value = take_until(text, '&');
    const bool has_value = value.find('=') != std::string_view::npos;
    const std::string name(take_until(value, '='));
    if (!has_value || name.empty()) throw bad_uri("an option is not of the form name=value");
    if (!uri.options.emplace(name, decoded(value)).second) {
      throw bad_uri("option \"" + name + "\" is given twice");
    }
  }
}

}  // namespace

server_uri cut_server_uri(std::string_view uri, std::string_view scheme) {
  if (!uri.starts_with(scheme) || !uri.substr(scheme.size()).starts_with("://")) {
    throw bad_uri("it does not begin with " + std::string(scheme) + "://");
  }
  std::string_view rest = uri.substr(scheme.size() + 3);
  server_uri cut;
  std::string_view before = take_until(rest, '?');
  read_options(rest, cut);
  std::string_view authority = take_until(before, '/');
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    std::string_view user = authority.substr(0, at);
    authority.remove_prefix(at + 1);
    const bool has_password = user.find(':') != std::string_view::npos;
    cut.user = decoded(take_until(user, ':'));
    if (has_password) cut.password = decoded(user);
  }
  read_host(authority, cut);
  while (!before.empty()) cut.path.push_back(decoded(take_until(before, '/')));
  return cut;
}

std::optional<std::string> uri_options::take(const std::string& name) {
  const auto found = options_.find(name);
  if (found == options_.end()) return std::nullopt;
  std::string value = std::move(found->second);
  options_.erase(found);
  return value;
}

std::optional<std::uint64_t> uri_options::take_number(const std::string& name, std::uint64_t low, std::uint64_t high) {
  const auto text = take(name);
  if (!text) return std::nullopt;
  std::uint64_t value = 0;
  const auto [stopped, problem] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (problem != std::errc{} || stopped != text->data() + text->size() || value < low || value > high) {
    throw bad_uri("option \"" + name + "\" is \"" + *text + "\"; a whole number from " + std::to_string(low) + " to " +
                  std::to_string(high) + " is asked for");
  }
  return value;
}

std::optional<bool> uri_options::take_switch(const std::string& name) {
  const auto text = take(name);
  if (!text) return std::nullopt;
  if (*text != "on" && *text != "off") throw bad_uri("option \"" + name + "\" is \"" + *text + "\"; it is on or off");
  return *text == "on";
}

void uri_options::expect_none_left(std::string_view known) const {
  if (options_.empty()) return;
  throw bad_uri("option \"" + options_.begin()->first + "\" is unknown; there are " + std::string(known));
}

}  // namespace troupe::internal
