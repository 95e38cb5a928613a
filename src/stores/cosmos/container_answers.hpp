#pragma once

#include <string>

#include "stores/document/document_backend.hpp"
#include "stores/http/http_message.hpp"
#include "stores/http/retry_rules.hpp"

/// What Cosmos DB's answers mean.
namespace troupe::internal {

enum class cosmos_kind {
  done,
  missing,       ///< the document
  no_container,  ///< the database or the container
  exists,        ///< a document of that id
  superseded,    ///< its ETag is another
  too_large,
  throttled,     ///< not applied; later
  server_fault,  ///< perhaps applied; later
  refused,       ///< the key or its rights
  invalid,       ///< the request: it can never succeed
};

struct cosmos_answer {
  cosmos_kind kind = cosmos_kind::server_fault;
  std::string message{};
};

[[nodiscard]] cosmos_answer read_cosmos_answer(const http_response& response);
[[nodiscard]] answer_verdict cosmos_verdict(const http_response& response);

/// Reads the document of an actor.
[[nodiscard]] document_fetch read_cosmos_document(const http_response& response, const actor_id& actor);

/// Reads a chunk whose first entry has the sequence `first`.
[[nodiscard]] chunk_fetch read_cosmos_chunk(const http_response& response, std::uint64_t first);

/// Reads a page of names, or of due actors. Throws `damaged_document` for an answer that is none.
[[nodiscard]] shard_page read_cosmos_names(const http_response& response);
[[nodiscard]] shard_page read_cosmos_due(const http_response& response);

/// Returns why a container cannot be used; empty: it can.
[[nodiscard]] std::string flaw_of_container(const http_response& response);

/// Returns why the document of the store does not fit this program; empty: it does.
[[nodiscard]] std::string flaw_of_store(const http_response& response);

}  // namespace troupe::internal
