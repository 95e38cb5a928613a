#include "stores/dynamodb/table_backend.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "stores/document/document_names.hpp"
#include "stores/document/document_reader.hpp"
#include "stores/dynamodb/request_signature.hpp"
#include "stores/dynamodb/table_requests.hpp"
#include "stores/http/blocking_call.hpp"

namespace troupe::internal {
namespace {

/// How often in a row a batch read may come back without a single item of what it was asked for.
constexpr std::size_t stalled_reads_max = 8;

bool is_done(const call_result& result) {
  return result.response && read_answer(*result.response).kind == answer_kind::done;
}

}  // namespace

table_caller::table_caller(const stores::dynamodb_options& options, http_caller caller)
    : table_(options.table),
      region_(options.region),
      credentials_(options.credentials_source ? options.credentials_source
                                              : [fixed = options.credentials] { return fixed; }),
      caller_(std::move(caller)) {}

std::string table_caller::place() const {
  return "DynamoDB table " + table_ + " at " + caller_.client().endpoint().authority();
}

http_request table_caller::request(const std::string& operation, const std::string& body, wall_time now) const {
  const stores::dynamodb_credentials credentials = credentials_();
  http_request request{"POST", "/", {}, body};
  request.headers = {{"Host", caller_.client().endpoint().authority()},
                     {"Content-Type", "application/x-amz-json-1.0"},
                     {"X-Amz-Target", "DynamoDB_20120810." + operation}};
  sign(request, {credentials.access_key, credentials.secret_key, credentials.session_token, region_, "dynamodb"}, now);
  return request;
}

void table_caller::call(std::string operation, std::string body, std::function<void(call_result)> done) {
  caller_.call([this, operation = std::move(operation),
                body = std::move(body)](wall_time now) { return request(operation, body, now); },
               verdict_on, std::move(done));
}

call_result table_caller::blocking(const std::string& operation, const std::string& body) {
  return blocking_call(
      caller_, [&](wall_time now) { return request(operation, body, now); }, verdict_on);
}

table_backend::table_backend(table_caller caller, std::chrono::hours erasures_kept, std::set<std::string> types)
    : caller_(std::move(caller)), erasures_kept_(erasures_kept), types_(std::move(types)) {}

std::string table_backend::describe(const call_result& result) const {
  return caller_.place() + ": " + (result.response ? read_answer(*result.response).message : result.message);
}

/// Documents of one fetch, read in chunks.
struct table_backend::reading {
  std::vector<document_fetch> results{};
  std::unordered_map<std::string, std::vector<std::size_t>> places{};  ///< of a name in the results
  std::size_t chunks = 0;                                              ///< under way
  std::function<void(std::vector<document_fetch>)> done{};

  void put(const std::string& name, const document_fetch& fetch) {
    for (const std::size_t place : places[name]) {
      actor_id actor = std::move(results[place].held.content.actor.image.actor);
      results[place] = fetch;
      results[place].held.content.actor.image.actor = std::move(actor);
    }
  }
};

void table_backend::fetch(std::vector<actor_id> actors, std::function<void(std::vector<document_fetch>)> done) {
  const auto batch = std::make_shared<reading>();
  batch->done = std::move(done);
  batch->results.resize(actors.size());
  std::vector<std::string> names;
  for (std::size_t i = 0; i < actors.size(); ++i) {
    std::string name = document_name(actors[i]);
    batch->results[i].status = fetch_status::absent;
    batch->results[i].held.content.actor.image.actor = std::move(actors[i]);
    auto& places = batch->places[name];
    places.push_back(i);
    if (places.size() == 1) names.push_back(std::move(name));
  }
  if (names.empty()) {
    batch->done({});
    return;
  }
  batch->chunks = (names.size() + keys_per_read - 1) / keys_per_read;
  for (std::size_t i = 0; i < names.size(); i += keys_per_read) {
    const auto begin = names.begin() + static_cast<std::ptrdiff_t>(i);
    const auto size = static_cast<std::ptrdiff_t>(std::min(keys_per_read, names.size() - i));
    read_keys(batch, {begin, begin + size}, 0);
  }
}

void table_backend::read_keys(const std::shared_ptr<reading>& batch, std::vector<std::string> names,
                              std::size_t stalled) {
  std::string body = batch_get(caller_.table(), names);
  caller_.call("BatchGetItem", std::move(body),
               [this, batch, names = std::move(names), stalled](const call_result& result) {
                 take_items(batch, names, stalled, result);
               });
}

void table_backend::take_items(const std::shared_ptr<reading>& batch, const std::vector<std::string>& names,
                               std::size_t stalled, const call_result& result) {
  std::string failure;
  fetched_items found;
  try {
    if (is_done(result)) {
      found = read_batch(result.response->body, caller_.table());
    } else {
      failure = describe(result);
    }
  } catch (const damaged_document& fault) {
    failure = caller_.place() + ": " + fault.what();
  }
  for (auto& [name, fetch] : found.items) {
    if (!fetch.message.empty()) fetch.message.insert(0, "item \"" + name + "\" of " + caller_.place() + ": ");
    batch->put(name, fetch);
  }
  if (failure.empty() && !found.unprocessed.empty()) {
    // Throttled in part: that is reported with status 200.
    stalled = found.items.empty() ? stalled + 1 : 0;
    if (stalled <= stalled_reads_max) {
      caller_.http().after_failures(stalled + 1, [this, batch, names = std::move(found.unprocessed), stalled] {
        read_keys(batch, names, stalled);
      });
      return;
    }
    failure = caller_.place() + " keeps putting reads off: it is throttled";
  }
  if (!failure.empty()) {
    document_fetch failed;
    failed.message = failure;
    for (const std::string& name : found.unprocessed.empty() ? names : found.unprocessed) batch->put(name, failed);
  }
  if (--batch->chunks == 0) batch->done(std::move(batch->results));
}

void table_backend::write(const document& content, const write_condition& condition,
                          std::function<void(document_write)> done) {
  item_request request = put_item(caller_.table(), content, condition, caller_.http().wall_now() + erasures_kept_);
  const actor_id& actor = content.actor.image.actor;
  if (request.item_bytes > item_bytes_max) {
    done({write_status::rejected,
          "the record of " + to_string(actor) + " cannot be stored: with it the item has " +
              std::to_string(request.item_bytes) + " bytes, over DynamoDB's limit of " + std::to_string(item_bytes_max),
          {},
          false});
    return;
  }
  if (content.erased || types_.contains(actor.type)) {
    put(std::move(request.body), to_string(actor), std::move(done));
    return;
  }
  make_known(actor.type, [this, body = std::move(request.body), name = to_string(actor),
                          done = std::move(done)](const std::string& failure) {
    if (failure.empty()) {
      put(body, name, done);
    } else {
      done({write_status::failed, failure, {}, false});
    }
  });
}

void table_backend::put(std::string body, std::string actor, std::function<void(document_write)> done) {
  caller_.call("PutItem", std::move(body),
               [this, actor = std::move(actor), done = std::move(done)](const call_result& result) {
                 document_write written{write_status::failed, actor + ": " + describe(result), {}, result.in_doubt};
                 const answer_kind kind = result.response ? read_answer(*result.response).kind : answer_kind::throttled;
                 if (kind == answer_kind::done) written = {write_status::written, {}, {}, false};
                 if (kind == answer_kind::condition_failed) written.status = write_status::superseded;
                 if (kind == answer_kind::invalid) written.status = write_status::rejected;
                 done(std::move(written));
               });
}

void table_backend::make_known(const std::string& type, std::function<void(std::string)> done) {
  auto& waiting = becoming_known_[type];
  waiting.push_back(std::move(done));
  if (waiting.size() > 1) return;
  caller_.call("UpdateItem", update_store_item(caller_.table(), type), [this, type](const call_result& result) {
    std::string failure;
    if (is_done(result)) {
      types_.insert(type);
    } else {
      failure = describe(result);
    }
    const auto all = std::move(becoming_known_[type]);
    becoming_known_.erase(type);
    for (const auto& told : all) told(failure);
  });
}

void table_backend::write_chunk(const actor_id& /*actor*/, const log_chunk& chunk, std::function<void(bool)> done) {
  caller_.call("PutItem", put_chunk(caller_.table(), chunk), [done = std::move(done)](const call_result& result) {
    const answer_kind kind = result.response ? read_answer(*result.response).kind : answer_kind::throttled;
    done(kind == answer_kind::done || kind == answer_kind::condition_failed);
  });
}

void table_backend::read_chunk(const actor_id& /*actor*/, const chunk_place& chunk,
                               std::function<void(chunk_fetch)> done) {
  caller_.call("GetItem", get_chunk(caller_.table(), chunk.name),
               [this, first = chunk.first, done = std::move(done)](const call_result& result) {
                 done(is_done(result) ? read_chunk_item(result.response->body, first)
                                      : chunk_fetch{fetch_status::failed, describe(result), {}});
               });
}

void table_backend::drop_chunk(const actor_id& /*actor*/, const std::string& name, std::function<void()> done) {
  caller_.call("DeleteItem", delete_chunk(caller_.table(), name),
               [done = std::move(done)](const call_result&) { done(); });
}

void table_backend::list_shards(const std::string& type, std::function<void(shards_result)> done) {
  if (!type.empty()) {
    done({spi::read_status::ok, {}, {type}});
    return;
  }
  caller_.call("GetItem", get_store_item(caller_.table()), [this, done = std::move(done)](const call_result& result) {
    shards_result shards;
    try {
      if (is_done(result)) {
        const store_facts facts = read_store_item(result.response->body);
        shards = {spi::read_status::ok, {}, {facts.types.begin(), facts.types.end()}};
      } else {
        shards.message = describe(result);
      }
    } catch (const damaged_document& fault) {
      shards = {spi::read_status::damaged, caller_.place() + ": " + fault.what(), {}};
    }
    done(std::move(shards));
  });
}

void table_backend::query(std::string body, std::function<shard_page(const std::string&)> read,
                          std::function<void(page_result)> done) {
  caller_.call("Query", std::move(body),
               [this, read = std::move(read), done = std::move(done)](const call_result& result) {
                 page_result page;
                 try {
                   if (is_done(result)) {
                     page = {spi::read_status::ok, {}, read(result.response->body)};
                   } else {
                     page.message = describe(result);
                   }
                 } catch (const damaged_document& fault) {
                   page = {spi::read_status::damaged, caller_.place() + ": " + fault.what(), {}};
                 }
                 done(std::move(page));
               });
}

void table_backend::list_page(const std::string& shard, const spi::list_query& wanted,
                              const std::optional<actor_id>& after, std::size_t entries,
                              std::function<void(page_result)> done) {
  auto body = query_names(caller_.table(), shard, wanted.key_prefix, after, entries);
  if (!body) {
    done({spi::read_status::ok, {}, {}});
    return;
  }
  query(
      *std::move(body), [prefix = wanted.key_prefix](const std::string& answer) { return read_names(answer, prefix); },
      std::move(done));
}

std::vector<std::string> table_backend::due_shards() const {
  std::vector<std::string> shards;
  for (std::size_t i = 0; i < due_shards_of_table; ++i) shards.push_back(std::to_string(i));
  return shards;
}

void table_backend::due_page(const std::string& shard, wall_time until, const std::optional<spi::due_actor>& after,
                             std::size_t entries, std::function<void(page_result)> done) {
  query(query_due(caller_.table(), shard, until, after, entries), read_due, std::move(done));
}

}  // namespace troupe::internal
