#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace troupe::testing_support {

/// What a proxy has done so far.
struct tcp_fault_counts {
  std::size_t connections = 0;       ///< connections of clients that were passed on
  std::size_t most_connections = 0;  ///< the most at a time
  std::size_t cut = 0;               ///< connections that were cut while they lay open
  std::size_t refused = 0;
  std::size_t answers_lost = 0;  ///< connections that were cut between a request and its answer
  std::size_t answers_torn = 0;
  std::size_t silenced = 0;  ///< connections whose answers are swallowed from some moment on
};

/// Stands between a client and a server that speak TCP, whatever they say, and spoils what it is told to. A fault holds
/// until another one or `heal` takes its place. Thread-safety: any thread.
class tcp_fault_proxy {
 public:
  using milliseconds = std::chrono::milliseconds;

  explicit tcp_fault_proxy(std::uint16_t server_port);
  ~tcp_fault_proxy();

  tcp_fault_proxy(const tcp_fault_proxy&) = delete;
  tcp_fault_proxy& operator=(const tcp_fault_proxy&) = delete;

  [[nodiscard]] std::uint16_t port() const;

  /// Lets everything pass. Connections whose answers were swallowed stay silent: what followed would make no sense.
  void heal();

  /// Holds each piece that arrives for so long: a slow server.
  void delay(milliseconds to_server, milliseconds to_client);

  /// Closes every connection now.
  void cut();

  /// Passes the next request on, of whatever connection, and closes its connection when the server answers: applied,
  /// but not acknowledged.
  void lose_next_answer();

  /// Passes so many bytes of the next answer and closes its connection then.
  void tear_next_answer(std::size_t bytes);

  /// Passes requests on and no answers, for as long as a connection lasts that has one in this time: a black hole.
  void swallow_answers();

  /// Closes every connection, and each new one at once.
  void refuse_connections();

  /// Draws faults from `seed` for so long, with pauses in which everything passes. Each kind comes once a round, and
  /// meets a connection if there is one within two seconds; the last round, of about four seconds, is finished. An
  /// answer is lost such that nobody can ask for half a second what became of the request. Blocks; everything passes
  /// when it returns.
  void storm(std::uint64_t seed, milliseconds length);

  [[nodiscard]] tcp_fault_counts counts() const;

  /// Connections that are open now.
  [[nodiscard]] std::size_t open_connections() const;

 private:
  class server;
  std::unique_ptr<server> server_;
};

}  // namespace troupe::testing_support
