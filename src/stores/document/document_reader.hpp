#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "stores/document/document.hpp"

namespace troupe::internal {

/// A document that does not hold what the format says; `what()` names the member and the fault.
class damaged_document : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A document as far as it could be read.
struct read_document_result {
  document content{};
  std::optional<std::string> damage{};  ///< why nothing but the actor, stamp, epoch and erasures was read
};

/// Reads what `write_document` wrote, as a JSON object: texts as strings (or `{"base64":...}`), numbers as strings of
/// digits. Unknown members are ignored. Throws `damaged_document` where not even the stamp can be read.
[[nodiscard]] read_document_result read_document(const nlohmann::json& object, actor_id actor);

/// Reads what `write_entries` wrote; the first entry has the sequence `first`. Throws `damaged_document`.
[[nodiscard]] std::vector<spi::log_entry_image> read_entries(const nlohmann::json& object, std::uint64_t first);

}  // namespace troupe::internal
