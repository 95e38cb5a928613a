#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "troupe/spi/clock.hpp"
#include "troupe/spi/entropy.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe::stores {

/// Options of the Cosmos DB store. `host`, `account_key`, `database` and `container` are required.
struct cosmos_options {
  /// Name or address of the account's server, e.g. "shop.documents.azure.com".
  std::string host{};

  /// TCP port; 0: 443 with TLS, 8081 without.
  std::uint16_t port = 0;

  /// A key of the account that may write, in base64 as Azure shows it.
  std::string account_key{};

  /// The database and the container in it, each 1 to 255 bytes of `[A-Za-z0-9_.-]`.
  std::string database{};
  std::string container{};

  /// Whether the connection is encrypted and the server's certificate verified. Off: for emulators only.
  bool tls = true;

  /// PEM file of the certificates that the server is verified with; empty: those that the system trusts.
  std::string ca_file{};

  /// Whether to create a database or container that does not exist. Default: not.
  bool create = false;

  /// Largest record, in bytes (`spi::store_limits::record_bytes_max`); default 1.5 MiB, at most 2 MiB. The document
  /// that holds an actor has at most 2 MiB, names and escapes and all.
  std::size_t record_bytes_max = std::size_t{1536} << 10U;

  /// Memory for the documents seen last, in bytes; default 64 MiB, 0: none. A record whose actor is not among them
  /// costs a read before its write.
  std::size_t cache_bytes = std::size_t{64} << 20U;

  /// Requests under way at once, each on a connection that is kept open; default 32, 1 to 1,024.
  std::size_t connections_max = 32;

  /// How long one exchange may take before its connection is given up; default 3 s, at least 1 ms.
  std::chrono::milliseconds attempt_timeout{3000};

  /// How long one request may take with all its repetitions, which follow throttling, faults of the server and lost
  /// answers; default 10 s, at least `attempt_timeout`.
  std::chrono::milliseconds answer_timeout{10'000};

  /// How long an erasure is remembered, so that it can be repeated after a lost answer; default 7 days, 1 h to 20
  /// years.
  std::chrono::hours erasures_kept{24 * 7};

  /// Time and randomness for signatures and waits; null: the machine's.
  std::shared_ptr<spi::clock> clock{};
  std::shared_ptr<spi::entropy> entropy{};
};

/// Reads `cosmos://ACCOUNT_KEY@HOST[:PORT]/DATABASE/CONTAINER[?option=value...]`, every part percent-encoded (in the
/// key
/// `+`, `/` and `=`). Options: `tls=on|off`, `ca_file`, `create=on|off`, `connections`, `cache_bytes`,
/// `attempt_timeout_ms`, `answer_timeout_ms`.
/// Throws `error{errc::invalid_argument}` naming the part that is wrong; never quotes the key.
[[nodiscard]] cosmos_options parse_cosmos_uri(std::string_view uri);

/// Opens a store in one container of Azure Cosmos DB (API for NoSQL), whose documents `docs/formats/cosmos.md`
/// describes: one document per actor, replaced as a whole if its ETag is the one that was seen, so that a turn is
/// atomic.
///
/// Lists and due scans may lag behind the documents. With an account consistency below strong, loads may too: a commit
/// on top of what is no longer there is a conflict all the same.
/// Errors: `invalid_argument` (an option out of range, key refused), `bad_state` (the container is missing, is no
/// troupe container, or is of a newer format), `unavailable` (not reached in `answer_timeout`). Completion: on the
/// store's own thread. Blocking: the factory asks the server about the container. Thread-safety: any thread, but
/// `close` must not be called from a completion. Several processes may share a container.
[[nodiscard]] std::shared_ptr<spi::state_store> cosmos_store(cosmos_options options);

}  // namespace troupe::stores
