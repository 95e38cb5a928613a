#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "troupe/spi/state_store.hpp"

/// The rules of `spi::state_store` that drivers which read before they write share.
namespace troupe::internal {

/// What the store holds of an actor that a record is to be judged against.
struct held_actor {
  spi::commit_stamp stamp;        ///< version 0: nothing
  std::uint64_t epoch = 0;        ///< 0 when nothing is held
  bool erased_by_record = false;  ///< nothing is held, and this very record is known to have erased it
};

enum class commit_verdict {
  apply,     ///< write it
  repeated,  ///< it was written before: committed, nothing to do
  conflict,
};

/// Decides what becomes of a record. Effects: none.
[[nodiscard]] commit_verdict judge(const held_actor& held, const spi::turn_record& record) noexcept;

/// Returns the message of a conflict. Requires: `judge` said conflict.
[[nodiscard]] std::string conflict_message(const held_actor& held, const spi::turn_record& record);

/// Returns the message for a record that keeps a cell which does not stand apart (`cell_image::kept`).
[[nodiscard]] std::string wrongly_kept(const actor_id& actor, std::string_view cell);

/// Returns the message of the conflict that a record meets whose lease, held in epoch `held`, is in epoch `taken` now.
[[nodiscard]] std::string lease_message(const actor_id& actor, std::string_view host, std::uint64_t held,
                                        std::uint64_t taken);

/// Longest name of a lease, in bytes.
inline constexpr std::size_t lease_name_bytes_max = 128;

/// Returns why a lease cannot have this name; nothing: it can.
[[nodiscard]] std::optional<std::string> refused_lease(std::string_view host);

/// Returns why a record can never be stored: it breaks a rule of `spi::turn_record` or `limits`; nothing: it can.
/// Every JSON text is checked here, so that whatever is accepted can be packed with its neighbours and cut apart again.
[[nodiscard]] std::optional<std::string> refusal(const spi::turn_record& record, const spi::store_limits& limits);

/// Returns which rule of a message, a mark or a dead letter an image breaks; nothing: none. The JSON is not looked at.
[[nodiscard]] std::optional<std::string> flaw_in(const spi::message_image& message);
[[nodiscard]] std::optional<std::string> flaw_in(const spi::mark_image& mark);
[[nodiscard]] std::optional<std::string> flaw_in(const spi::letter_image& letter);

/// Returns when an actor is to be woken once `record` is applied; `held` is when it was before.
[[nodiscard]] std::optional<wall_time> due_after(const spi::turn_record& record,
                                                 std::optional<wall_time> held) noexcept;

/// Returns the result of a load that found nothing of `actor`, or failed.
[[nodiscard]] spi::load_result load_of_nothing(const actor_id& actor, spi::read_status status,
                                               std::string message = {});

/// Returns a hash of an actor's name that is the same in every build, so that it may be stored.
[[nodiscard]] std::uint64_t hash_of(const actor_id& actor) noexcept;

/// Names one erasure without keeping the key of who was erased: a stamp is as good as unique, the hash only guards
/// against writers that are not random.
struct erasure {
  std::uint64_t writer;
  std::uint64_t version;
  std::uint64_t actor_hash;

  friend bool operator==(const erasure&, const erasure&) = default;
};

[[nodiscard]] erasure erasure_of(const spi::turn_record& record) noexcept;

/// How many erasures a store remembers, so that the retry of one whose answer was lost is recognised.
inline constexpr std::size_t erasures_remembered = 65'536;

}  // namespace troupe::internal
