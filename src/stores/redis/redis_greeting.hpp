#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stores/redis/redis_command.hpp"
#include "stores/redis/redis_reply.hpp"
#include "troupe/base/error.hpp"
#include "troupe/stores/redis.hpp"

namespace troupe::internal {

/// What is said on a new connection before anything else, and what the answers mean. It decides; the node sends.
class redis_greeting {
 public:
  /// Why a connection cannot be used.
  struct refusal {
    errc code;         ///< how the factory reports it
    std::string what;  ///< for people; no password in it
  };

  explicit redis_greeting(const stores::redis_options& options);

  /// The commands, all of them sent at once.
  [[nodiscard]] const std::vector<redis_command>& commands() const noexcept { return commands_; }

  /// Takes the answer to the next command. Returns why the connection is of no use; nothing: so far it is good.
  [[nodiscard]] std::optional<refusal> take(const redis_reply& reply);

  [[nodiscard]] bool is_over() const noexcept { return taken_ == steps_.size(); }

  // What the server told.
  [[nodiscard]] bool is_cluster() const noexcept { return is_cluster_; }
  [[nodiscard]] const std::string& digest_of(redis_script script) const {
    return digests_[static_cast<std::size_t>(script)];
  }

 private:
  enum class step { authenticate, select, name, ask_topology, load_script, try_commands };

  void add(step what, redis_command command);
  [[nodiscard]] std::optional<refusal> refuse(step what, std::string_view error) const;

  const stores::redis_options& options_;
  std::vector<step> steps_;
  std::vector<redis_command> commands_;
  std::size_t taken_ = 0;
  bool is_cluster_ = false;
  std::size_t scripts_taken_ = 0;
  std::array<std::string, std::size(redis_scripts)> digests_;
};

/// Returns how messages name the server: `Redis at host:port`, or `Redis at /path`.
[[nodiscard]] std::string redis_place(const stores::redis_options& options);

}  // namespace troupe::internal
