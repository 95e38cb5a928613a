#include "support/tcp_fault_proxy.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "support/loopback_service.hpp"

namespace troupe::testing_support {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

/// One connection of a client and the one to the server that goes with it.
struct pair_of_sockets {
  tcp::socket client;
  tcp::socket server;
  bool awaits_lost_answer = false;
  bool is_silent = false;

  void close() {
    error_code ignored;
    client.close(ignored);
    server.close(ignored);
  }
};

struct faults {
  milliseconds delay_to_server{0};
  milliseconds delay_to_client{0};
  bool lose_next_answer = false;
  bool refuse_behind_it = false;  ///< refuse connections once that is lost
  bool swallow_answers = false;
  bool refuse_connections = false;
  std::optional<std::size_t> tear_next_answer{};
};

}  // namespace

class tcp_fault_proxy::server {
 public:
  explicit server(std::uint16_t server_port)
      : server_port_(server_port), service_([this](tcp::socket client) { return serve(std::move(client)); }) {}

  [[nodiscard]] std::uint16_t port() const { return service_.port(); }

  void set(faults now) {
    service_.run([&] { become(now); });
  }

  void cut() {
    service_.run([this] { cut_all(); });
  }

  void storm(std::uint64_t seed, milliseconds length) {
    asio::co_spawn(service_.context(), draw_faults(seed, length), asio::use_future).get();
  }

  tcp_fault_counts counts() {
    return service_.run([this] { return counts_; });
  }

  std::size_t open_connections() {
    return service_.run([this] { return open().size(); });
  }

 private:
  using pair = std::shared_ptr<pair_of_sockets>;
  static constexpr std::size_t kinds = 6;

  // Everything below runs on the service's thread.

  void become(const faults& now) {
    faults_ = now;
    if (now.refuse_connections) cut_all();
  }

  void cut_all() {
    for (const pair& one : open()) {
      ++counts_.cut;
      one->close();
    }
  }

  /// Forgets the pairs that are gone.
  std::vector<pair> open() {
    std::vector<pair> found;
    for (const auto& weak : pairs_) {
      if (auto one = weak.lock(); one && one->client.is_open()) found.push_back(std::move(one));
    }
    pairs_.assign(found.begin(), found.end());
    return found;
  }

  asio::awaitable<void> pause(milliseconds length) {
    if (length.count() == 0) co_return;
    asio::steady_timer timer(service_.context(), length);
    co_await timer.async_wait(asio::use_awaitable);
  }

  asio::awaitable<void> serve(tcp::socket client) {
    if (faults_.refuse_connections) {
      ++counts_.refused;
      co_return;
    }
    auto one = std::make_shared<pair_of_sockets>(pair_of_sockets{std::move(client), tcp::socket(service_.context())});
    pairs_.push_back(one);
    ++counts_.connections;
    counts_.most_connections = std::max(counts_.most_connections, open().size());
    // A server that is not there: the client's socket is closed with the pair.
    co_await one->server.async_connect(loopback_service::endpoint_of(server_port_), asio::use_awaitable);
    asio::co_spawn(service_.context(), pass_answers(one), asio::detached);
    co_await pass_requests(one);
  }

  asio::awaitable<void> pass_requests(pair one) {
    try {
      std::array<char, 16'384> bytes{};
      while (true) {
        const std::size_t size = co_await one->client.async_read_some(asio::buffer(bytes), asio::use_awaitable);
        co_await pause(faults_.delay_to_server);
        if (std::exchange(faults_.lose_next_answer, false)) one->awaits_lost_answer = true;
        co_await asio::async_write(one->server, asio::buffer(bytes.data(), size), asio::use_awaitable);
      }
    } catch (const boost::system::system_error&) {
      one->close();
    }
  }

  asio::awaitable<void> pass_answers(pair one) {
    try {
      std::array<char, 16'384> bytes{};
      while (true) {
        std::size_t size = co_await one->server.async_read_some(asio::buffer(bytes), asio::use_awaitable);
        co_await pause(faults_.delay_to_client);
        if (one->awaits_lost_answer) {
          ++counts_.answers_lost;
          if (std::exchange(faults_.refuse_behind_it, false)) faults_.refuse_connections = true;
          break;
        }
        if (faults_.swallow_answers && !std::exchange(one->is_silent, true)) ++counts_.silenced;
        if (one->is_silent) continue;
        const auto torn = std::exchange(faults_.tear_next_answer, std::nullopt);
        if (torn) size = std::min(size, *torn);
        co_await asio::async_write(one->client, asio::buffer(bytes.data(), size), asio::use_awaitable);
        if (torn) {
          ++counts_.answers_torn;
          break;
        }
      }
    } catch (const boost::system::system_error&) {
      // one of the two has closed the connection
    }
    one->close();
  }

  /// Begins a fault of one of six kinds.
  void begin_fault(std::size_t kind, std::mt19937_64& draw) {
    const auto below = [&](std::uint64_t bound) { return draw() % bound; };
    faults now;
    switch (kind) {
      case 0:
        now.delay_to_server = milliseconds(below(60));
        now.delay_to_client = milliseconds(below(60));
        break;
      case 1:
        cut_all();
        break;
      case 2:
        now.lose_next_answer = true;
        now.refuse_behind_it = true;  // nobody can ask what became of it
        break;
      case 3:
        now.tear_next_answer = below(40);
        break;
      case 4:
        now.swallow_answers = true;
        break;
      default:
        now.refuse_connections = true;
        break;
    }
    become(now);
  }

  /// How often a kind of fault has met a connection; a slow server needs none.
  [[nodiscard]] std::size_t met(std::size_t kind) const {
    const std::array<std::size_t, kinds> all{
        0, counts_.cut, counts_.answers_lost, counts_.answers_torn, counts_.silenced, counts_.refused};
    return all.at(kind);
  }

  /// Waits until the fault that was begun has met a connection, for at most two seconds.
  asio::awaitable<void> meet(std::size_t kind, std::size_t before) {
    constexpr milliseconds step(10);
    for (milliseconds waited{0}; kind != 0 && met(kind) == before && waited < milliseconds(2000); waited += step) {
      co_await pause(step);
      if (kind == 1) cut_all();
    }
  }

  asio::awaitable<void> draw_faults(std::uint64_t seed, milliseconds length) {
    std::mt19937_64 draw(seed);
    std::vector<std::size_t> round;
    milliseconds spent{0};
    while (spent < length || !round.empty()) {
      if (round.empty()) {
        for (std::size_t each = 0; each < kinds; ++each) round.push_back(each);
        std::shuffle(round.begin(), round.end(), draw);
      }
      const std::size_t kind = round.back();
      const std::size_t before = met(kind);
      round.pop_back();
      begin_fault(kind, draw);
      const milliseconds bad((kind == 2 ? 600 : 20) + draw() % 480);
      co_await pause(bad);
      co_await meet(kind, before);
      become({});
      const milliseconds good(150 + draw() % 300);
      co_await pause(good);
      spent += bad + good;
    }
  }

  const std::uint16_t server_port_;
  faults faults_;
  tcp_fault_counts counts_;
  std::vector<std::weak_ptr<pair_of_sockets>> pairs_;
  loopback_service service_;  // last: its coroutines use all of the above
};

tcp_fault_proxy::tcp_fault_proxy(std::uint16_t server_port) : server_(std::make_unique<server>(server_port)) {}
tcp_fault_proxy::~tcp_fault_proxy() = default;

std::uint16_t tcp_fault_proxy::port() const { return server_->port(); }
void tcp_fault_proxy::heal() { server_->set({}); }
void tcp_fault_proxy::delay(milliseconds to_server, milliseconds to_client) {
  server_->set({.delay_to_server = to_server, .delay_to_client = to_client});
}
void tcp_fault_proxy::cut() { server_->cut(); }
void tcp_fault_proxy::lose_next_answer() { server_->set({.lose_next_answer = true}); }
void tcp_fault_proxy::tear_next_answer(std::size_t bytes) { server_->set({.tear_next_answer = bytes}); }
void tcp_fault_proxy::swallow_answers() { server_->set({.swallow_answers = true}); }
void tcp_fault_proxy::refuse_connections() { server_->set({.refuse_connections = true}); }
void tcp_fault_proxy::storm(std::uint64_t seed, milliseconds length) { server_->storm(seed, length); }
tcp_fault_counts tcp_fault_proxy::counts() const { return server_->counts(); }
std::size_t tcp_fault_proxy::open_connections() const { return server_->open_connections(); }

}  // namespace troupe::testing_support
