#include "stores/cosmos/container_requests.hpp"

#include <algorithm>

#include "stores/document/document_names.hpp"
#include "stores/document/document_sink.hpp"
#include "stores/http/digest.hpp"

namespace troupe::internal {
namespace {

constexpr std::size_t id_bytes_max = 255;

/// The document that describes the store; no actor has its name.
constexpr std::string_view store_id = "!store";
constexpr std::string_view store_partition = "store";

std::string in_quotes(std::string_view text) {
  std::string out;
  append_json_string(text, out);
  return out;
}

std::string shard_name(const actor_id& actor) { return std::to_string(shard_of(actor, shards_of_container)); }

/// Returns a path with what ids may contain beyond unreserved characters encoded.
std::string path_of(std::string_view link) {
  std::string path = "/";
  for (const char c : link) c == '!' ? path.append("%21") : path.append(1, c);
  return path;
}

cosmos_request request(std::string method, std::string type, std::string link, std::string_view below = {}) {
  cosmos_request made;
  made.http.method = std::move(method);
  made.http.target = path_of(link) + std::string(below);
  if (link.empty()) made.http.target = below;
  made.resource = {std::move(type), std::move(link)};
  return made;
}

/// Adds the partition. The second header is for an emulator: without it a missing document is a fault of the server.
void set_partition(cosmos_request& made, std::string_view partition) {
  made.http.headers.push_back({"x-ms-documentdb-partitionkey", "[" + in_quotes(partition) + "]"});
  made.http.headers.push_back({"x-ms-documentdb-query-enablecrosspartition", "True"});
}

struct parameter {
  std::string_view name;
  std::string value;
};

cosmos_request query(const container_name& place, const std::string& shard, std::string_view text,
                     const std::vector<parameter>& parameters, std::size_t entries, const std::string& continuation) {
  cosmos_request made = request("POST", "docs", place.link(), "/docs");
  set_partition(made, shard);
  made.http.headers.push_back({"Content-Type", "application/query+json"});
  made.http.headers.push_back({"x-ms-documentdb-isquery", "True"});
  made.http.headers.push_back({"x-ms-max-item-count", std::to_string(entries)});
  if (!continuation.empty()) made.http.headers.push_back({"x-ms-continuation", continuation});
  made.http.body =
      R"({"query":)" + in_quotes(text) + R"(,"parameters":[{"name":"@shard","value":)" + in_quotes(shard) + "}";
  for (const parameter& given : parameters) {
    made.http.body += R"(,{"name":)" + in_quotes(given.name) + R"(,"value":)" + in_quotes(given.value) + "}";
  }
  made.http.body += "]}";
  return made;
}

/// Returns the id of a chunk: its name where that fits, else its actor's type and a digest.
std::string chunk_id(const actor_id& actor, const std::string& name) {
  return name.size() <= id_bytes_max ? name : actor.type + "!!" + to_hex(sha256(name));
}

void write_index_members(const document& content, std::chrono::seconds erasure_kept, json_sink& sink) {
  const actor_id& actor = content.actor.image.actor;
  sink.name("id");
  sink.text(document_id(actor));
  sink.name("pk");
  sink.text(shard_name(actor));
  sink.name("type");
  sink.text(actor.type);
  sink.name("key");
  sink.text(actor.key);
  if (content.erased) {
    sink.name("ttl");
    sink.raw(std::to_string(erasure_kept.count()));
    return;
  }
  sink.name("listed");
  sink.text(listed_as(actor));
  if (!content.actor.due) return;
  sink.name("wake");
  sink.text(due_as({actor, *content.actor.due}));
}

}  // namespace

std::string document_id(const actor_id& actor) {
  std::string name = document_name(actor);
  if (name.size() <= id_bytes_max) return name;
  return actor.type + "!!" + to_hex(sha256(actor.type + std::string(1, '\0') + actor.key));
}

std::string listed_as(const actor_id& actor) { return actor.type + "!" + to_hex(actor.key); }

std::string due_as(const spi::due_actor& due) { return to_hex(sortable(due.due)) + "!" + listed_as(due.actor); }

cosmos_request get_document(const container_name& place, const actor_id& actor) {
  cosmos_request made = request("GET", "docs", place.link() + "/docs/" + document_id(actor));
  set_partition(made, shard_name(actor));
  return made;
}

cosmos_request put_document(const container_name& place, const document& content, const write_condition& condition,
                            std::chrono::seconds erasure_kept) {
  const actor_id& actor = content.actor.image.actor;
  cosmos_request made = condition.exists ? request("PUT", "docs", place.link() + "/docs/" + document_id(actor))
                                         : request("POST", "docs", place.link(), "/docs");
  set_partition(made, shard_name(actor));
  made.http.headers.push_back({"Content-Type", "application/json"});
  if (condition.exists) made.http.headers.push_back({"If-Match", condition.tag});
  json_sink sink;
  sink.begin_map();
  write_index_members(content, erasure_kept, sink);
  write_document(content, sink);
  sink.end_map();
  made.http.body = sink.take();
  return made;
}

cosmos_request create_chunk(const container_name& place, const actor_id& actor, const log_chunk& chunk) {
  cosmos_request made = request("POST", "docs", place.link(), "/docs");
  set_partition(made, shard_name(actor));
  made.http.headers.push_back({"Content-Type", "application/json"});
  json_sink sink;
  sink.begin_map();
  sink.name("id");
  sink.text(chunk_id(actor, chunk.name));
  sink.name("pk");
  sink.text(shard_name(actor));
  sink.name("chunk");
  sink.text(chunk.name);
  write_entries(chunk.entries, sink);
  sink.end_map();
  made.http.body = sink.take();
  return made;
}

cosmos_request get_chunk(const container_name& place, const actor_id& actor, const std::string& name) {
  cosmos_request made = request("GET", "docs", place.link() + "/docs/" + chunk_id(actor, name));
  set_partition(made, shard_name(actor));
  return made;
}

cosmos_request delete_chunk(const container_name& place, const actor_id& actor, const std::string& name) {
  cosmos_request made = get_chunk(place, actor, name);
  made.http.method = "DELETE";
  return made;
}

cosmos_request query_names(const container_name& place, const std::string& shard, const spi::list_query& wanted,
                           const std::optional<actor_id>& after, std::size_t entries, const std::string& continuation) {
  // Hexadecimal digits and the characters of types sort between a blank and a tilde.
  const std::string first = wanted.type.empty() ? "" : wanted.type + "!" + to_hex(wanted.key_prefix);
  const std::string low = after ? std::max(first, listed_as(*after) + " ") : first;
  std::vector<parameter> parameters{{"@low", low}, {"@high", first + "~"}};
  std::string text = "SELECT c.listed FROM c WHERE c.pk = @shard AND c.listed >= @low AND c.listed < @high";
  if (wanted.type.empty() && !wanted.key_prefix.empty()) {
    text += " AND CONTAINS(c.listed, @key)";
    parameters.push_back({"@key", "!" + to_hex(wanted.key_prefix)});
  }
  return query(place, shard, text + " ORDER BY c.listed", parameters, entries, continuation);
}

cosmos_request query_due(const container_name& place, const std::string& shard, wall_time until,
                         const std::optional<spi::due_actor>& after, std::size_t entries,
                         const std::string& continuation) {
  return query(
      place, shard, "SELECT c.wake FROM c WHERE c.pk = @shard AND c.wake >= @low AND c.wake < @high ORDER BY c.wake",
      {{"@low", after ? due_as(*after) + " " : ""}, {"@high", to_hex(sortable(until)) + "~"}}, entries, continuation);
}

cosmos_request get_container(const container_name& place) { return request("GET", "colls", place.link()); }

cosmos_request create_database(const container_name& place) {
  cosmos_request made = request("POST", "dbs", "", "/dbs");
  made.http.headers.push_back({"Content-Type", "application/json"});
  made.http.body = R"({"id":)" + in_quotes(place.database) + "}";
  return made;
}

cosmos_request create_container(const container_name& place) {
  cosmos_request made = request("POST", "colls", "dbs/" + place.database, "/colls");
  made.http.headers.push_back({"Content-Type", "application/json"});
  made.http.body = R"({"id":)" + in_quotes(place.container) +
                   R"(,"partitionKey":{"paths":["/pk"],"kind":"Hash","version":2},"defaultTtl":-1)" +
                   R"(,"indexingPolicy":{"indexingMode":"consistent","automatic":true)" +
                   R"(,"includedPaths":[{"path":"/listed/?"},{"path":"/wake/?"}],"excludedPaths":[{"path":"/*"}]}})";
  return made;
}

cosmos_request get_store_document(const container_name& place) {
  cosmos_request made = request("GET", "docs", place.link() + "/docs/" + std::string(store_id));
  set_partition(made, store_partition);
  return made;
}

cosmos_request create_store_document(const container_name& place) {
  cosmos_request made = request("POST", "docs", place.link(), "/docs");
  set_partition(made, store_partition);
  made.http.headers.push_back({"Content-Type", "application/json"});
  made.http.body = R"({"id":)" + in_quotes(store_id) + R"(,"pk":)" + in_quotes(store_partition) + R"(,"format":")" +
                   std::to_string(container_format) + R"(","shards":")" + std::to_string(shards_of_container) + "\"}";
  return made;
}

}  // namespace troupe::internal
