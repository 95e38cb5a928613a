#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "stores/document/document_backend.hpp"
#include "stores/http/http_message.hpp"
#include "stores/http/retry_rules.hpp"

/// What DynamoDB's answers mean.
namespace troupe::internal {

enum class answer_kind {
  done,
  condition_failed,
  throttled,     ///< not applied; later
  server_fault,  ///< perhaps applied; later
  in_use,        ///< such a table is there
  missing,       ///< there is no such table
  refused,       ///< the credentials, the signature or their rights
  unknown_operation,
  invalid,  ///< the request: it can never succeed
};

/// An answer by its status and the name of its exception.
struct table_answer {
  answer_kind kind = answer_kind::server_fault;
  std::string message{};  ///< the exception's name and text
};

[[nodiscard]] table_answer read_answer(const http_response& response);
[[nodiscard]] answer_verdict verdict_on(const http_response& response);

/// What BatchGetItem found. Throws `damaged_document` for an answer that is none.
struct fetched_items {
  std::vector<std::pair<std::string, document_fetch>> items{};  ///< by name
  std::vector<std::string> unprocessed{};                       ///< names to ask for again
};
[[nodiscard]] fetched_items read_batch(const std::string& body, const std::string& table);

/// Reads what GetItem found of a chunk whose first entry has the sequence `first`.
[[nodiscard]] chunk_fetch read_chunk_item(const std::string& body, std::uint64_t first);

/// What the item of the store says.
struct store_facts {
  unsigned format = 0;
  std::set<std::string> types{};
};
[[nodiscard]] store_facts read_store_item(const std::string& body);

/// Reads a page of names, or of due actors; names that are not in the range (`prefix`) are left out.
[[nodiscard]] shard_page read_names(const std::string& body, const std::string& prefix);
[[nodiscard]] shard_page read_due(const std::string& body);

/// Returns why a table cannot be used; empty: it can. `ready` tells whether it is built.
struct table_shape {
  std::string flaw{};
  bool ready = false;
};
[[nodiscard]] table_shape read_description(const std::string& body);

}  // namespace troupe::internal
