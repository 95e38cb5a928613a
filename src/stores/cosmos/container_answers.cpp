#include "stores/cosmos/container_answers.hpp"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "stores/cosmos/container_requests.hpp"
#include "stores/document/document_names.hpp"
#include "stores/document/document_reader.hpp"
#include "stores/http/digest.hpp"

namespace troupe::internal {
namespace {

using nlohmann::json;

json parse(const http_response& response) {
  json value = json::parse(response.body, nullptr, /*allow_exceptions=*/false);
  if (!value.is_object()) throw damaged_document("the answer is no JSON object");
  return value;
}

std::string text_in(const json& object, std::string_view name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

cosmos_kind kind_of(unsigned status, std::string_view substatus) {
  if (status >= 200 && status < 300) return cosmos_kind::done;
  switch (status) {
    case 401:
    case 403:
      return cosmos_kind::refused;
    case 404:
      return substatus == "1003" ? cosmos_kind::no_container : cosmos_kind::missing;
    case 409:
      return cosmos_kind::exists;
    case 412:
      return cosmos_kind::superseded;
    case 413:
      return cosmos_kind::too_large;
    case 429:
    case 449:
      return cosmos_kind::throttled;
    case 408:
    case 410:
      return cosmos_kind::server_fault;
    default:
      return status >= 500 ? cosmos_kind::server_fault : cosmos_kind::invalid;
  }
}

/// Reads what `listed_as` wrote.
actor_id actor_of(std::string_view listed) {
  const auto mark = listed.find('!');
  auto key = mark == std::string_view::npos ? std::nullopt : from_hex(listed.substr(mark + 1));
  if (!key) throw damaged_document("\"listed\" has another form: " + std::string(listed));
  return {std::string(listed.substr(0, mark)), *std::move(key)};
}

template <typename Read>
shard_page read_page(const http_response& response, std::string_view name, Read read) {
  const json answer = parse(response);
  shard_page page;
  page.more = !response.header("x-ms-continuation").empty();
  for (const json& element : answer.value("Documents", json::array())) {
    page.entries.push_back(read(text_in(element, name)));
  }
  return page;
}

}  // namespace

cosmos_answer read_cosmos_answer(const http_response& response) {
  const std::string_view substatus = response.header("x-ms-substatus");
  cosmos_answer answer{kind_of(response.status, substatus), {}};
  if (answer.kind == cosmos_kind::done) return answer;
  answer.message = std::to_string(response.status);
  if (!substatus.empty()) answer.message.append("/").append(substatus);
  const json body = json::parse(response.body, nullptr, /*allow_exceptions=*/false);
  if (body.is_object()) answer.message += " " + text_in(body, "code") + ": " + text_in(body, "message").substr(0, 300);
  return answer;
}

answer_verdict cosmos_verdict(const http_response& response) {
  const cosmos_kind kind = read_cosmos_answer(response).kind;
  answer_verdict verdict;
  verdict.retry = kind == cosmos_kind::throttled || kind == cosmos_kind::server_fault;
  verdict.maybe_applied = kind == cosmos_kind::server_fault;
  const std::string_view wait = response.header("x-ms-retry-after-ms");
  std::int64_t milliseconds = 0;
  const auto [end, failure] = std::from_chars(wait.data(), wait.data() + wait.size(), milliseconds);
  if (failure == std::errc{} && milliseconds > 0 && milliseconds < 3'600'000) {
    verdict.wait_at_least = std::chrono::milliseconds(milliseconds);
  }
  return verdict;
}

document_fetch read_cosmos_document(const http_response& response, const actor_id& actor) {
  document_fetch fetch;
  fetch.held.content.actor.image.actor = actor;
  try {
    const json object = parse(response);
    read_document_result result = read_document(object, actor);
    fetch.status = result.damage ? fetch_status::damaged : fetch_status::found;
    fetch.message = result.damage.value_or("");
    fetch.held.content = std::move(result.content);
    fetch.held.tag = response.header("etag");
    if (fetch.held.tag.empty()) fetch.held.tag = text_in(object, "_etag");
  } catch (const damaged_document& fault) {
    fetch.status = fetch_status::damaged;
    fetch.message = fault.what();
  }
  return fetch;
}

chunk_fetch read_cosmos_chunk(const http_response& response, std::uint64_t first) {
  chunk_fetch fetch;
  try {
    fetch = {fetch_status::found, {}, read_entries(parse(response), first)};
  } catch (const damaged_document& fault) {
    fetch = {fetch_status::damaged, fault.what(), {}};
  }
  return fetch;
}

shard_page read_cosmos_names(const http_response& response) {
  return read_page(response, "listed", [](const std::string& listed) { return spi::due_actor{actor_of(listed), {}}; });
}

shard_page read_cosmos_due(const http_response& response) {
  return read_page(response, "wake", [](const std::string& wake) {
    const auto bytes = from_hex(std::string_view(wake).substr(0, 16));
    const auto due = bytes ? time_of_sortable(*bytes) : std::nullopt;
    if (!due || wake.size() < 17) throw damaged_document("\"wake\" has another form: " + wake);
    return spi::due_actor{actor_of(std::string_view(wake).substr(17)), *due};
  });
}

std::string flaw_of_container(const http_response& response) {
  const json container = parse(response);
  const json key = container.value("partitionKey", json::object());
  if (key.value("paths", json::array()) != json::array({"/pk"})) return "its partition key is not /pk";
  return {};
}

std::string flaw_of_store(const http_response& response) {
  const json store = parse(response);
  const std::string format = text_in(store, "format");
  if (format != std::to_string(container_format)) {
    return "it has format \"" + format + "\"; this program knows format " + std::to_string(container_format);
  }
  if (text_in(store, "shards") != std::to_string(shards_of_container)) {
    return "it has " + text_in(store, "shards") + " shards; this program knows " + std::to_string(shards_of_container);
  }
  return {};
}

}  // namespace troupe::internal
