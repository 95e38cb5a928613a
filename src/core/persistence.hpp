#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/kept_cells.hpp"
#include "core/mail.hpp"
#include "core/part_effects.hpp"
#include "core/ports.hpp"
#include "core/put_aside.hpp"
#include "core/request_history.hpp"
#include "troupe/core/actor_type.hpp"
#include "troupe/detail/cell.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

/// What a turn leaves in its record beside the cells.
struct turn_effects {
  std::optional<spi::request_image> request{};  ///< the call's idempotency key and its reply
  bool erase = false;
  bool alone = false;                   ///< no other turn is under way: what it did not edit, nobody has
  message_effects* messages = nullptr;  ///< null: it did nothing with durable messages
  const part_effects* parts = nullptr;  ///< null: it changed neither logs nor items
};

/// What an activation knows of its actor's stored state, and the records it has made of its turns.
///
/// At most one record is in flight; turns that end meanwhile are merged into a queued record, so that an actor's
/// commits never overtake each other and a busy actor needs one store round trip for many turns.
/// Only on the owning strand, but for the ticket while it is lent.
class persistence {
 public:
  /// `options` outlives this.
  persistence(activation& owner, const actor_type_options& options, std::uint64_t writer);

  /// Takes over what the store holds: cells into `cells`, the rest here. Durable messages stay as they are in memory
  /// when the image is of the state that is known.
  /// Throws `error{errc::bad_state}` naming cell and reason; the stored row is not touched.
  /// Returns how many cells were brought up to a newer schema; the next record writes them.
  std::size_t adopt(spi::actor_image image, detail::cell_base* cells, steady_time now, wall_time wall_now);

  /// Whether it was erased, and only its outbox is left, unless the store has items of it: an image tells nothing of
  /// them. Until `note_no_items` it counts as one that has some.
  [[nodiscard]] bool items_decide() const noexcept { return perhaps_only_outbox_; }
  void note_no_items() noexcept { only_outbox_ = std::exchange(perhaps_only_outbox_, false); }

  /// Makes the record of a turn that ended well and queues it. Returns its sequence. After one that erases the actor
  /// no other may follow.
  /// Throws, and changes nothing, when a cell cannot be encoded or the record would exceed `limits`.
  std::uint64_t record_turn(const actor_id& actor, detail::cell_base* cells, const spi::store_limits& limits,
                            turn_effects effects, wall_time now = {});

  /// Takes note of a turn that ended well and is saved later. Throws, and changes nothing, when cells are beyond a
  /// limit of the type, or too large for the store: when they are saved, nobody is there to be told. The cells of a
  /// type without limits are not looked at.
  void leave_unsaved(const actor_id& actor, detail::cell_base* cells, const spi::store_limits& limits);

  /// Makes the record of what happened to durable messages outside a turn; the cells stay as they are stored.
  /// With `erase_if_empty` an actor of which nothing is left is erased, and then no other record may follow.
  /// Throws, and changes nothing, when the record would exceed `limits`.
  void record_messages(const actor_id& actor, const spi::store_limits& limits, message_effects& messages, wall_time now,
                       bool erase_if_empty);

  /// Lends the oldest queued record to the port when none is in flight.
  void flush(persistence_port& port) noexcept;

  /// Takes the ticket back; on success the records up to `committed()` are durable.
  spi::commit_result finish_commit();

  /// Forgets the records that wait, because an earlier one failed.
  void drop_queued() noexcept { queued_.clear(); }

  [[nodiscard]] bool in_flight() const noexcept { return in_flight_; }
  [[nodiscard]] bool pending() const noexcept { return in_flight_ || !queued_.empty(); }
  [[nodiscard]] std::uint64_t recorded() const noexcept { return recorded_; }    ///< sequence of the newest record
  [[nodiscard]] std::uint64_t committed() const noexcept { return committed_; }  ///< newest durable sequence
  [[nodiscard]] const spi::commit_stamp& stamp() const noexcept { return stamp_; }
  /// Returns a version for items of the running turn: no other value of the same key gets it.
  [[nodiscard]] std::uint64_t take_version() noexcept {
    return told_version_ = std::max(told_version_, stamp_.version) + 1;
  }
  [[nodiscard]] request_history& requests() noexcept { return requests_; }
  [[nodiscard]] mail* messages() const noexcept { return mail_.get(); }  ///< null until there are any
  [[nodiscard]] mail& need_messages();
  [[nodiscard]] const kept_parts* parts() const noexcept { return parts_.get(); }  ///< null until there are any
  /// The actor was erased, and what it had sent has arrived: nothing of it needs to stay.
  [[nodiscard]] bool is_over() const noexcept;

  /// The actor's reminders, with the running turn's changes. A change keeps the list from before the turn.
  [[nodiscard]] const std::vector<spi::reminder_image>& reminders() const noexcept { return reminders_.images; }
  [[nodiscard]] std::vector<spi::reminder_image>& change_reminders();
  /// The list itself, for a turn that overlaps others and keeps it by itself; its record then says that it changed.
  [[nodiscard]] detail::revertible& reminder_values() noexcept { return reminders_; }
  [[nodiscard]] std::vector<spi::reminder_image>& reminders_in_use() noexcept { return reminders_.images; }
  void note_reminders_changed() noexcept { reminders_touched_ = true; }
  void forget_reminders_before() noexcept { reminders_before_.reset(); }
  void put_back_reminders() noexcept;
  [[nodiscard]] bool reminders_changed() const noexcept { return reminders_touched_ || reminders_before_.has_value(); }
  /// When the earliest reminder is due, without the running turn's changes.
  [[nodiscard]] std::optional<wall_time> next_due() const noexcept;
  /// The same, and those that were put aside when they are to be looked at again.
  [[nodiscard]] std::optional<wall_time> next_due(const put_aside& later, steady_time now, wall_time wall_now) const;
  /// When the earliest item expires.
  [[nodiscard]] std::optional<wall_time> items_expire() const noexcept {
    return parts_ ? parts_->items.expire_next() : std::nullopt;
  }
  /// Lets the items not be looked through before `until` for those that have expired.
  void rest_from_expiry(wall_time until) noexcept {
    if (parts_) parts_->items.rest(until);
  }
  [[nodiscard]] std::uint64_t flying() const noexcept { return flying_; }  ///< sequence of the record in flight

  std::optional<wall_time> announced_due;  ///< what the reminder service was told last
  bool asked_for_due = false;              ///< it has let go of the actor, and is to be told in any case
  std::unique_ptr<put_aside> aside;        ///< null: every reminder that was due was handled, or its failure noted
  bool unsaved = false;                    ///< changed since the last record, by a policy that saves later

 private:
  class ticket final : public commit_ticket {
   public:
    void run() noexcept override;
  };

  class reminder_list final : public detail::revertible {
   public:
    [[nodiscard]] std::unique_ptr<detail::kept_value> copy() const override;
    void exchange(detail::kept_value& other) noexcept override;
    [[nodiscard]] std::string_view name() const noexcept override { return "the reminders"; }

    std::vector<spi::reminder_image> images;
  };

  struct queued_record {
    std::unique_ptr<spi::turn_record> record;
    std::uint64_t sequence = 0;  // of the newest turn in it
  };
  [[nodiscard]] spi::turn_record begin_record(const actor_id& actor) const;
  std::uint64_t finish_record(spi::turn_record&& record, const spi::store_limits& limits);
  static void check_size(const spi::turn_record& record, const spi::store_limits& limits);
  void erase_all_but_outbox(spi::turn_record& record, detail::cell_base* cells, const spi::store_limits& limits,
                            message_effects& messages, wall_time now);
  void describe_parts(const part_effects& effects, spi::turn_record& record);
  void apply_parts(const spi::turn_record& record, bool alone);
  [[nodiscard]] std::optional<wall_time> due_with(const std::vector<spi::reminder_image>& reminders) const noexcept;

  spi::commit_stamp stamp_;         // of the newest record made, or as loaded
  std::uint64_t told_version_ = 0;  // newest that a turn was told of its items; no record gets it
  std::uint64_t epoch_ = 0;
  std::uint64_t writer_;
  std::uint64_t recorded_ = 0;
  std::uint64_t committed_ = 0;
  std::uint64_t flying_ = 0;  // sequence of the record in flight
  bool in_flight_ = false;
  std::vector<queued_record> queued_;  // one, or more where one would exceed the store's limit
  ticket ticket_;
  kept_cells cells_;
  reminder_list reminders_;
  bool reminders_touched_ = false;  // by a turn that overlaps others and is being recorded
  std::optional<std::vector<spi::reminder_image>> reminders_before_;
  request_history requests_;
  const actor_type_options* options_;
  std::unique_ptr<mail> mail_;
  std::unique_ptr<kept_parts> parts_;
  bool only_outbox_ = false;          // nothing is left of the actor but messages and dead letters: it was erased
  bool perhaps_only_outbox_ = false;  // the same, by what an image says
};

}  // namespace troupe::internal
