#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stores/document/document_backend.hpp"

/// The bodies of requests to a table, whose layout docs/formats/dynamodb.md describes.
namespace troupe::internal {

inline constexpr std::size_t item_bytes_max = std::size_t{400} << 10U;
inline constexpr std::size_t keys_per_read = 100;
inline constexpr std::size_t due_shards_of_table = 16;
inline constexpr unsigned table_format = 1;

/// The item that describes the store; no actor has its name.
inline constexpr std::string_view store_item = "!store";

/// A request, and how many bytes its item will be charged for.
struct item_request {
  std::string body;
  std::size_t item_bytes;
};

/// Returns PutItem of a document, applied if the table holds what `condition` says. An erased one expires at `expiry`.
[[nodiscard]] item_request put_item(const std::string& table, const document& content, const write_condition& condition,
                                    wall_time expiry);

/// Returns BatchGetItem of the newest states. Requires: at most `keys_per_read` names, none twice.
[[nodiscard]] std::string batch_get(const std::string& table, std::span<const std::string> names);

/// Returns PutItem of a chunk of a log, unless it is there; GetItem of one; DeleteItem of one.
[[nodiscard]] std::string put_chunk(const std::string& table, const log_chunk& chunk);
[[nodiscard]] std::string get_chunk(const std::string& table, const std::string& name);
[[nodiscard]] std::string delete_chunk(const std::string& table, const std::string& name);

/// Returns UpdateItem that makes the item of the store if it is not there, adds a type to it where one is given, and
/// answers with all it has.
[[nodiscard]] std::string update_store_item(const std::string& table, const std::string& type);
[[nodiscard]] std::string get_store_item(const std::string& table);

/// Returns Query of the index of names; nothing: there can be none behind `after`.
[[nodiscard]] std::optional<std::string> query_names(const std::string& table, const std::string& type,
                                                     const std::string& prefix, const std::optional<actor_id>& after,
                                                     std::size_t entries);

/// Returns Query of one shard of the index of due times.
[[nodiscard]] std::string query_due(const std::string& table, const std::string& shard, wall_time until,
                                    const std::optional<spi::due_actor>& after, std::size_t entries);

[[nodiscard]] std::string describe_table(const std::string& table);
[[nodiscard]] std::string create_table(const std::string& table);
[[nodiscard]] std::string enable_expiry(const std::string& table);

}  // namespace troupe::internal
