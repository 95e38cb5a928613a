#pragma once

#include <cstdint>
#include <functional>
#include <thread>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

// g++ 12 sees Asio allocate the frames of coroutines with one function and free them with another, where it inlines
// half of that. The coroutines are those of the files that include this one.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace troupe::testing_support {

/// Listens on a free port of the loopback interface and serves each connection with a coroutine, all of them on one
/// thread of its own. What a coroutine throws ends it. Thread-safety: any thread.
class loopback_service {
 public:
  using socket = boost::asio::ip::tcp::socket;

  /// `serve` runs on the service's thread, and its coroutines too.
  explicit loopback_service(std::function<boost::asio::awaitable<void>(socket client)> serve)
      : serve_(std::move(serve)), acceptor_(context_, endpoint_of(0)), port_(acceptor_.local_endpoint().port()) {
    boost::asio::co_spawn(context_, accept_all(), boost::asio::detached);
    thread_ = std::thread([this] { context_.run(); });
  }

  /// Ends the thread; the coroutines that have not ended are destroyed with their sockets.
  ~loopback_service() {
    context_.stop();
    thread_.join();
  }

  loopback_service(const loopback_service&) = delete;
  loopback_service& operator=(const loopback_service&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] boost::asio::io_context& context() noexcept { return context_; }

  /// Runs `work` on the service's thread and returns what it returns. Not to be called on that thread.
  template <class Work>
  auto run(Work work) {
    return boost::asio::post(context_, boost::asio::use_future(std::move(work))).get();
  }

  [[nodiscard]] static boost::asio::ip::tcp::endpoint endpoint_of(std::uint16_t port) {
    return {boost::asio::ip::address_v4::loopback(), port};
  }

 private:
  boost::asio::awaitable<void> accept_all() {
    while (true) {
      socket client = co_await acceptor_.async_accept(boost::asio::use_awaitable);
      boost::asio::co_spawn(context_, serve_(std::move(client)), boost::asio::detached);
    }
  }

  std::function<boost::asio::awaitable<void>(socket client)> serve_;
  boost::asio::io_context context_{1};
  boost::asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::thread thread_;
};

}  // namespace troupe::testing_support
