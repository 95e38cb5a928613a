#include <charconv>

#include "stores/http/server_uri.hpp"
#include "troupe/base/error.hpp"
#include "troupe/stores/dynamodb.hpp"

namespace troupe::stores {
namespace {

constexpr std::string_view form =
    "dynamodb://ACCESS_KEY:SECRET_KEY@HOST[:PORT]/TABLE?region=REGION[&tls=off&create=on...]";

dynamodb_options options_of(std::string_view text) {
  internal::server_uri uri = internal::cut_server_uri(text, "dynamodb");
  if (!uri.user || uri.user->empty() || !uri.password || uri.password->empty()) {
    throw internal::bad_uri("the access key and the secret key are missing before the host");
  }
  if (uri.path.size() != 1 || uri.path[0].empty()) throw internal::bad_uri("one table is asked for behind the host");
  dynamodb_options options;
  options.credentials = {*std::move(uri.user), *std::move(uri.password), {}};
  options.table = std::move(uri.path[0]);
  if (uri.host != "aws") options.host = std::move(uri.host);
  if (!uri.port.empty()) std::from_chars(uri.port.data(), uri.port.data() + uri.port.size(), options.port);
  internal::uri_options given(std::move(uri.options));
  options.region = given.take("region").value_or("");
  if (options.region.empty()) throw internal::bad_uri("option \"region\" is missing");
  options.credentials.session_token = given.take("session_token").value_or("");
  internal::take_http_options(given, options);
  given.expect_none_left(
      "region, tls, create, ca_file, session_token, connections, cache_bytes, attempt_timeout_ms and "
      "answer_timeout_ms");
  return options;
}

}  // namespace

dynamodb_options parse_dynamodb_uri(std::string_view uri) {
  try {
    return options_of(uri);
  } catch (const internal::bad_uri& fault) {
    throw error(errc::invalid_argument,
                std::string("DynamoDB store URI: ") + fault.what() + "; its form is " + std::string(form));
  }
}

}  // namespace troupe::stores
