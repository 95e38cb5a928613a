#pragma once

#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stores/redis/redis_reply.hpp"
#include "troupe/spi/state_store.hpp"

/// The fields of an actor's hash: docs/formats/redis.md.
namespace troupe::internal {

/// A field that does not hold what the format says; `what()` names the field and the fault.
class damaged_field : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What the field `head` says.
struct redis_head {
  spi::commit_stamp stamp;
  std::uint64_t epoch = 0;
  std::vector<std::string> cells{};  ///< their names

  friend bool operator==(const redis_head&, const redis_head&) = default;
};

/// Returns nothing where `text` is no head.
[[nodiscard]] std::optional<redis_head> read_head(std::string_view text);

/// Returns a stamp as it stands in the head; empty for one of version 0.
[[nodiscard]] std::string text_of(const spi::commit_stamp& stamp);

/// What a record does to the fields of the hash beside the head. A field that is set is not deleted as well.
struct redis_fields {
  std::vector<std::string> deleted;
  std::vector<std::pair<std::string, std::string>> set;
};

/// Cells from `compress_bytes_min` bytes on are compressed; 0: none. Requires: what `refusal` checks, and a record that
/// does not erase.
[[nodiscard]] redis_fields fields_of(const spi::turn_record& record, std::size_t compress_bytes_min);

/// Returns what the list of a log holds of an entry, and the hash of the items of an item.
[[nodiscard]] std::string value_of(const spi::log_entry_image& entry);
[[nodiscard]] std::string value_of(const spi::item_image& item);

/// Reads those back; the sequence and the key are the caller's. Errors: `damaged_field`.
[[nodiscard]] spi::log_entry_image entry_of(std::uint64_t sequence, std::string_view value);
[[nodiscard]] spi::item_image item_of(std::string_view key, std::string_view value);

/// Returns the names of a record's cells, each with a space before it: the end of the head.
[[nodiscard]] std::string cell_names_of(const spi::turn_record& record);

/// Whether a read gives back all of an actor, or only what a list shows.
enum class redis_detail { all, listed };

/// Returns the actor that a hash holds: the fields and their values in turn, as `HGETALL` answers. An empty list is an
/// actor that is not there. Errors: `damaged_field`.
[[nodiscard]] spi::actor_image image_of(const actor_id& actor, const std::vector<redis_reply>& fields,
                                        redis_detail detail);

}  // namespace troupe::internal
