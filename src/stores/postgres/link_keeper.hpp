#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "stores/postgres/back_off.hpp"
#include "stores/postgres/pg_link.hpp"
#include "stores/postgres/postgres_schema.hpp"
#include "troupe/spi/clock.hpp"
#include "troupe/spi/entropy.hpp"

namespace troupe::internal {

/// The connection of one thread: made anew when it is lost.
/// Thread-safety: one thread at a time.
class link_keeper {
 public:
  link_keeper(const pg_place& place, std::shared_ptr<const spi::clock> clock, std::shared_ptr<spi::entropy> entropy);

  /// Connects at once. Errors: `pg_failure`.
  void connect();

  /// Returns how long `get` does not try to connect, because it just failed; 0: it has a connection, or may try now.
  [[nodiscard]] std::chrono::milliseconds pause();

  /// Returns the connection, made anew if needed; null when that fails or failed a moment ago, and `problem` says why.
  /// Whoever asks for something learns at once that nothing came of it, and paces its tries itself.
  [[nodiscard]] pg_link* get();

  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

  void close() noexcept { link_.reset(); }

 private:
  const pg_place& place_;
  const std::shared_ptr<const spi::clock> clock_;
  const std::shared_ptr<spi::entropy> entropy_;
  std::unique_ptr<pg_link> link_;
  back_off back_off_;
  steady_time next_attempt_{};
  steady_time plans_made_{};
  std::string problem_;
};

}  // namespace troupe::internal
