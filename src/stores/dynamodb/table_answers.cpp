#include "stores/dynamodb/table_answers.hpp"

#include <array>
#include <charconv>

#include <nlohmann/json.hpp>

#include "stores/document/document_names.hpp"
#include "stores/document/document_reader.hpp"
#include "stores/http/digest.hpp"

namespace troupe::internal {
namespace {

using nlohmann::json;

json parse(const std::string& body) {
  json value = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!value.is_object()) throw damaged_document("the answer is no JSON object");
  return value;
}

/// Returns an attribute as `read_document` reads it; binary values as the bytes they stand for.
json plain_of(const json& attribute) {
  if (!attribute.is_object() || attribute.size() != 1) throw damaged_document("an attribute is none");
  const auto member = attribute.begin();
  const std::string& type = member.key();
  const json& value = *member;
  if (type == "M") {
    json map = json::object();
    for (const auto& [name, each] : value.items()) map[name] = plain_of(each);
    return map;
  }
  if (type == "L") {
    json list = json::array();
    for (const json& element : value) list.push_back(plain_of(element));
    return list;
  }
  if (type == "B") {
    auto bytes = value.is_string() ? from_base64(value.get_ref<const std::string&>()) : std::nullopt;
    if (!bytes) throw damaged_document("a binary value is not base64");
    return *std::move(bytes);
  }
  return value;
}

json plain_item(const json& item) {
  json map = json::object();
  for (const auto& [name, attribute] : item.items()) map[name] = plain_of(attribute);
  return map;
}

std::string text_in(const json& plain, std::string_view name) {
  const auto found = plain.find(name);
  if (found == plain.end() || !found->is_string()) {
    throw damaged_document("attribute \"" + std::string(name) + "\" is missing, or no text");
  }
  return found->get<std::string>();
}

document_fetch fetch_of(const json& item, const std::string& name) {
  document_fetch fetch;
  auto actor = actor_of_name(name);
  if (!actor) throw damaged_document("the item \"" + name + "\" is named like no actor");
  try {
    read_document_result result = read_document(plain_item(item), *actor);
    fetch.status = result.damage ? fetch_status::damaged : fetch_status::found;
    fetch.held.content = std::move(result.content);
    fetch.message = result.damage.value_or("");
  } catch (const damaged_document& fault) {
    fetch.status = fetch_status::damaged;
    fetch.held.content = {};
    fetch.held.content.actor.image.actor = *std::move(actor);
    fetch.message = fault.what();
  }
  return fetch;
}

answer_kind kind_of(std::string_view exception) {
  struct known {
    std::string_view name;
    answer_kind kind;
  };
  static constexpr std::array exceptions{
      known{"ConditionalCheckFailedException", answer_kind::condition_failed},
      known{"ProvisionedThroughputExceededException", answer_kind::throttled},
      known{"ThrottlingException", answer_kind::throttled},
      known{"RequestLimitExceeded", answer_kind::throttled},
      known{"LimitExceededException", answer_kind::throttled},
      known{"ReplicatedWriteConflictException", answer_kind::throttled},
      known{"TransactionConflictException", answer_kind::throttled},
      known{"ResourceInUseException", answer_kind::in_use},
      known{"InternalServerError", answer_kind::server_fault},
      known{"ServiceUnavailable", answer_kind::server_fault},
      known{"ResourceNotFoundException", answer_kind::missing},
      known{"UnrecognizedClientException", answer_kind::refused},
      known{"InvalidSignatureException", answer_kind::refused},
      known{"IncompleteSignatureException", answer_kind::refused},
      known{"MissingAuthenticationTokenException", answer_kind::refused},
      known{"AccessDeniedException", answer_kind::refused},
      known{"ExpiredTokenException", answer_kind::refused},
      known{"UnknownOperationException", answer_kind::unknown_operation},
  };
  for (const known& exception_kind : exceptions) {
    if (exception_kind.name == exception) return exception_kind.kind;
  }
  return answer_kind::invalid;
}

}  // namespace

table_answer read_answer(const http_response& response) {
  if (response.status == 200) return {answer_kind::done, {}};
  const json body = json::parse(response.body, nullptr, /*allow_exceptions=*/false);
  std::string exception;
  std::string text;
  if (body.is_object()) {
    exception = body.value("__type", "");
    exception.erase(0, exception.find('#') + 1);
    text = body.value("message", body.value("Message", ""));
  }
  std::string message = std::to_string(response.status) + " " + exception + (text.empty() ? "" : ": " + text);
  if (response.status >= 500) return {answer_kind::server_fault, std::move(message)};
  if (response.status == 429) return {answer_kind::throttled, std::move(message)};
  if (exception.empty() && response.status == 403) return {answer_kind::refused, std::move(message)};
  return {kind_of(exception), std::move(message)};
}

answer_verdict verdict_on(const http_response& response) {
  const answer_kind kind = read_answer(response).kind;
  return {kind == answer_kind::throttled || kind == answer_kind::server_fault, kind == answer_kind::server_fault, {}};
}

fetched_items read_batch(const std::string& body, const std::string& table) {
  const json answer = parse(body);
  fetched_items found;
  try {
    if (answer.contains("Responses") && answer["Responses"].contains(table)) {
      for (const json& item : answer["Responses"][table]) {
        std::string name = text_in(plain_item({{"actor", item.at("actor")}}), "actor");
        document_fetch fetch = fetch_of(item, name);
        found.items.emplace_back(std::move(name), std::move(fetch));
      }
    }
    if (answer.contains("UnprocessedKeys") && answer["UnprocessedKeys"].contains(table)) {
      for (const json& key : answer["UnprocessedKeys"][table].at("Keys")) {
        found.unprocessed.push_back(text_in(plain_item(key), "actor"));
      }
    }
  } catch (const json::exception& fault) {
    throw damaged_document(std::string("the answer to a read has another form: ") + fault.what());
  }
  return found;
}

chunk_fetch read_chunk_item(const std::string& body, std::uint64_t first) {
  chunk_fetch fetch;
  try {
    const json answer = parse(body);
    fetch.status = answer.contains("Item") ? fetch_status::found : fetch_status::absent;
    if (answer.contains("Item")) fetch.entries = read_entries(plain_item(answer["Item"]), first);
  } catch (const damaged_document& fault) {
    fetch = {fetch_status::damaged, fault.what(), {}};
  }
  return fetch;
}

store_facts read_store_item(const std::string& body) {
  const json answer = parse(body);
  store_facts facts;
  const auto item = answer.contains("Item") ? answer.find("Item") : answer.find("Attributes");
  if (item == answer.end() || !item->is_object()) return facts;
  if (item->contains("format")) {
    const std::string digits = text_in(plain_item({{"format", (*item)["format"]}}), "format");
    std::from_chars(digits.data(), digits.data() + digits.size(), facts.format);
  }
  if (item->contains("types") && (*item)["types"].contains("SS")) {
    for (const json& type : (*item)["types"]["SS"]) facts.types.insert(type.get<std::string>());
  }
  return facts;
}

shard_page read_names(const std::string& body, const std::string& prefix) {
  const json answer = parse(body);
  shard_page page;
  page.more = answer.contains("LastEvaluatedKey");
  for (const json& item : answer.value("Items", json::array())) {
    const json plain = plain_item(item);
    actor_id actor{text_in(plain, "type"), text_in(plain, "key")};
    if (!actor.key.starts_with(prefix)) {
      page.more = false;  // the end of the range counts as part of it
      break;
    }
    page.entries.push_back({std::move(actor), {}});
  }
  return page;
}

shard_page read_due(const std::string& body) {
  const json answer = parse(body);
  shard_page page;
  page.more = answer.contains("LastEvaluatedKey");
  for (const json& item : answer.value("Items", json::array())) {
    const std::string order = text_in(plain_item(item), "due_order");
    const auto due = time_of_sortable(std::string_view(order).substr(0, 8));
    const auto end = order.find('\0', 8);
    if (!due || order.size() < 8 || end == std::string::npos) throw damaged_document("a due time has another form");
    page.entries.push_back({{order.substr(8, end - 8), order.substr(end + 1)}, *due});
  }
  return page;
}

table_shape read_description(const std::string& body) {
  const json answer = parse(body);
  const json table = answer.value("Table", answer.value("TableDescription", json::object()));
  const auto key_of = [](const json& schema) {
    std::string names;
    for (const json& part : schema) names += part.value("AttributeName", "") + " ";
    return names;
  };
  table_shape shape;
  shape.ready = table.value("TableStatus", "") == "ACTIVE" || table.value("TableStatus", "") == "UPDATING";
  if (key_of(table.value("KeySchema", json::array())) != "actor ") shape.flaw = "its key is not \"actor\"";
  std::string by_type;
  std::string by_due;
  for (const json& index : table.value("GlobalSecondaryIndexes", json::array())) {
    const std::string key = key_of(index.value("KeySchema", json::array()));
    const std::string name = index.value("IndexName", "");
    if (name == "by_type") by_type = key;
    if (name == "by_due") by_due = key;
    if (index.value("IndexStatus", "") != "ACTIVE") shape.ready = false;
  }
  if (by_type != "type key ") shape.flaw = "it has no index \"by_type\" on (type, key)";
  if (by_due != "due_shard due_order ") shape.flaw = "it has no index \"by_due\" on (due_shard, due_order)";
  return shape;
}

}  // namespace troupe::internal
