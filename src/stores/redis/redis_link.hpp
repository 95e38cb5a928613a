#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "stores/redis/redis_reply.hpp"
#include "stores/redis/redis_tls_context.hpp"
#include "troupe/stores/redis.hpp"

namespace troupe::internal {

/// One connection to a server, from its first packet to its last: hiredis, woken by Asio.
///
/// Thread-safety: the executor's, which runs one thing at a time; all is called and completes there. Lifetime: what
/// Asio and hiredis have under way keeps the connection; `drop` ends that.
class redis_link : public std::enable_shared_from_this<redis_link> {
 public:
  /// Takes the answer; null: the connection was lost before one came.
  using answer = std::function<void(const redis_reply* reply)>;

  explicit redis_link(const boost::asio::any_io_executor& executor);
  ~redis_link();
  redis_link(const redis_link&) = delete;
  redis_link& operator=(const redis_link&) = delete;

  /// Begins to connect. Effects: calls `connected` once with what went wrong (empty: nothing), `lost` once when a
  /// connection that was made ends by itself; either may still be on its way when the connection is dropped.
  void connect(const stores::redis_options& options, const redis_tls_context& tls,
               std::function<void(const std::string& why)> connected, std::function<void(const std::string& why)> lost);

  /// Sends one command; its answer comes after those before it. Returns false where the connection is over: nothing was
  /// sent, and `done` is not called.
  [[nodiscard]] bool send(const std::string& command, answer done);

  /// Ends the connection. What has no answer is lost before this returns, or as soon as the answer that is being handed
  /// out has been.
  void drop();

 private:
  struct machinery;

  std::unique_ptr<machinery> machinery_;
};

}  // namespace troupe::internal
