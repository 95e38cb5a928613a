#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "troupe/base/log_sink.hpp"
#include "troupe/core/call_filter.hpp"
#include "troupe/core/overload_limits.hpp"
#include "troupe/core/reminder_limits.hpp"
#include "troupe/spi/clock.hpp"
#include "troupe/spi/entropy.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe {

/// How a runtime is set up. Every field has a usable default.
struct runtime_options {
  /// Where state is kept: `memory:` (gone with the runtime), `sqlite:PATH`, `redis://...`, `postgresql://...`,
  /// `dynamodb://...` or `cosmos://...`, see `open_store`.
  std::string store = "memory:";

  /// A store made by hand, instead of `store`. The runtime closes it.
  std::shared_ptr<spi::state_store> store_instance{};

  /// Worker threads; 0: one per core. With `executor`: how many actors may run there at a time.
  std::size_t threads = 0;

  /// Run on this executor of the application's instead of own threads. Its context must run while the runtime lives,
  /// on threads that may block in no handler for long. A blocking wait on such a thread is refused as `would_block` for
  /// `io_context`, `thread_pool` and strands over them. With other executors it is noticed in actors only: elsewhere it
  /// is up to the application not to block the threads that the actors need.
  std::optional<boost::asio::any_io_executor> executor{};

  /// Most actors in memory at a time; past it the coldest are deactivated. 0: no cap. It is kept approximately: actors
  /// that are busy stay, and a deactivation takes a moment.
  std::size_t resident_actors_max = 0;

  /// What may wait before more is refused; per actor see `actor_type_options::mailbox_max`.
  overload_limits overload{};

  /// How reminders are found and fired.
  reminder_limits reminders{};

  /// See every message, before those of its type. None is null: `errc::invalid_argument` otherwise.
  std::vector<std::shared_ptr<call_filter>> filters{};

  /// How long the store may take for one commit or load, retries included, before it counts as failed.
  std::chrono::milliseconds store_timeout{10'000};

  /// How long `shutdown` lets turns finish before it drops what still runs.
  std::chrono::milliseconds shutdown_grace{30'000};

  /// Where log lines go; default: standard error.
  log_sink log{};

  /// The source of time and of randomness; default: the machine's. A clock that runs at another speed than the
  /// machine's is looked at every 50 ms, so that timers may ring as much later.
  std::shared_ptr<spi::clock> clock{};
  std::shared_ptr<spi::entropy> entropy{};
};

/// Opens a store by URI:
/// - `memory:`, which is gone with the store;
/// - `sqlite:PATH` with the options `?synchronous=full|normal`, `?file_bytes_max=N`, `?large_cell_bytes=N` and
///   `?compress_bytes_min=N`, several joined by `&`;
/// - `redis://`, `rediss://` and `redis+unix://` as `stores::parse_redis_uri` reads them;
/// - `postgresql://` and `postgres://` as `stores::parse_postgres_uri` does;
/// - `dynamodb://` as `stores::parse_dynamodb_uri` does, `cosmos://` as `stores::parse_cosmos_uri` does.
/// Throws `error{errc::invalid_argument}` for a URI it cannot read, naming the part, and for a driver that this build
/// leaves out, naming the option that builds it; else what the driver throws.
[[nodiscard]] std::shared_ptr<spi::state_store> open_store(const std::string& uri);

}  // namespace troupe
