#include "stores/http/http_client.hpp"

#include <deque>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "stores/http/http_connection.hpp"

namespace troupe::internal {

namespace asio = boost::asio;

class http_client::pool {
 public:
  struct job {
    http_request request;
    std::chrono::milliseconds limit;
    steady_time until;
    std::function<void(http_outcome)> done;
  };

  pool(http_endpoint endpoint, client_limits limits, std::shared_ptr<spi::clock> clock)
      : endpoint_(std::move(endpoint)),
        limits_(limits),
        clock_(std::move(clock)),
        tls_(endpoint_.tls ? make_tls_context(endpoint_) : nullptr),
        work_(asio::make_work_guard(context_)),
        thread_([this] { context_.run(); }) {}

  ~pool() {
    context_.stop();
    thread_.join();
  }

  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;

  [[nodiscard]] const http_endpoint& endpoint() const noexcept { return endpoint_; }

  void post(std::function<void()> work) { asio::post(context_, std::move(work)); }

  void after(std::chrono::milliseconds delay, std::function<void()> work) {
    const auto timer = std::make_shared<asio::steady_timer>(context_, delay);
    timer->async_wait([timer, work = std::move(work)](const auto&) { work(); });
  }

  void send(job work) {
    if (idle_.empty() && open_ < limits_.connections_max) {
      idle_.push_back(make_http_connection(context_, endpoint_, tls_.get(), limits_.answer_bytes_max));
      ++open_;
    }
    if (!idle_.empty()) {
      begin(std::move(work));
    } else if (waiting_.size() < limits_.waiting_max) {
      waiting_.push_back(std::move(work));
    } else {
      refuse(std::move(work), "too many requests wait for a connection");
    }
  }

 private:
  /// Requires: a connection is idle.
  void begin(job work) {
    std::unique_ptr<http_connection> connection = std::move(idle_.back());
    idle_.pop_back();
    http_connection& used = *connection;
    busy_.push_back(std::move(connection));
    used.exchange(std::move(work.request), work.limit,
                  [this, &used, done = std::move(work.done)](http_outcome outcome) {
                    release(used);
                    done(std::move(outcome));
                    go_on();
                  });
  }

  void release(http_connection& used) {
    for (auto& connection : busy_) {
      if (connection.get() != &used) continue;
      idle_.push_back(std::move(connection));
      connection = std::move(busy_.back());
      busy_.pop_back();
      return;
    }
  }

  /// Gives idle connections to those that wait; those whose time is over are answered.
  void go_on() {
    const steady_time now = clock_->steady_now();
    while (!waiting_.empty() && (!idle_.empty() || waiting_.front().until <= now)) {
      job work = std::move(waiting_.front());
      waiting_.pop_front();
      if (work.until <= now) {
        refuse(std::move(work), "no connection became free in time");
      } else {
        begin(std::move(work));
      }
    }
  }

  void refuse(job work, const std::string& why) {
    post([this, done = std::move(work.done), why] {
      done({delivery::not_sent, endpoint_.authority() + ": " + why, {}});
    });
  }

  // Constant after construction.
  const http_endpoint endpoint_;
  const client_limits limits_;
  const std::shared_ptr<spi::clock> clock_;
  const std::shared_ptr<asio::ssl::context> tls_;

  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;

  // Only on the thread. Sockets go before their context.
  std::vector<std::unique_ptr<http_connection>> idle_;
  std::vector<std::unique_ptr<http_connection>> busy_;
  std::deque<job> waiting_;
  std::size_t open_ = 0;

  std::thread thread_;

  friend class http_client;
};

http_client::http_client(http_endpoint endpoint, client_limits limits, std::shared_ptr<spi::clock> clock)
    : pool_(std::make_unique<pool>(std::move(endpoint), limits, std::move(clock))) {}

http_client::~http_client() = default;

const http_endpoint& http_client::endpoint() const noexcept { return pool_->endpoint(); }

void http_client::post(std::function<void()> work) { pool_->post(std::move(work)); }

void http_client::after(std::chrono::milliseconds delay, std::function<void()> work) {
  pool_->after(delay, std::move(work));
}

void http_client::send(http_request request, std::chrono::milliseconds limit, std::function<void(http_outcome)> done) {
  pool_->send({std::move(request), limit, pool_->clock_->steady_now() + limit, std::move(done)});
}

}  // namespace troupe::internal
