#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "troupe/base/actor_id.hpp"
#include "troupe/spi/clock.hpp"

namespace troupe::spi {

/// Longest wire name of a method in a durable message, and longest text of a dead letter's error, in bytes.
inline constexpr std::size_t method_name_bytes_max = 256;
inline constexpr std::size_t letter_error_bytes_max = 1024;

/// A durable message in its sender's outbox: kept until the receiver has it.
struct message_image {
  std::uint64_t sequence = 0;  ///< unique in the sender's stream, ascending in the order of sending; 1 to 2^63 - 1
  actor_id to{};
  std::string method{};        ///< wire name, 1 to 256 bytes
  std::string arguments{};     ///< a JSON array
  wall_time sent{};            ///< when it was sent
  std::uint32_t attempts = 0;  ///< deliveries that failed
  wall_time not_before{};      ///< when the next one is due

  friend bool operator==(const message_image&, const message_image&) = default;
};

/// How far an actor has got with the durable messages of one sender: those up to `sequence` have had their effect.
struct mark_image {
  actor_id from{};
  std::uint64_t stream = 0;    ///< the sender's stream that `sequence` is of
  std::uint64_t sequence = 0;  ///< 1 to 2^63 - 1
  wall_time at{};              ///< when it was set

  friend bool operator==(const mark_image&, const mark_image&) = default;
};

/// A durable message that was given up. Its receiver keeps it, or its sender where the receiver could not be reached.
struct letter_image {
  std::uint64_t id = 0;  ///< unique within the actor that keeps it, ascending in the order of arrival; 1 to 2^63 - 1
  actor_id from{};
  actor_id to{};
  std::string method{};        ///< wire name, 1 to 256 bytes
  std::string arguments{};     ///< a JSON array
  std::string error{};         ///< what the last delivery failed with, at most 1,024 bytes
  std::uint32_t attempts = 0;  ///< deliveries that failed
  wall_time sent{};            ///< when the message was sent
  wall_time died{};            ///< when it was given up

  friend bool operator==(const letter_image&, const letter_image&) = default;
};

/// What one or several turns of an actor changed of its durable messages: the outbox, the marks of what it received,
/// and the dead letters. Drops come before additions; dropping what is not there is no fault.
struct message_changes {
  std::uint64_t stream = 0;  ///< names the actor's outbox from its first message to its erasure; 0: unchanged

  std::vector<std::uint64_t> sent_dropped{};     ///< sequences that leave the outbox
  std::vector<message_image> sent_added{};       ///< new messages, and those that replace one of the same sequence
  std::vector<actor_id> marks_dropped{};         ///< senders whose mark leaves
  std::vector<mark_image> marks_set{};           ///< new marks, and those that replace the one of the same sender
  std::vector<std::uint64_t> letters_dropped{};  ///< ids of dead letters that leave
  std::vector<letter_image> letters_added{};     ///< their ids are then new to the actor

  friend bool operator==(const message_changes&, const message_changes&) = default;
};

/// Returns the bytes that these count for against `store_limits::record_bytes_max`: names, arguments and errors.
[[nodiscard]] inline std::size_t bytes_of(const actor_id& actor) noexcept {
  return actor.type.size() + actor.key.size();
}
[[nodiscard]] inline std::size_t bytes_of(const message_image& message) noexcept {
  return bytes_of(message.to) + message.method.size() + message.arguments.size();
}
[[nodiscard]] inline std::size_t bytes_of(const letter_image& letter) noexcept {
  return bytes_of(letter.from) + bytes_of(letter.to) + letter.method.size() + letter.arguments.size() +
         letter.error.size();
}
[[nodiscard]] inline std::size_t bytes_of(const message_changes& changes) noexcept {
  std::size_t bytes = 0;
  for (const auto& sent : changes.sent_added) bytes += bytes_of(sent);
  for (const auto& mark : changes.marks_set) bytes += bytes_of(mark.from);
  for (const auto& letter : changes.letters_added) bytes += bytes_of(letter);
  return bytes;
}

}  // namespace troupe::spi
