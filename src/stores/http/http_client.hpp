#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "stores/http/http_message.hpp"
#include "troupe/spi/clock.hpp"

namespace troupe::internal {

/// What a client uses at most.
struct client_limits {
  std::size_t connections_max = 32;  ///< requests under way at once
  std::size_t waiting_max = 65'536;  ///< requests that wait for a connection; more are not sent
  std::size_t answer_bytes_max = 64U << 20U;
};

/// A thread that speaks HTTP/1.1 with one server, over a bounded number of connections that are kept open.
///
/// Everything runs on that thread: completions, what `post` hands over, and what `after` delays.
/// Thread-safety: `post` from any thread; the rest on the client's thread, but construction and destruction.
class http_client {
 public:
  /// Throws `error{errc::invalid_argument}` when the CA file cannot be read. Nothing is sent yet.
  http_client(http_endpoint endpoint, client_limits limits, std::shared_ptr<spi::clock> clock);

  /// Ends the thread; what is under way is dropped without completion.
  ~http_client();

  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  [[nodiscard]] const http_endpoint& endpoint() const noexcept;

  /// Runs `work` on the client's thread.
  void post(std::function<void()> work);

  /// Runs `work` on the client's thread after a while.
  void after(std::chrono::milliseconds delay, std::function<void()> work);

  /// Sends a request and completes once, at most `limit` after it got a connection, and without one soon after `limit`.
  void send(http_request request, std::chrono::milliseconds limit, std::function<void(http_outcome)> done);

 private:
  class pool;
  std::unique_ptr<pool> pool_;
};

}  // namespace troupe::internal
