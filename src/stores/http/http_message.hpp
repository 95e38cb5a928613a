#pragma once

#include <algorithm>
#include <cctype>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

/// Requests and answers as plain data: neither sockets nor parsers.
namespace troupe::internal {

struct http_header {
  std::string name;
  std::string value;

  friend bool operator==(const http_header&, const http_header&) = default;
};

struct http_request {
  std::string method;  ///< GET, POST, PUT, DELETE
  std::string target;  ///< path and query, percent-encoded
  std::vector<http_header> headers{};
  std::string body{};
};

struct http_response {
  unsigned status = 0;
  std::vector<http_header> headers{};
  std::string body{};

  /// Returns the value of a header, empty when it is missing. Names are compared without case.
  [[nodiscard]] std::string_view header(std::string_view name) const {
    const auto same = [](char a, char b) {
      return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
    };
    for (const http_header& header : headers) {
      if (std::equal(header.name.begin(), header.name.end(), name.begin(), name.end(), same)) return header.value;
    }
    return {};
  }
};

/// How far a request got.
enum class delivery {
  answered,  ///< `response` is the answer
  not_sent,  ///< certainly not seen by the server
  lost,      ///< sent, wholly or in part, and not answered
};

struct http_outcome {
  delivery end = delivery::not_sent;
  std::string message{};  ///< for people; empty when answered
  http_response response{};
};

/// Where a server is.
struct http_endpoint {
  std::string host{};  ///< name or address, IPv6 without brackets
  std::string port{};
  bool tls = true;
  std::string ca_file{};  ///< PEM; empty: the certificates the system trusts

  /// Returns what the `Host` header says: the port only where it is not the default.
  [[nodiscard]] std::string authority() const {
    const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
    return port == (tls ? "443" : "80") ? name : name + ":" + port;
  }
};

}  // namespace troupe::internal
