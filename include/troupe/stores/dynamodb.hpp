#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "troupe/spi/clock.hpp"
#include "troupe/spi/entropy.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe::stores {

/// What requests to DynamoDB are signed with.
struct dynamodb_credentials {
  std::string access_key{};
  std::string secret_key{};
  std::string session_token{};  ///< of temporary credentials; empty: none
};

/// Options of the DynamoDB store. `table`, `region` and credentials are required.
struct dynamodb_options {
  /// The table, 3 to 255 bytes of `[A-Za-z0-9_.-]`.
  std::string table{};

  /// The region that requests are signed for, e.g. "eu-central-1".
  std::string region{};

  dynamodb_credentials credentials{};

  /// Called for each request instead of reading `credentials`, for credentials that change. On the store's thread: it
  /// must not block and not throw. Empty: `credentials` are used.
  std::function<dynamodb_credentials()> credentials_source{};

  /// Name or address of the server; empty: the public one of the region.
  std::string host{};

  /// TCP port; 0: 443 with TLS, 8000 without.
  std::uint16_t port = 0;

  /// Whether the connection is encrypted and the server's certificate verified. Off: for emulators only.
  bool tls = true;

  /// PEM file of the certificates that the server is verified with; empty: those that the system trusts.
  std::string ca_file{};

  /// Whether to create a table that does not exist, billed by request. Default: not.
  bool create = false;

  /// Largest record, in bytes (`spi::store_limits::record_bytes_max`); default and most 384 KiB. The item that holds an
  /// actor has at most 400 KiB, names and all.
  std::size_t record_bytes_max = std::size_t{384} << 10U;

  /// Memory for the items seen last, in bytes; default 64 MiB, 0: none. A record whose actor is not among them costs a
  /// read before its write.
  std::size_t cache_bytes = std::size_t{64} << 20U;

  /// Requests under way at once, each on a connection that is kept open; default 32, 1 to 1,024.
  std::size_t connections_max = 32;

  /// How long one exchange may take before its connection is given up; default 3 s, at least 1 ms.
  std::chrono::milliseconds attempt_timeout{3000};

  /// How long one request may take with all its repetitions, which follow throttling, faults of the server and lost
  /// answers; default 10 s, at least `attempt_timeout`.
  std::chrono::milliseconds answer_timeout{10'000};

  /// How long an erasure is remembered, so that it can be repeated after a lost answer; default 7 days, at least 1 h.
  std::chrono::hours erasures_kept{24 * 7};

  /// Time and randomness for signatures, expiry and waits; null: the machine's.
  std::shared_ptr<spi::clock> clock{};
  std::shared_ptr<spi::entropy> entropy{};
};

/// Reads `dynamodb://ACCESS_KEY:SECRET_KEY@HOST[:PORT]/TABLE?region=REGION[&option=value...]`, every part
/// percent-encoded. The host `aws` stands for the public server of the region. Options: `tls=on|off`, `ca_file`,
/// `create=on|off`, `connections`, `cache_bytes`, `attempt_timeout_ms`, `answer_timeout_ms`, `session_token`.
/// Throws `error{errc::invalid_argument}` naming the part that is wrong; never quotes a secret.
[[nodiscard]] dynamodb_options parse_dynamodb_uri(std::string_view uri);

/// Opens a store in one DynamoDB table, whose items `docs/formats/dynamodb.md` describes: one item per actor, written
/// as a whole under a condition, so that a turn is atomic without transactions.
///
/// Lists and due scans read indexes that follow the items after a while (usually below a second).
/// Errors: `invalid_argument` (an option out of range, credentials refused), `bad_state` (the table is missing, is no
/// troupe table, or is of a newer format), `unavailable` (not reached in `answer_timeout`).
/// Completion: on the store's own thread. Blocking: the factory asks the server about the table; creating one takes
/// seconds. Thread-safety: any thread, but `close` must not be called from a completion. Several processes may share a
/// table.
[[nodiscard]] std::shared_ptr<spi::state_store> dynamodb_store(dynamodb_options options);

}  // namespace troupe::stores
