#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "troupe/spi/state_store.hpp"

/// What the errors of a server mean.
namespace troupe::internal {

enum class redis_fault {
  script_missing,    ///< NOSCRIPT: the server has forgotten the script; nothing ran
  moved,             ///< the slot is served elsewhere, for good
  ask,               ///< the slot is on its way to another server: this once the other one is to be asked
  loading,           ///< the server reads its data, or waits for its master
  read_only,         ///< a replica
  cluster_down,      ///< the cluster, or this slot, is not served now
  busy,              ///< a script of somebody else holds the server
  out_of_memory,     ///< `maxmemory` is reached
  disk,              ///< the server does not accept writes while it cannot save them
  too_few_replicas,  ///< `min-replicas-to-write`
  wrong_password,
  not_permitted,  ///< no authentication, or an ACL rule
  too_many_clients,
  damaged,  ///< a key holds something else than the format says
  killed,   ///< the script was stopped before it wrote
  other,    ///< anything else: a script may have been stopped in its course
};

struct redis_error {
  redis_fault fault = redis_fault::other;
  std::string text;     ///< what the server says, without control characters
  unsigned slot = 0;    ///< of `moved` and `ask`
  std::string address;  ///< of `moved` and `ask`: `host:port`; the host may be empty (the one that answered)
};

/// Reads the text of an error answer.
[[nodiscard]] redis_error read_error(std::string_view text);

/// Whether a command that failed so has certainly changed nothing.
[[nodiscard]] bool is_certainly_undone(redis_fault fault) noexcept;

/// Whether another connection to the same address may reach a server that does what this one refuses.
[[nodiscard]] bool is_reason_to_reconnect(redis_fault fault) noexcept;

/// What became of a record whose script ended with an error, or whose own part of it did. `place` names the server.
[[nodiscard]] spi::commit_result commit_failure(const redis_error& error, const std::string& place,
                                                const actor_id& actor);

struct redis_address {
  std::string host;
  std::uint16_t port = 0;

  friend bool operator==(const redis_address&, const redis_address&) = default;
};

/// Reads `host:port`; an IPv6 address has no brackets there, so the last colon counts.
[[nodiscard]] std::optional<redis_address> read_address(std::string_view text);

}  // namespace troupe::internal
