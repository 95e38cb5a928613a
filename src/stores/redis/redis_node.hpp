#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "base/io_alarm.hpp"
#include "stores/redis/redis_greeting.hpp"
#include "stores/redis/redis_link.hpp"
#include "troupe/spi/entropy.hpp"

namespace troupe::internal {

/// Something to ask a server.
struct redis_call {
  redis_command command;
  std::optional<redis_script> script{};  ///< the command's words are those of a call of this script
};

/// How a call goes out.
enum class redis_way {
  plain,
  asking,  ///< behind an `ASKING`: a slot that is on its way is served all the same
};

/// Why a call has no answer.
struct redis_silence {
  bool was_sent = false;  ///< it may have been carried out
  errc code = errc::unavailable;
  std::string why;  ///< for people; names the server
};

/// One server: keeps a connection to it, made anew when it is lost, and hands calls over in their order.
///
/// Calls wait while a lost connection is made anew. When that fails, all that waited fail with it, and so do later
/// calls, at once: until there is a connection nothing comes of them, which their callers are to know for certain. The
/// next try is made when there is something to ask, after a pause.
/// Thread-safety: the executor's, which runs one thing at a time.
class redis_node : public std::enable_shared_from_this<redis_node> {
 public:
  /// Exactly one of the two is given.
  using answer = std::function<void(const redis_reply* reply, const redis_silence* silence)>;

  redis_node(boost::asio::any_io_executor executor, stores::redis_options options,
             std::shared_ptr<const redis_tls_context> tls, std::shared_ptr<spi::entropy> entropy);

  void call(std::shared_ptr<const redis_call> call, answer done, redis_way way = redis_way::plain);

  /// Ends the connection; what has no answer fails. Later calls fail at once.
  void close();

  /// Drops the connection because of what the server is; the next call makes another one.
  void reconnect();

  [[nodiscard]] bool is_cluster() const noexcept { return is_cluster_; }
  [[nodiscard]] const std::string& place() const noexcept { return place_; }
  [[nodiscard]] const stores::redis_options& options() const noexcept { return options_; }

 private:
  enum class phase { idle, pausing, connecting, ready, closed };

  struct waiting {
    std::shared_ptr<const redis_call> call;
    answer done;
    redis_way way;
  };

  void connect();
  void greet(const std::shared_ptr<redis_link>& link);
  void become_ready();
  void fail_to_connect(errc code, const std::string& why);
  void end_link(const std::string& why);
  void send(waiting what, bool knows_script);
  void take_answer(const std::shared_ptr<redis_link>& link, waiting& what, const redis_reply* reply);
  void watch();
  void fail_waiting(const redis_silence& silence);
  void fail_soon();

  // Constant after construction.
  const boost::asio::any_io_executor executor_;
  const stores::redis_options options_;
  const std::shared_ptr<const redis_tls_context> tls_;
  const std::shared_ptr<spi::entropy> entropy_;
  const std::string place_;

  phase phase_ = phase::idle;
  std::shared_ptr<redis_link> link_;  ///< of the phases connecting and ready
  std::unique_ptr<redis_greeting> greeting_;
  bool is_cluster_ = false;
  std::deque<waiting> waiting_;
  std::size_t unanswered_ = 0;
  unsigned failures_ = 0;     ///< to connect, in a row
  redis_silence problem_;     ///< the last of these
  bool fails_soon_ = false;   ///< what waits is about to fail
  std::string lost_because_;  ///< the connection before, or this one
  io_alarm alarm_;
};

}  // namespace troupe::internal
