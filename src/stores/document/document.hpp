#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "stores/rules/commit_rules.hpp"
#include "stores/rules/kept_actor.hpp"
#include "troupe/spi/state_store.hpp"

/// One actor as one document, for databases whose unit of atomicity is a document.
namespace troupe::internal {

/// How many erasures of one actor its document remembers.
inline constexpr std::size_t erasures_per_document = 8;

/// The older entries of a log: they are in chunks beside the document, one behind the other without a gap.
struct sealed_log {
  std::uint64_t first = 1;               ///< sequence of the first entry of the first chunk
  std::vector<std::uint32_t> lengths{};  ///< entries of each chunk

  friend bool operator==(const sealed_log&, const sealed_log&) = default;
};

/// All that the database holds of one actor. An erased actor leaves a document without content, so that the erasing
/// record can be repeated; the database removes it after a while.
struct document {
  kept_actor
      actor{};  ///< of its logs only the latest entries; the stamp is that of the last record, also of one that erased
  bool erased = false;                        ///< `actor` has a name, an epoch and a stamp, and nothing else
  std::vector<spi::commit_stamp> erasures{};  ///< stamps of the latest records that erased the actor, oldest first

  /// The stamp of the record with which the actor got its first log: names its chunks. Version 0: it has no log.
  spi::commit_stamp life{};
  std::map<std::string, sealed_log> sealed{};  ///< by log
};

/// Returns what `record` is to be judged against; null: the database holds nothing.
[[nodiscard]] held_actor held_by(const document* held, const spi::turn_record& record) noexcept;

/// Returns the document after `record`. Requires: `judge` said apply.
[[nodiscard]] document document_after(const document* held, const spi::turn_record& record);

/// Returns what a load gives of a document.
[[nodiscard]] spi::load_result load_of(const document& held);

}  // namespace troupe::internal
