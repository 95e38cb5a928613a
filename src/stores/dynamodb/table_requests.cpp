#include "stores/dynamodb/table_requests.hpp"

#include <algorithm>

#include "base/key_prefix.hpp"
#include "stores/document/document_names.hpp"
#include "stores/dynamodb/attribute_sink.hpp"

namespace troupe::internal {
namespace {

std::string in_quotes(std::string_view text) {
  std::string out;
  append_json_string(text, out);
  return out;
}

/// Returns the JSON of one binary value.
std::string binary_value(std::string_view bytes) {
  attribute_sink sink;
  sink.binary(bytes);
  return sink.take();
}

std::string number_value(std::uint64_t value) { return R"({"N":")" + std::to_string(value) + "\"}"; }
std::string text_value(std::string_view text) { return R"({"S":)" + in_quotes(text) + "}"; }

/// What orders the index of due times: the time, then the type, then the key.
std::string due_order(wall_time due, const actor_id& actor) {
  return sortable(due) + actor.type + std::string(1, '\0') + actor.key;
}

void write_index_members(const document& content, wall_time expiry, attribute_sink& sink) {
  const actor_id& actor = content.actor.image.actor;
  sink.name("actor");
  sink.text(document_name(actor));
  if (content.erased) {
    sink.name("expires");
    sink.number(std::int64_t{std::chrono::duration_cast<std::chrono::seconds>(expiry.time_since_epoch()).count()});
    return;
  }
  sink.name("type");
  sink.text(actor.type);
  sink.name("key");
  sink.binary(actor.key);
  if (!content.actor.due) return;
  sink.name("due_shard");
  sink.number(std::uint64_t{shard_of(actor, due_shards_of_table)});
  sink.name("due_order");
  sink.binary(due_order(*content.actor.due, actor));
}

std::string query(const std::string& table, std::string_view index, const std::string& condition,
                  const std::string& names, const std::string& values, std::size_t entries) {
  return R"({"TableName":)" + in_quotes(table) + R"(,"IndexName":)" + in_quotes(index) +
         R"(,"KeyConditionExpression":)" + in_quotes(condition) + R"(,"ExpressionAttributeNames":)" + names +
         R"(,"ExpressionAttributeValues":)" + values + R"(,"Limit":)" + std::to_string(entries) + "}";
}

std::string index(std::string_view name, std::string_view hash, std::string_view range) {
  return R"({"IndexName":)" + in_quotes(name) + R"(,"KeySchema":[{"AttributeName":)" + in_quotes(hash) +
         R"(,"KeyType":"HASH"},{"AttributeName":)" + in_quotes(range) +
         R"(,"KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"}})";
}

}  // namespace

item_request put_item(const std::string& table, const document& content, const write_condition& condition,
                      wall_time expiry) {
  attribute_sink sink;
  sink.begin_map();
  write_index_members(content, expiry, sink);
  write_document(content, sink);
  sink.end_map();
  const std::size_t bytes = sink.item_bytes();
  std::string body = R"({"TableName":)" + in_quotes(table) + R"(,"Item":)" + sink.take();
  if (condition.exists) {
    body += R"(,"ConditionExpression":"#v = :v AND #w = :w","ExpressionAttributeNames":{"#v":"version","#w":"writer"})";
    body += R"(,"ExpressionAttributeValues":{":v":)" + number_value(condition.stamp.version) + R"(,":w":)" +
            number_value(condition.stamp.writer) + "}}";
  } else {
    body += R"j(,"ConditionExpression":"attribute_not_exists(#a)","ExpressionAttributeNames":{"#a":"actor"}})j";
  }
  return {std::move(body), bytes};
}

std::string batch_get(const std::string& table, std::span<const std::string> names) {
  std::string body = R"({"RequestItems":{)" + in_quotes(table) + R"(:{"ConsistentRead":true,"Keys":[)";
  for (const std::string& name : names) {
    if (body.back() != '[') body += ',';
    body += R"({"actor":)" + text_value(name) + "}";
  }
  return body + "]}}}";
}

std::string put_chunk(const std::string& table, const log_chunk& chunk) {
  attribute_sink sink;
  sink.begin_map();
  sink.name("actor");
  sink.text(chunk.name);
  write_entries(chunk.entries, sink);
  sink.end_map();
  return R"({"TableName":)" + in_quotes(table) + R"(,"Item":)" + sink.take() +
         R"j(,"ConditionExpression":"attribute_not_exists(#a)","ExpressionAttributeNames":{"#a":"actor"}})j";
}

std::string get_chunk(const std::string& table, const std::string& name) {
  return R"({"TableName":)" + in_quotes(table) + R"(,"ConsistentRead":true,"Key":{"actor":)" + text_value(name) + "}}";
}

std::string delete_chunk(const std::string& table, const std::string& name) {
  return R"({"TableName":)" + in_quotes(table) + R"(,"Key":{"actor":)" + text_value(name) + "}}";
}

std::string update_store_item(const std::string& table, const std::string& type) {
  std::string body = R"({"TableName":)" + in_quotes(table) + R"(,"Key":{"actor":)" + text_value(store_item) +
                     R"j(},"ReturnValues":"ALL_NEW","UpdateExpression":"SET #f = if_not_exists(#f, :f))j";
  body += type.empty() ? "\"" : " ADD #t :t\"";
  body += R"(,"ExpressionAttributeNames":{"#f":"format")" + std::string(type.empty() ? "" : R"(,"#t":"types")") + "}";
  body += R"(,"ExpressionAttributeValues":{":f":)" + number_value(table_format);
  if (!type.empty()) body += R"(,":t":{"SS":[)" + in_quotes(type) + "]}";
  return body + "}}";
}

std::string get_store_item(const std::string& table) { return get_chunk(table, std::string(store_item)); }

std::optional<std::string> query_names(const std::string& table, const std::string& type, const std::string& prefix,
                                       const std::optional<actor_id>& after, std::size_t entries) {
  std::string low = prefix;
  if (after && after->type > type) return std::nullopt;
  if (after && after->type == type) low = std::max(low, after->key + std::string(1, '\0'));
  if (low.empty()) low.assign(1, '\0');
  const std::string high = end_of_prefix(prefix, actor_key_bytes_max);
  if (high <= low) return std::nullopt;
  const std::string values =
      R"({":t":)" + text_value(type) + R"(,":l":)" + binary_value(low) + R"(,":h":)" + binary_value(high) + "}";
  return query(table, "by_type", "#t = :t AND #k BETWEEN :l AND :h", R"({"#t":"type","#k":"key"})", values, entries);
}

std::string query_due(const std::string& table, const std::string& shard, wall_time until,
                      const std::optional<spi::due_actor>& after, std::size_t entries) {
  const std::string low = after ? due_order(after->due, after->actor) + std::string(1, '\0') : std::string(1, '\0');
  const std::string high = sortable(until) + "\xff";  // behind every type
  // A lower end behind the upper one is refused by DynamoDB; such a range is empty.
  const std::string bounded = std::min(low, high);
  return query(
      table, "by_due", "#s = :s AND #o BETWEEN :l AND :h", R"({"#s":"due_shard","#o":"due_order"})",
      R"({":s":{"N":")" + shard + R"("},":l":)" + binary_value(bounded) + R"(,":h":)" + binary_value(high) + "}",
      entries);
}

std::string describe_table(const std::string& table) { return R"({"TableName":)" + in_quotes(table) + "}"; }

std::string create_table(const std::string& table) {
  return R"({"TableName":)" + in_quotes(table) +
         R"(,"BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"actor","KeyType":"HASH"}])" +
         R"(,"AttributeDefinitions":[{"AttributeName":"actor","AttributeType":"S"})" +
         R"(,{"AttributeName":"type","AttributeType":"S"},{"AttributeName":"key","AttributeType":"B"})" +
         R"(,{"AttributeName":"due_shard","AttributeType":"N"},{"AttributeName":"due_order","AttributeType":"B"}])" +
         R"(,"GlobalSecondaryIndexes":[)" + index("by_type", "type", "key") + "," +
         index("by_due", "due_shard", "due_order") + "]}";
}

std::string enable_expiry(const std::string& table) {
  return R"({"TableName":)" + in_quotes(table) +
         R"(,"TimeToLiveSpecification":{"AttributeName":"expires","Enabled":true}})";
}

}  // namespace troupe::internal
