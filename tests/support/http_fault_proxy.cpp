#include "support/http_fault_proxy.hpp"

#include <cctype>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "support/loopback_service.hpp"

namespace troupe::testing_support {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

struct message {
  std::string head;
  std::string body;
};

std::size_t length_in(const std::string& head) {
  std::string lower = head;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto place = lower.find("content-length:");
  return place == std::string::npos ? 0 : std::stoul(lower.substr(place + 15));
}

/// Reads one message. Throws when the connection has ended.
asio::awaitable<message> read_message(tcp::socket& socket, std::string& buffer) {
  co_await asio::async_read_until(socket, asio::dynamic_buffer(buffer), "\r\n\r\n", asio::use_awaitable);
  const std::size_t head = buffer.find("\r\n\r\n") + 4;
  message got{buffer.substr(0, head), {}};
  buffer.erase(0, head);
  const std::size_t length = length_in(got.head);
  if (buffer.size() < length) {
    co_await asio::async_read(socket, asio::dynamic_buffer(buffer), asio::transfer_exactly(length - buffer.size()),
                              asio::use_awaitable);
  }
  got.body = buffer.substr(0, length);
  buffer.erase(0, length);
  co_return got;
}

}  // namespace

std::string http_answer(int status, const std::string& body, const std::string& headers) {
  return "HTTP/1.1 " + std::to_string(status) + " Said\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         headers + "\r\n" + body;
}

class http_fault_proxy::server {
 public:
  explicit server(std::uint16_t server_port)
      : server_port_(server_port), service_([this](tcp::socket client) { return serve(std::move(client)); }) {}

  [[nodiscard]] std::uint16_t port() const { return service_.port(); }

  void set_fates(std::function<fate(const std::string&)> decide) {
    service_.run([&] { decide_ = std::move(decide); });
  }

  [[nodiscard]] std::size_t requests_with(const std::string& words) {
    return service_.run([&] {
      std::size_t count = 0;
      for (const std::string& head : heads_) count += head.find(words) != std::string::npos ? 1U : 0U;
      return count;
    });
  }

 private:
  // Everything below runs on the service's thread.

  fate fate_of(const std::string& head) {
    heads_.push_back(head);
    return decide_ ? decide_(head) : fate{};
  }

  asio::awaitable<void> serve(tcp::socket client) {
    std::string from_client;
    while (true) {
      const message request = co_await read_message(client, from_client);
      const fate decided = fate_of(request.head);
      std::string answer = decided.text;
      if (decided.what == fate::end::lose_request) co_return;
      if (decided.what == fate::end::stall) {
        co_await read_message(client, from_client);  // ends with the connection
        co_return;
      }
      if (decided.what != fate::end::answer) answer = co_await ask(request);
      if (decided.what == fate::end::lose_answer) co_return;
      co_await asio::async_write(client, asio::buffer(answer), asio::use_awaitable);
    }
  }

  /// Returns the server's answer. Throws when there is none.
  asio::awaitable<std::string> ask(const message& request) {
    tcp::socket socket(service_.context());
    co_await socket.async_connect(loopback_service::endpoint_of(server_port_), asio::use_awaitable);
    const std::string text = request.head + request.body;
    co_await asio::async_write(socket, asio::buffer(text), asio::use_awaitable);
    std::string buffer;
    const message answer = co_await read_message(socket, buffer);
    co_return answer.head + answer.body;
  }

  const std::uint16_t server_port_;
  std::function<fate(const std::string&)> decide_;
  std::vector<std::string> heads_;
  loopback_service service_;  // last: its coroutines use all of the above
};

http_fault_proxy::http_fault_proxy(std::uint16_t server_port)
    : port_(0), server_(std::make_unique<server>(server_port)) {
  port_ = server_->port();
}

http_fault_proxy::~http_fault_proxy() = default;

void http_fault_proxy::set_fates(std::function<fate(const std::string&)> decide) {
  server_->set_fates(std::move(decide));
}

std::size_t http_fault_proxy::requests_with(const std::string& words) const { return server_->requests_with(words); }

}  // namespace troupe::testing_support
