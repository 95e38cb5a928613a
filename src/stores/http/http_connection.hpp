#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>

#include "stores/http/http_message.hpp"

namespace boost::asio::ssl {
class context;
}

namespace troupe::internal {

/// One connection to a server, opened when it is used first and again after it broke. One exchange at a time.
/// Thread-safety: the thread of its context.
class http_connection {
 public:
  virtual ~http_connection() = default;

  /// Sends a request and completes once, at most `limit` later. This object outlives the exchange.
  virtual void exchange(http_request request, std::chrono::milliseconds limit,
                        std::function<void(http_outcome)> done) = 0;
};

/// Makes a connection; `tls` is null for one in the clear. `endpoint` and `tls` outlive it.
[[nodiscard]] std::unique_ptr<http_connection> make_http_connection(boost::asio::io_context& context,
                                                                    const http_endpoint& endpoint,
                                                                    boost::asio::ssl::context* tls,
                                                                    std::size_t answer_bytes_max);

/// Makes the context of connections to `endpoint`: they verify the server's certificate.
/// Throws `error{errc::invalid_argument}` when the CA file cannot be read.
[[nodiscard]] std::shared_ptr<boost::asio::ssl::context> make_tls_context(const http_endpoint& endpoint);

}  // namespace troupe::internal
