#include <charconv>

#include "stores/http/server_uri.hpp"
#include "troupe/base/error.hpp"
#include "troupe/stores/cosmos.hpp"

namespace troupe::stores {
namespace {

constexpr std::string_view form = "cosmos://ACCOUNT_KEY@HOST[:PORT]/DATABASE/CONTAINER[?tls=off&create=on...]";

cosmos_options options_of(std::string_view text) {
  internal::server_uri uri = internal::cut_server_uri(text, "cosmos");
  if (!uri.user || uri.user->empty() || uri.password) {
    throw internal::bad_uri("the account's key, and nothing else, is asked for before the host");
  }
  if (uri.path.size() != 2 || uri.path[0].empty() || uri.path[1].empty()) {
    throw internal::bad_uri("a database and a container are asked for behind the host");
  }
  cosmos_options options;
  options.account_key = *std::move(uri.user);
  options.host = std::move(uri.host);
  options.database = std::move(uri.path[0]);
  options.container = std::move(uri.path[1]);
  if (!uri.port.empty()) std::from_chars(uri.port.data(), uri.port.data() + uri.port.size(), options.port);
  internal::uri_options given(std::move(uri.options));
  internal::take_http_options(given, options);
  given.expect_none_left("tls, create, ca_file, connections, cache_bytes, attempt_timeout_ms and answer_timeout_ms");
  return options;
}

}  // namespace

cosmos_options parse_cosmos_uri(std::string_view uri) {
  try {
    return options_of(uri);
  } catch (const internal::bad_uri& fault) {
    throw error(errc::invalid_argument,
                std::string("Cosmos DB store URI: ") + fault.what() + "; its form is " + std::string(form));
  }
}

}  // namespace troupe::stores
