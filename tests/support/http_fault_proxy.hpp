#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace troupe::testing_support {

/// What becomes of one request that passes the proxy.
struct fate {
  enum class end {
    pass,          ///< to the server and back
    answer,        ///< `text` is the answer; the server sees nothing
    lose_request,  ///< the connection ends; the server sees nothing
    lose_answer,   ///< the server answers, and the connection ends before that is passed on
    stall,         ///< nothing happens until the client gives up
  };

  end what = end::pass;
  std::string text{};
};

/// Returns an HTTP answer with a body of JSON.
[[nodiscard]] std::string http_answer(int status, const std::string& body, const std::string& headers = {});

/// Stands between a store and a server that speak HTTP/1.1 in the clear with lengths, and spoils what it is told to.
/// Thread-safety: any thread.
class http_fault_proxy {
 public:
  explicit http_fault_proxy(std::uint16_t server_port);
  ~http_fault_proxy();

  http_fault_proxy(const http_fault_proxy&) = delete;
  http_fault_proxy& operator=(const http_fault_proxy&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  /// Asks `decide` about each request from now on; it gets the request's first line and headers.
  void set_fates(std::function<fate(const std::string& head)> decide);

  /// Lets everything pass.
  void heal() { set_fates({}); }

  /// Returns how many requests had `words` in their first line or headers so far.
  [[nodiscard]] std::size_t requests_with(const std::string& words) const;

 private:
  class server;
  std::uint16_t port_;
  std::unique_ptr<server> server_;
};

}  // namespace troupe::testing_support
