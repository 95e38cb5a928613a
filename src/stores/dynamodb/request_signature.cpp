#include "stores/dynamodb/request_signature.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>

#include "stores/http/digest.hpp"

namespace troupe::internal {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// Returns a value without white space around it, and with one space where there were several.
std::string trimmed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
    out += c;
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

std::vector<http_header> signed_headers(const http_request& request) {
  std::vector<http_header> headers;
  for (const http_header& header : request.headers) headers.push_back({lower(header.name), trimmed(header.value)});
  std::stable_sort(headers.begin(), headers.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return headers;
}

std::string names_of(const std::vector<http_header>& headers) {
  std::string names;
  for (const http_header& header : headers) {
    if (!names.empty()) names += ';';
    names += header.name;
  }
  return names;
}

std::string scope_of(const signing_key& key, wall_time now) {
  return basic_time(now).substr(0, 8) + "/" + key.region + "/" + key.service + "/aws4_request";
}

}  // namespace

std::string basic_time(wall_time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d%02u%02uT%02d%02d%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

std::string canonical_request(const http_request& request) {
  const auto headers = signed_headers(request);
  std::string text = request.method + "\n" + request.target + "\n\n";
  for (const http_header& header : headers) text += header.name + ":" + header.value + "\n";
  return text + "\n" + names_of(headers) + "\n" + to_hex(sha256(request.body));
}

std::string string_to_sign(const http_request& request, const signing_key& key, wall_time now) {
  return std::string(algorithm) + "\n" + basic_time(now) + "\n" + scope_of(key, now) + "\n" +
         to_hex(sha256(canonical_request(request)));
}

void sign(http_request& request, const signing_key& key, wall_time now) {
  request.headers.push_back({"X-Amz-Date", basic_time(now)});
  if (!key.session_token.empty()) request.headers.push_back({"X-Amz-Security-Token", key.session_token});
  std::string derived = hmac_sha256("AWS4" + key.secret_key, basic_time(now).substr(0, 8));
  derived = hmac_sha256(derived, key.region);
  derived = hmac_sha256(derived, key.service);
  derived = hmac_sha256(derived, "aws4_request");
  const std::string signature = to_hex(hmac_sha256(derived, string_to_sign(request, key, now)));
  request.headers.push_back(
      {"Authorization", std::string(algorithm) + " Credential=" + key.access_key + "/" + scope_of(key, now) +
                            ", SignedHeaders=" + names_of(signed_headers(request)) + ", Signature=" + signature});
}

}  // namespace troupe::internal
