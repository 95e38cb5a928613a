#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::internal {

/// A URI that names a server, cut into its parts: `scheme://user:password@host:port/a/b?name=value&name=value`.
struct server_uri {
  std::optional<std::string> user{};
  std::optional<std::string> password{};
  std::string host{};               ///< IPv6 without its brackets
  std::string port{};               ///< digits; empty: not given
  std::vector<std::string> path{};  ///< its parts
  std::map<std::string, std::string> options{};
};

/// What is wrong with a URI. Never quotes what may be a secret.
class bad_uri : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Cuts a URI that begins with `scheme` and `://`; every part is percent-decoded. Throws `bad_uri`.
[[nodiscard]] server_uri cut_server_uri(std::string_view uri, std::string_view scheme);

/// Takes options out of a URI one by one; what nobody took is unknown.
class uri_options {
 public:
  explicit uri_options(std::map<std::string, std::string> options) : options_(std::move(options)) {}

  [[nodiscard]] std::optional<std::string> take(const std::string& name);

  /// Returns a number from `low` to `high`. Throws `bad_uri` for anything else.
  [[nodiscard]] std::optional<std::uint64_t> take_number(const std::string& name, std::uint64_t low,
                                                         std::uint64_t high);

  /// Returns whether `on` or `off` was given. Throws `bad_uri` for anything else.
  [[nodiscard]] std::optional<bool> take_switch(const std::string& name);

  /// Throws `bad_uri` when an option is left; `known` lists those there are.
  void expect_none_left(std::string_view known) const;

 private:
  std::map<std::string, std::string> options_;
};

/// Takes what every store behind HTTP has: `tls`, `create`, `ca_file`, `connections`, `cache_bytes`,
/// `attempt_timeout_ms` and `answer_timeout_ms`. What is not given stays as it is. Throws `bad_uri`.
template <class Options>
void take_http_options(uri_options& given, Options& options) {
  options.tls = given.take_switch("tls").value_or(options.tls);
  options.create = given.take_switch("create").value_or(options.create);
  options.ca_file = given.take("ca_file").value_or(options.ca_file);
  options.connections_max = given.take_number("connections", 1, 1024).value_or(options.connections_max);
  options.cache_bytes = given.take_number("cache_bytes", 0, std::uint64_t{1} << 40U).value_or(options.cache_bytes);
  const auto take_time = [&](const char* name, std::chrono::milliseconds& time) {
    if (const auto ms = given.take_number(name, 1, 3'600'000)) time = std::chrono::milliseconds(*ms);
  };
  take_time("attempt_timeout_ms", options.attempt_timeout);
  take_time("answer_timeout_ms", options.answer_timeout);
}

}  // namespace troupe::internal
