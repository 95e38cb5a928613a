#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "stores/cosmos/master_key.hpp"
#include "stores/document/document_backend.hpp"
#include "stores/http/http_message.hpp"

/// Requests to a container, whose layout docs/formats/cosmos.md describes.
namespace troupe::internal {

inline constexpr std::size_t document_bytes_max = std::size_t{2} << 20U;
inline constexpr std::size_t shards_of_container = 64;
inline constexpr unsigned container_format = 1;

/// A request that is not signed yet.
struct cosmos_request {
  http_request http{};
  cosmos_resource resource{};
};

/// A container by its names.
struct container_name {
  std::string database;
  std::string container;

  [[nodiscard]] std::string link() const { return "dbs/" + database + "/colls/" + container; }
};

/// Returns the id of an actor's document: its name where that has at most 255 bytes, else its type and a digest.
[[nodiscard]] std::string document_id(const actor_id& actor);

/// Returns what orders the list of actors, and what orders those that are due.
[[nodiscard]] std::string listed_as(const actor_id& actor);
[[nodiscard]] std::string due_as(const spi::due_actor& due);

[[nodiscard]] cosmos_request get_document(const container_name& place, const actor_id& actor);

/// Returns the creation or the replacement of a document; one that is erased expires after `erasure_kept`.
[[nodiscard]] cosmos_request put_document(const container_name& place, const document& content,
                                          const write_condition& condition, std::chrono::seconds erasure_kept);

/// Returns the creation, the reading and the removal of a chunk of a log of `actor`.
[[nodiscard]] cosmos_request create_chunk(const container_name& place, const actor_id& actor, const log_chunk& chunk);
[[nodiscard]] cosmos_request get_chunk(const container_name& place, const actor_id& actor, const std::string& name);
[[nodiscard]] cosmos_request delete_chunk(const container_name& place, const actor_id& actor, const std::string& name);

/// Returns the query for a page of names, or of what is due, in one shard; `continuation` is that of the page before.
[[nodiscard]] cosmos_request query_names(const container_name& place, const std::string& shard,
                                         const spi::list_query& query, const std::optional<actor_id>& after,
                                         std::size_t entries, const std::string& continuation);
[[nodiscard]] cosmos_request query_due(const container_name& place, const std::string& shard, wall_time until,
                                       const std::optional<spi::due_actor>& after, std::size_t entries,
                                       const std::string& continuation);

[[nodiscard]] cosmos_request get_container(const container_name& place);
[[nodiscard]] cosmos_request create_database(const container_name& place);
[[nodiscard]] cosmos_request create_container(const container_name& place);
[[nodiscard]] cosmos_request get_store_document(const container_name& place);
[[nodiscard]] cosmos_request create_store_document(const container_name& place);

}  // namespace troupe::internal
