#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "troupe/spi/turn_record.hpp"

namespace troupe::internal {

/// What a turn does to one log; part of its record. The entries get their numbers with the record.
struct log_effect {
  static constexpr std::uint64_t all = std::numeric_limits<std::uint64_t>::max();

  std::string name;
  std::vector<spi::log_entry_image> added;
  std::uint64_t first_min = 0;  ///< entries numbered below leave
  std::uint64_t newest = all;   ///< how many entries stay, counted when all of `added` are there
};

/// Adds what another turn, or a later part of the same one, did to the logs.
void add_effects(std::vector<log_effect>& to, std::vector<log_effect>&& more);

/// Returns the effect on the log, which is new when the turn has not touched it before.
[[nodiscard]] log_effect& effect_on(std::vector<log_effect>& effects, std::string_view name);

/// Returns what a log has after an effect.
[[nodiscard]] spi::log_head after(spi::log_head head, const log_effect& effect);

/// The logs of one actor: their bounds, and the entries that the store may not have yet.
/// Only on the owning strand.
class kept_logs {
 public:
  void load(const std::vector<spi::log_head>& heads);

  /// The bounds by the newest record; of a log nobody has written to, 1 and 1.
  [[nodiscard]] spi::log_head head(std::string_view name) const;

  /// Says what the record must say for `effects`. Changes nothing.
  [[nodiscard]] std::vector<spi::log_changes> describe(std::span<const log_effect> effects) const;

  /// Takes over what `describe` said, now that it is in the record `record`.
  void apply(const std::vector<spi::log_changes>& changes, std::uint64_t record);

  /// Empties all logs: what the record must say for an actor that is erased but for its outbox.
  [[nodiscard]] std::vector<spi::log_changes> describe_emptied() const;

  /// Forgets the entries of records up to `record`: the store has them.
  void forget(std::uint64_t record) noexcept;

  /// The entries that the store may not have yet, oldest first.
  [[nodiscard]] std::vector<spi::log_entry_image> recent(std::string_view name) const;

  [[nodiscard]] bool empty() const noexcept { return logs_.empty(); }

 private:
  struct recent_entry {
    std::uint64_t record = 0;
    spi::log_entry_image entry;
  };
  struct known_log {
    spi::log_head head;
    std::vector<recent_entry> recent;  ///< oldest first
  };

  [[nodiscard]] const known_log* find(std::string_view name) const noexcept;

  std::vector<known_log> logs_;  ///< by name
};

}  // namespace troupe::internal
