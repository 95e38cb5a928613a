#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/outbox.hpp"
#include "core/receipts.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

/// What a turn does with durable messages; part of its record.
struct message_effects {
  std::vector<unsent_message> sent;
  std::optional<delivery_name> received;      ///< the message that the turn handles
  std::vector<spi::letter_image> buried;      ///< new dead letters, their ids not yet drawn
  std::optional<std::uint64_t> letter_taken;  ///< the dead letter that it handles, sends again or drops
};

/// The durable messages of one actor: what it sent, what it received, and the ids of its dead letters.
/// Only on the owning strand.
class mail {
 public:
  explicit mail(const message_options& options) noexcept : out(options), in(options) {}

  /// Takes its messages and marks out of `image`.
  void load(spi::actor_image& image, steady_time now, wall_time wall_now);

  /// Says what the record that makes version `version` of the actor must say for `effects`; and what happened to the
  /// outbox meanwhile, as far as there is room: all together should have at most `room` bytes. Moves the texts out
  /// of `effects.sent`, and changes nothing of the mail.
  /// Throws `error{errc::conflict}` when another turn of the actor has had the same effect meanwhile.
  [[nodiscard]] spi::message_changes describe(message_effects& effects, std::uint64_t version, wall_time now,
                                              std::size_t room) const;

  /// Takes over what `describe` said, now that it is in the record `record`; completes `changes`.
  void apply(const message_effects& effects, spi::message_changes& changes, wall_time now, std::uint64_t record);

  /// Says that nothing but the outbox is left of the actor `self`; of what it sent to itself, what has not arrived.
  void leave_only_outbox(const actor_id& self, spi::message_changes& changes);

  /// Keeps a message, which left the outbox, as a dead letter: in the record that takes it out of there.
  void keep_undeliverable(std::uint64_t sequence, spi::letter_image letter) {
    undeliverable_.push_back({sequence, std::move(letter)});
  }

  /// Something happened that the next record must say.
  [[nodiscard]] bool changed() const noexcept { return out.changed() || !undeliverable_.empty(); }

  [[nodiscard]] bool has_letter(std::uint64_t id) const { return letters_.contains(id); }
  /// Those included that the next record brings.
  [[nodiscard]] std::size_t letter_count() const noexcept { return letters_.size() + undeliverable_.size(); }

  outbox out;
  receipts in;
  std::uint64_t next_stream = 0;  ///< names the outbox when it sends its first message

 private:
  std::set<std::uint64_t> letters_;
  struct undeliverable {
    std::uint64_t sequence = 0;
    spi::letter_image letter;
  };
  std::vector<undeliverable> undeliverable_;  // no record says so yet
};

/// Adds the changes of a later record to those of one that waits, so that together they have the effect of both.
void merge_changes(spi::message_changes& queued, spi::message_changes&& more);

}  // namespace troupe::internal
