#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stores/http/http_message.hpp"
#include "troupe/spi/clock.hpp"

namespace troupe::internal {

/// What a request is signed with.
struct signing_key {
  std::string access_key;
  std::string secret_key;
  std::string session_token;  ///< empty: none
  std::string region;
  std::string service;
};

/// Returns a time as `20150830T123600Z`.
[[nodiscard]] std::string basic_time(wall_time time);

/// Returns what is signed: the request in canonical form, every header signed. Requires: the target is a path without
/// query; `request.headers` include Host.
/// Source: AWS Signature Version 4 ("Create a signed AWS API request").
[[nodiscard]] std::string canonical_request(const http_request& request);
[[nodiscard]] std::string string_to_sign(const http_request& request, const signing_key& key, wall_time now);

/// Adds `X-Amz-Date`, with temporary credentials `X-Amz-Security-Token`, and `Authorization`.
void sign(http_request& request, const signing_key& key, wall_time now);

}  // namespace troupe::internal
