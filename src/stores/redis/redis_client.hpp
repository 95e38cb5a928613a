#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "stores/redis/redis_node.hpp"
#include "stores/redis/redis_slots.hpp"

namespace troupe::internal {

/// The server, or the servers of a cluster: a call goes to the one that serves its slot, and after it when it moves.
/// Thread-safety: the executor's, which runs one thing at a time.
class redis_client : public std::enable_shared_from_this<redis_client> {
 public:
  using answer = redis_node::answer;

  /// Errors: `invalid_argument` (TLS).
  redis_client(boost::asio::any_io_executor executor, stores::redis_options options);

  /// Asks the server of `slot`; `done` gets its answer, or why there is none.
  void call(unsigned slot, redis_call call, answer done);

  /// Ends all connections; what has no answer fails, as do later calls.
  void close();

  /// Whether the server has said that it is one of a cluster.
  [[nodiscard]] bool is_cluster() const noexcept { return seed_->is_cluster(); }

  /// The server that the options name, for messages.
  [[nodiscard]] const std::string& place() const noexcept { return seed_->place(); }

 private:
  /// A call and the servers it has been sent on to.
  struct journey {
    unsigned slot;
    std::shared_ptr<const redis_call> call;
    answer done;
    unsigned redirections = 0;
  };

  void ask(const std::shared_ptr<redis_node>& node, journey call, redis_way way);
  void take_answer(const std::shared_ptr<redis_node>& node, journey& call, const redis_reply* reply,
                   const redis_silence* silence);
  [[nodiscard]] bool is_redirected(const redis_node& node, journey& call, const redis_error& error);
  void refresh(const std::shared_ptr<redis_node>& node);
  [[nodiscard]] std::shared_ptr<redis_node> node_of(unsigned slot);
  [[nodiscard]] std::shared_ptr<redis_node> node_at(const redis_address& address);

  // Constant after construction.
  const boost::asio::any_io_executor executor_;
  const stores::redis_options options_;
  const std::shared_ptr<const redis_tls_context> tls_;
  const std::shared_ptr<spi::entropy> entropy_;

  std::shared_ptr<redis_node> seed_;
  std::map<std::pair<std::string, std::uint16_t>, std::shared_ptr<redis_node>> nodes_;  ///< of a cluster
  redis_slots slots_;
  bool is_refreshing_ = false;
  bool is_closed_ = false;
};

}  // namespace troupe::internal
