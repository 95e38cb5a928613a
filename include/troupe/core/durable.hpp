#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "troupe/base/actor_id.hpp"
#include "troupe/spi/clock.hpp"

namespace troupe {

/// Says that a message is durable: `reference.tell<&bank::pay>(troupe::durable, account, pence)`.
struct durable_t {
  explicit durable_t() = default;
};
inline constexpr durable_t durable{};

/// Largest durable message: its arguments as JSON, in bytes.
inline constexpr std::size_t durable_message_bytes_max = std::size_t{1} << 20U;

/// How the actors of a type send and receive durable messages. The first four are the sender's, the others the
/// receiver's.
struct message_options {
  /// Deliveries that may fail before a message becomes a dead letter, 1 to 1,000. Those that fail because the store or
  /// the runtime is not available do not count.
  std::uint32_t attempts_max = 16;

  /// The pause after a delivery that failed. It doubles with each one up to `longest_pause`, and each is shortened by
  /// up to half at random. 1 ms to 1 day; the longest is not shorter than the first.
  std::chrono::milliseconds first_pause{100};
  std::chrono::milliseconds longest_pause{60'000};

  /// Messages of one actor that have not arrived yet, 1 to 1,000,000; the next one is refused as `errc::overloaded`.
  std::size_t outbox_max = 10'000;

  /// Dead letters that an actor keeps, 1 to 100,000. While it has as many, messages that it cannot handle stay with
  /// their senders, which go on trying.
  std::size_t letters_max = 1'000;

  /// Senders of which an actor remembers how far it has got, and for how long after their latest message. Both bounds
  /// hold; the one that wrote longest ago leaves first. A message of a sender that was forgotten takes effect twice if
  /// its first receipt was lost. 1 to 1,000,000 senders; age 0: no bound on age.
  std::size_t senders_max = 10'000;
  std::chrono::seconds senders_age_max = std::chrono::hours(24 * 7);
};

/// A durable message that was given up after `message_options::attempts_max` deliveries. The actor that could not
/// handle it keeps it; its sender does where no delivery got as far as the handler.
struct dead_letter {
  std::uint64_t id = 0;        ///< unique within the actor that keeps it, ascending in the order of arrival
  actor_id from{};             ///< who sent it
  actor_id to{};               ///< whom it was for
  std::string method{};        ///< wire name
  std::string arguments{};     ///< a JSON array
  std::string error{};         ///< what the last delivery failed with, at most 1,024 bytes
  std::uint32_t attempts = 0;  ///< deliveries that failed
  wall_time sent{};            ///< when it was sent
  wall_time died{};            ///< when it was given up
};

}  // namespace troupe
