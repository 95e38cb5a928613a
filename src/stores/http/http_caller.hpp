#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "stores/http/http_client.hpp"
#include "stores/http/http_message.hpp"
#include "stores/http/retry_rules.hpp"
#include "troupe/spi/clock.hpp"
#include "troupe/spi/entropy.hpp"

namespace troupe::internal {

struct call_limits {
  std::chrono::milliseconds attempt{3000};  ///< for one exchange
  std::chrono::milliseconds total{10'000};  ///< for all tries of one request and the waits between them
  backoff_limits backoff{};
};

/// How one request came to its end.
struct call_result {
  std::optional<http_response> response{};  ///< nothing: `message` says what the last try met
  bool in_doubt = false;  ///< an earlier try, or with no response any of them, may have had its effect
  std::string message{};
};

/// Sends requests until they are answered for good or their time is over.
/// Thread-safety: the client's thread.
class http_caller {
 public:
  using make_request = std::function<http_request(wall_time now)>;
  using judge_answer = std::function<answer_verdict(const http_response&)>;

  http_caller(http_client& client, std::shared_ptr<spi::clock> clock, std::shared_ptr<spi::entropy> entropy,
              call_limits limits);

  /// Completes once. `make` builds (and signs) the request anew for each try.
  void call(make_request make, judge_answer judge, std::function<void(call_result)> done);

  /// Runs `work` after the wait that follows so many failures in a row.
  void after_failures(std::size_t failures, std::function<void()> work);

  [[nodiscard]] http_client& client() const noexcept { return client_; }
  [[nodiscard]] wall_time wall_now() const { return clock_->wall_now(); }

 private:
  struct running;
  void attempt(const std::shared_ptr<running>& call);
  void settle(const std::shared_ptr<running>& call, http_outcome outcome);
  void again(const std::shared_ptr<running>& call, std::optional<std::chrono::milliseconds> asked);

  // Constant after construction.
  http_client& client_;
  const std::shared_ptr<spi::clock> clock_;
  const std::shared_ptr<spi::entropy> entropy_;
  const call_limits limits_;
};

}  // namespace troupe::internal
