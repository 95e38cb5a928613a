#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "troupe/core/actor_type.hpp"
#include "troupe/detail/cell.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

/// A cell that a class declares, and the schema version it knows.
struct cell_schema {
  std::string name;
  std::uint32_t version = 0;
};

/// Carries an actor's cells from stored images into its object and back into records. The cells themselves are a list
/// that the object owns; what the object does not declare is kept here.
/// Only on the owning strand.
class kept_cells {
 public:
  /// Takes the stored cells over. Returns how many were brought up to a newer schema; the next record writes them.
  /// Which of them stand apart is what the store says: the limit under which they were written may have been another.
  /// Throws `error{errc::bad_state}` naming the cell and the reason.
  std::size_t load(std::vector<spi::cell_image>&& stored, detail::cell_base* cells);

  /// Says what the record must say of the cells. Changes nothing that counts before `apply`.
  /// Throws `not_encodable`, and `too_large` where a cell, or the actor with it, grows past `most`; names the actor.
  void describe(detail::cell_base* cells, const spi::store_limits& limits, const state_limits& most,
                spi::turn_record& record) const;

  /// The same checks for a turn that is saved later. Returns the record that would save it; nullopt: there is no limit,
  /// and nothing was done.
  [[nodiscard]] std::optional<spi::turn_record> check(detail::cell_base* cells, const spi::store_limits& limits,
                                                      const state_limits& most, const actor_id& actor) const;

  /// Lets the turns behind it grow from what such a record says.
  static void note_sizes(detail::cell_base* cells, const spi::turn_record& record) noexcept;

  /// Takes over what `describe` said, now that it is in a record: what that writes as large stands apart for the
  /// records behind it. With `alone` no other turn has edited a cell.
  void apply(detail::cell_base* cells, const spi::store_limits& limits, const spi::turn_record& record,
             bool alone) noexcept;

  /// Says that no cell is left, not even those that the object does not declare.
  void drop_all(detail::cell_base* cells, spi::turn_record& record);

  /// Whether the store has no cells but those that the object declares.
  [[nodiscard]] bool all_declared() const noexcept { return strangers_.empty(); }

 private:
  std::vector<spi::cell_image> strangers_;  // stored cells the class does not declare; kept as they are
};

}  // namespace troupe::internal
