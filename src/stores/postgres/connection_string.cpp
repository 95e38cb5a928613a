#include "stores/postgres/connection_string.hpp"

#include <algorithm>

#include <libpq-fe.h>

#include "troupe/base/error.hpp"

namespace troupe::internal {
namespace {

/// What libpq knows of a connection string, by its own names.
class connection_parameters {
 public:
  /// Takes what libpq returned; null: it could not read the string.
  explicit connection_parameters(PQconninfoOption* found) : found_(found) {}
  ~connection_parameters() { PQconninfoFree(found_); }
  connection_parameters(const connection_parameters&) = delete;
  connection_parameters& operator=(const connection_parameters&) = delete;

  [[nodiscard]] bool is_readable() const noexcept { return found_ != nullptr; }

  /// Empty when it is not given.
  [[nodiscard]] std::string value(std::string_view name) const {
    const PQconninfoOption* option = find(name);
    return option == nullptr || option->val == nullptr ? std::string() : option->val;
  }

  [[nodiscard]] const PQconninfoOption* find(std::string_view name) const {
    for (const PQconninfoOption* it = found_; it != nullptr && it->keyword != nullptr; ++it) {
      if (name == it->keyword) return it;
    }
    return nullptr;
  }

 private:
  PQconninfoOption* found_;
};

/// What is behind the scheme; empty for what is no URI.
std::string_view behind_scheme(std::string_view connection) noexcept {
  for (const std::string_view scheme : {"postgresql://", "postgres://"}) {
    if (connection.starts_with(scheme)) return connection.substr(scheme.size());
  }
  return {};
}

/// Whether every host of `host:port,host:port` that has a port has a number there.
bool has_numbers_as_ports(std::string_view hosts) noexcept {
  while (!hosts.empty()) {
    const bool is_address = hosts.front() == '[';
    const std::size_t end_of_name = is_address ? std::min(hosts.find(']'), hosts.size()) : 0;
    const std::size_t end = std::min(hosts.find(',', end_of_name), hosts.size());
    const std::size_t colon = hosts.substr(0, end).find(':', end_of_name);
    if (colon != std::string_view::npos) {
      const std::string_view port = hosts.substr(colon + 1, end - colon - 1);
      if (port.find_first_not_of("0123456789") != std::string_view::npos) return false;
    }
    hosts.remove_prefix(std::min(end + 1, hosts.size()));
  }
  return true;
}

/// Whether the query of a URI names an option that libpq does not know. Requires: the store's own are not there.
bool has_unknown_option(std::string_view connection) {
  const std::string_view uri = behind_scheme(connection);
  const std::size_t at = uri.find('@');  // a question mark before it is of the password
  const std::size_t question = uri.find('?', at == std::string_view::npos ? 0 : at);
  if (question == std::string_view::npos) return false;
  const connection_parameters known(PQconndefaults());
  std::string_view query = uri.substr(question + 1);
  while (!query.empty()) {
    const std::string_view option = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(option.size() + 1, query.size()));
    const std::string_view name = option.substr(0, option.find('='));
    if (name != "ssl" && known.is_readable() && known.find(name) == nullptr) return true;
  }
  return false;
}

[[noreturn]] void refuse(const std::string& why) { throw error(errc::invalid_argument, "PostgreSQL store: " + why); }

}  // namespace

std::string names_of_own_options() {
  std::string names;
  for (const std::string_view name : own_postgres_options) {
    if (!names.empty()) names += name == own_postgres_options.back() ? " and " : ", ";
    names += name;
  }
  return names;
}

std::string_view doubt_about_password(std::string_view connection) noexcept {
  const std::string_view uri = behind_scheme(connection);
  const std::size_t at = uri.find('@');
  const std::size_t slash = uri.find('/');
  if (at != std::string_view::npos && (at > slash || uri.find('@', at + 1) != std::string_view::npos)) {
    return "it has an @ that does not end user and password: in them write %XX for special characters (%40 for @, %2F "
           "for /, %3F for ?, %23 for #), and elsewhere %40 for @";
  }
  const std::string_view hosts = uri.substr(at == std::string_view::npos ? 0 : at + 1);
  if (!has_numbers_as_ports(hosts.substr(0, hosts.find_first_of("/?")))) {
    return "what stands where a port is asked for is not a number: if it is a password, there is no @ and host behind "
           "it, or it has special characters that are to be written as %XX (%40 for @, %2F for /, %3F for ?, %23 for "
           "#)";
  }
  return {};
}

std::string place_of(const std::string& connection) {
  if (const std::string_view doubt = doubt_about_password(connection); !doubt.empty()) {
    refuse("the connection string is not shown, it may hold a password; " + std::string(doubt));
  }
  const connection_parameters parameters(PQconninfoParse(connection.c_str(), nullptr));
  if (!parameters.is_readable()) {
    refuse(
        "libpq cannot read the connection string (it is not shown, it may hold a password); " +
        (has_unknown_option(connection)
             ? "it has an option that neither libpq nor the store knows: the store's own are " + names_of_own_options()
             : std::string("the form is postgresql://[user[:password]@]host[:port]/database[?name=value&...], with "
                           "special characters as %XX, or name=value pairs, whose names must be known to libpq")));
  }
  const std::string host = parameters.value("host");
  const std::string address = host.empty() ? parameters.value("hostaddr") : host;
  const std::string port = parameters.value("port");
  const std::string database = parameters.value("dbname");
  return (database.empty() ? std::string("the default database") : "database " + database) +
         (address.empty() ? std::string(" at the default host") : " at " + address) +
         (port.empty() ? std::string() : ":" + port);
}

}  // namespace troupe::internal
