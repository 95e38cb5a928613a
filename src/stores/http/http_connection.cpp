#include "stores/http/http_connection.hpp"

#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/system/system_error.hpp>

#include "troupe/base/error.hpp"

namespace troupe::internal {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using tls_stream = asio::ssl::stream<beast::tcp_stream>;

beast::tcp_stream& transport_of(beast::tcp_stream& stream) { return stream; }
beast::tcp_stream& transport_of(tls_stream& stream) { return stream.next_layer(); }

/// What a lookup found; it may end after nobody waits for it any more.
struct lookup {
  explicit lookup(asio::io_context& context) : resolver(context), limit(context) {}

  tcp::resolver resolver;
  asio::steady_timer limit;
  error_code failure = asio::error::timed_out;
  tcp::resolver::results_type found{};
};

template <typename Stream>
class connection final : public http_connection {
 public:
  connection(asio::io_context& context, const http_endpoint& endpoint, asio::ssl::context* tls,
             std::size_t answer_bytes_max)
      : context_(context), endpoint_(endpoint), tls_(tls), answer_bytes_max_(answer_bytes_max) {}

  void exchange(http_request request, std::chrono::milliseconds limit,
                std::function<void(http_outcome)> done) override {
    asio::co_spawn(context_, run(to_beast(std::move(request)), limit, std::move(done)), asio::detached);
  }

 private:
  using message_ptr = std::unique_ptr<http::request<http::string_body>>;

  asio::awaitable<void> run(message_ptr message, std::chrono::milliseconds limit,
                            std::function<void(http_outcome)> done) {
    http_outcome outcome;
    bool sent = false;
    try {
      if (!stream_) co_await open(limit);
      transport_of(*stream_).expires_after(limit);
      sent = true;
      co_await http::async_write(*stream_, *message, asio::use_awaitable);
      http::response_parser<http::string_body> parser;
      parser.body_limit(answer_bytes_max_);
      co_await http::async_read(*stream_, buffer_, parser, asio::use_awaitable);
      transport_of(*stream_).expires_never();
      const bool keep = parser.get().keep_alive();
      outcome.response = from_beast(parser.release());
      outcome.end = delivery::answered;
      if (!keep) drop();
    } catch (const std::exception& failure) {
      drop();
      outcome.end = sent ? delivery::lost : delivery::not_sent;
      outcome.message = endpoint_.authority() + (sent ? " did not answer: " : " cannot be reached: ") + failure.what();
    }
    done(std::move(outcome));
  }

  asio::awaitable<void> open(std::chrono::milliseconds limit) {
    const auto found = co_await look_up(limit);
    if constexpr (std::is_same_v<Stream, tls_stream>) {
      stream_.emplace(context_, *tls_);
    } else {
      stream_.emplace(context_);
    }
    beast::tcp_stream& transport = transport_of(*stream_);
    transport.expires_after(limit);
    co_await transport.async_connect(found, asio::use_awaitable);
    transport.socket().set_option(tcp::no_delay(true));
    if constexpr (std::is_same_v<Stream, tls_stream>) {
      error_code no_address;
      static_cast<void>(asio::ip::make_address(endpoint_.host, no_address));
      // Servers are told the name they are known by; an address is none.
      if (no_address) SSL_set_tlsext_host_name(stream_->native_handle(), endpoint_.host.c_str());
      stream_->set_verify_callback(asio::ssl::host_name_verification(endpoint_.host));
      co_await stream_->async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
    }
  }

  /// A lookup cannot be cut short, so the wait for it is.
  asio::awaitable<tcp::resolver::results_type> look_up(std::chrono::milliseconds limit) {
    const auto state = std::make_shared<lookup>(context_);
    state->limit.expires_after(limit);
    state->resolver.async_resolve(endpoint_.host, endpoint_.port,
                                  [state](error_code failure, tcp::resolver::results_type found) {
                                    state->failure = failure;
                                    state->found = std::move(found);
                                    state->limit.cancel();
                                  });
    co_await state->limit.async_wait(asio::as_tuple(asio::use_awaitable));
    if (state->failure) throw boost::system::system_error(state->failure, "looking up its address");
    co_return state->found;
  }

  message_ptr to_beast(http_request request) const {
    auto message = std::make_unique<http::request<http::string_body>>();
    message->version(11);
    message->method_string(request.method);
    message->target(request.target);
    message->set(http::field::host, endpoint_.authority());
    for (const http_header& header : request.headers) message->set(header.name, header.value);
    message->body() = std::move(request.body);
    message->prepare_payload();
    message->keep_alive(true);
    return message;
  }

  static http_response from_beast(http::response<http::string_body> message) {
    http_response response;
    response.status = message.result_int();
    for (const auto& field : message) {
      response.headers.push_back({std::string(field.name_string()), std::string(field.value())});
    }
    response.body = std::move(message.body());
    return response;
  }

  void drop() {
    stream_.reset();
    buffer_.clear();
  }

  // Constant after construction.
  asio::io_context& context_;
  const http_endpoint& endpoint_;
  asio::ssl::context* tls_;
  const std::size_t answer_bytes_max_;

  std::optional<Stream> stream_;  ///< empty: not connected
  beast::flat_buffer buffer_;
};

}  // namespace

std::unique_ptr<http_connection> make_http_connection(asio::io_context& context, const http_endpoint& endpoint,
                                                      asio::ssl::context* tls, std::size_t answer_bytes_max) {
  if (tls != nullptr) return std::make_unique<connection<tls_stream>>(context, endpoint, tls, answer_bytes_max);
  return std::make_unique<connection<beast::tcp_stream>>(context, endpoint, nullptr, answer_bytes_max);
}

std::shared_ptr<asio::ssl::context> make_tls_context(const http_endpoint& endpoint) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  error_code failure;
  if (endpoint.ca_file.empty()) {
    context->set_default_verify_paths(failure);
  } else {
    context->load_verify_file(endpoint.ca_file, failure);
  }
  if (failure) {
    throw error(errc::invalid_argument, "the certificates to verify " + endpoint.host + " with cannot be read" +
                                            (endpoint.ca_file.empty() ? "" : " from " + endpoint.ca_file) + ": " +
                                            failure.message());
  }
  context->set_verify_mode(asio::ssl::verify_peer);
  return context;
}

}  // namespace troupe::internal
