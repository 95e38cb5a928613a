#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>

#include "troupe/spi/state_store.hpp"

namespace troupe::stores {

/// Whether the connections are encrypted.
enum class redis_tls {
  off,
  on,  ///< needs a build with hiredis 1.0 or later and its `hiredis_ssl`
};

/// What kind of server is at the address.
enum class redis_topology {
  automatic,  ///< the server says so itself
  cluster,    ///< Redis Cluster; a server that is not part of one is refused
};

/// Options of the Redis store. The defaults reach a server on this machine.
struct redis_options {
  /// Host name or address. A name is looked up at each connect, on the store's thread or on `executor`, which wait for
  /// the answer of the system's resolver: `connect_timeout` does not bound that. Default: 127.0.0.1.
  std::string host{"127.0.0.1"};

  /// Default: 6379.
  std::uint16_t port = 6379;

  /// Path of a Unix socket, which takes the place of host and port; empty: none.
  std::string socket_path{};

  /// ACL user; empty: the server's default user.
  std::string user{};

  /// Empty: no authentication. It appears in no message.
  std::string password{};

  /// Number of the database; default 0, the only one that a cluster has.
  unsigned database = 0;

  /// How all keys begin: 1 to 64 bytes of `[A-Za-z0-9_.:-]`. Stores with different prefixes do not see each other.
  std::string prefix{"troupe"};

  /// The name that `CLIENT LIST` shows; `[A-Za-z0-9_.:-]`, empty: none.
  std::string client_name{"troupe"};

  /// Default `automatic`.
  redis_topology topology = redis_topology::automatic;

  /// Default `off`.
  redis_tls tls = redis_tls::off;

  /// Certificates of the authorities that are trusted (PEM file); empty: those of the system. Only with TLS. hiredis
  /// checks who has signed the server's certificate, not which name it is for: take an authority of your own.
  std::string tls_ca_file{};

  /// Certificate and key that this client shows (PEM files); empty: none. Only with TLS.
  std::string tls_certificate_file{};
  std::string tls_key_file{};

  /// Name that is asked for (SNI); empty: `host`. Only with TLS.
  std::string tls_server_name{};

  /// Largest record, in bytes (`spi::store_limits::record_bytes_max`); default 16 MiB, at most 256 MiB.
  std::size_t record_bytes_max = std::size_t{16} << 20U;

  /// Cells whose JSON has at least this many bytes are compressed with zstd; 0 (default): none is. What is stored stays
  /// readable whatever this says.
  std::size_t compress_bytes_min = 0;

  /// How long connecting may take, with all that is said before the first operation; default 2 s, at least 1 ms.
  std::chrono::milliseconds connect_timeout{2000};

  /// How long the server may say nothing while an answer is awaited. After that the connection is dropped, and what was
  /// under way is `unknown`. Default 5 s, at least 1 ms.
  std::chrono::milliseconds answer_timeout{5000};

  /// Records that may wait for the server; more are `unavailable` at once. Default 65,536, at least 512.
  std::size_t waiting_records_max = 65'536;

  /// Where the connections work and completions run; none: on a thread of the store's own. Its context must run until
  /// `close` has returned.
  std::optional<boost::asio::any_io_executor> executor{};
};

/// Reads `redis://[user[:password]@]host[:port][/database][?option=value&...]`, the same with `rediss://` for TLS, and
/// `redis+unix://[user[:password]@]/path/of/socket[?database=N&...]`. An IPv6 address stands in brackets; bytes that
/// mean something else are written as `%XX`. The options are `prefix`, `client_name`, `database`, `topology` (`cluster`
/// or `automatic`), `connect_timeout` and `answer_timeout` (milliseconds), `record_bytes_max`, `compress_bytes_min`,
/// `tls_ca_file`, `tls_certificate_file`, `tls_key_file`, `tls_server_name`.
///
/// Errors: `invalid_argument`, which names the part that is wrong and never the password.
[[nodiscard]] redis_options parse_redis_uri(std::string_view uri);

/// Opens a store on a Redis server (6.2 or later), whose layout `docs/formats/redis.md` describes. Returns when the
/// server has answered; after that a lost connection is made anew by itself, with pauses of 10 ms to 2 s.
///
/// When a commit is durable is the server's matter: `appendonly yes` with `appendfsync always` loses nothing that was
/// reported as committed, see `docs/guide/12-redis.md`.
///
/// Errors: `invalid_argument` (an option out of range, a wrong user or password, a user that may not run what a store
/// needs, a database that is not there, TLS in a build without it), `bad_state` (not a Redis server, a store of a newer
/// format), `unavailable` (not reachable, loading its data, a replica).
/// Completion: on the store's own thread, or on `redis_options::executor`.
/// Thread-safety: any thread, but `close` must not be called from a completion, nor on the only thread of `executor`.
/// Several processes may share a server and a prefix.
[[nodiscard]] std::shared_ptr<spi::state_store> redis_store(redis_options options);

}  // namespace troupe::stores
