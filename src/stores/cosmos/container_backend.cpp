#include "stores/cosmos/container_backend.hpp"

#include <utility>

#include "stores/document/document_reader.hpp"
#include "stores/http/blocking_call.hpp"

namespace troupe::internal {
namespace {

bool is_done(const call_result& result) {
  return result.response && read_cosmos_answer(*result.response).kind == cosmos_kind::done;
}

/// What a write came to; nothing was answered: it failed.
write_status status_of(cosmos_kind kind) {
  switch (kind) {
    case cosmos_kind::done:
      return write_status::written;
    case cosmos_kind::exists:
    case cosmos_kind::superseded:
    case cosmos_kind::missing:
      return write_status::superseded;
    case cosmos_kind::too_large:
    case cosmos_kind::invalid:
      return write_status::rejected;
    default:
      return write_status::failed;
  }
}

}  // namespace

container_caller::container_caller(container_name name, std::string key, http_caller caller)
    : name_(std::move(name)), key_(std::move(key)), caller_(std::move(caller)) {}

std::string container_caller::place() const {
  return "Cosmos DB container " + name_.database + "/" + name_.container + " at " +
         caller_.client().endpoint().authority();
}

http_request container_caller::sign(const cosmos_request& request, wall_time now) const {
  http_request signed_request = request.http;
  const std::string date = http_date(now);
  signed_request.headers.push_back({"x-ms-date", date});
  signed_request.headers.push_back({"x-ms-version", "2018-12-31"});
  signed_request.headers.push_back({"Authorization", authorization(request.http.method, request.resource, date, key_)});
  return signed_request;
}

void container_caller::call(cosmos_request request, std::function<void(call_result)> done) {
  caller_.call([this, request = std::move(request)](wall_time now) { return sign(request, now); }, cosmos_verdict,
               std::move(done));
}

call_result container_caller::blocking(const cosmos_request& request) {
  return blocking_call(
      caller_, [&](wall_time now) { return sign(request, now); }, cosmos_verdict);
}

container_backend::container_backend(container_caller caller, std::chrono::hours erasures_kept)
    : caller_(std::move(caller)), erasures_kept_(erasures_kept) {}

std::string container_backend::describe(const call_result& result) const {
  return caller_.place() + ": " + (result.response ? read_cosmos_answer(*result.response).message : result.message);
}

document_fetch container_backend::fetched(const call_result& result, const actor_id& actor) const {
  document_fetch fetch;
  fetch.held.content.actor.image.actor = actor;
  if (is_done(result)) {
    fetch = read_cosmos_document(*result.response, actor);
    if (!fetch.message.empty()) {
      fetch.message.insert(0, "document \"" + document_id(actor) + "\" of " + caller_.place() + ": ");
    }
  } else if (result.response && read_cosmos_answer(*result.response).kind == cosmos_kind::missing) {
    fetch.status = fetch_status::absent;
  } else {
    fetch.message = describe(result);
  }
  return fetch;
}

void container_backend::fetch(std::vector<actor_id> actors, std::function<void(std::vector<document_fetch>)> done) {
  struct reading {
    std::vector<document_fetch> results;
    std::size_t left;
    std::function<void(std::vector<document_fetch>)> done;
  };
  if (actors.empty()) {
    done({});
    return;
  }
  const auto batch = std::make_shared<reading>(reading{{}, actors.size(), std::move(done)});
  batch->results.resize(actors.size());
  for (std::size_t i = 0; i < actors.size(); ++i) {
    cosmos_request request = get_document(caller_.name(), actors[i]);
    caller_.call(std::move(request), [this, batch, i, actor = std::move(actors[i])](const call_result& result) {
      batch->results[i] = fetched(result, actor);
      if (--batch->left == 0) batch->done(std::move(batch->results));
    });
  }
}

void container_backend::write(const document& content, const write_condition& condition,
                              std::function<void(document_write)> done) {
  cosmos_request request = put_document(caller_.name(), content, condition,
                                        std::chrono::duration_cast<std::chrono::seconds>(erasures_kept_));
  const std::string actor = to_string(content.actor.image.actor);
  if (request.http.body.size() > document_bytes_max) {
    done({write_status::rejected,
          "the record of " + actor + " cannot be stored: with it the document has " +
              std::to_string(request.http.body.size()) + " bytes, over Cosmos DB's limit of " +
              std::to_string(document_bytes_max),
          {},
          false});
    return;
  }
  caller_.call(std::move(request),
               [this, actor, creates = !condition.exists, done = std::move(done)](const call_result& result) {
                 document_write written{write_status::failed, actor + ": " + describe(result), {}, result.in_doubt};
                 if (result.response) {
                   const cosmos_kind kind = read_cosmos_answer(*result.response).kind;
                   // A creation finds no container where a replacement finds no document.
                   written.status = creates && kind == cosmos_kind::missing ? write_status::failed : status_of(kind);
                   if (written.status == write_status::written) {
                     written = {write_status::written, {}, std::string(result.response->header("etag")), false};
                   }
                 }
                 done(std::move(written));
               });
}

void container_backend::write_chunk(const actor_id& actor, const log_chunk& chunk, std::function<void(bool)> done) {
  caller_.call(create_chunk(caller_.name(), actor, chunk), [done = std::move(done)](const call_result& result) {
    done(is_done(result) || (result.response && read_cosmos_answer(*result.response).kind == cosmos_kind::exists));
  });
}

void container_backend::read_chunk(const actor_id& actor, const chunk_place& chunk,
                                   std::function<void(chunk_fetch)> done) {
  caller_.call(get_chunk(caller_.name(), actor, chunk.name),
               [this, first = chunk.first, done = std::move(done)](const call_result& result) {
                 chunk_fetch fetch{fetch_status::failed, describe(result), {}};
                 if (is_done(result)) fetch = read_cosmos_chunk(*result.response, first);
                 if (result.response && read_cosmos_answer(*result.response).kind == cosmos_kind::missing) {
                   fetch.status = fetch_status::absent;
                 }
                 done(std::move(fetch));
               });
}

void container_backend::drop_chunk(const actor_id& actor, const std::string& name, std::function<void()> done) {
  caller_.call(delete_chunk(caller_.name(), actor, name), [done = std::move(done)](const call_result&) { done(); });
}

void container_backend::list_shards(const std::string& /*type*/, std::function<void(shards_result)> done) {
  done({spi::read_status::ok, {}, due_shards()});
}

std::vector<std::string> container_backend::due_shards() const {
  std::vector<std::string> shards;
  for (std::size_t i = 0; i < shards_of_container; ++i) shards.push_back(std::to_string(i));
  return shards;
}

void container_backend::query(make_query make, read_page read, const std::string& continuation,
                              std::function<void(page_result)> done) {
  cosmos_request request = make(continuation);
  caller_.call(std::move(request), [this, make = std::move(make), read = std::move(read),
                                    done = std::move(done)](const call_result& result) {
    page_result page;
    try {
      if (is_done(result)) {
        page = {spi::read_status::ok, {}, read(*result.response)};
        if (page.page.entries.empty() && page.page.more) {
          // Such a page says no more than that the search goes on.
          query(make, read, std::string(result.response->header("x-ms-continuation")), done);
          return;
        }
      } else {
        page.message = describe(result);
      }
    } catch (const damaged_document& fault) {
      page = {spi::read_status::damaged, caller_.place() + ": " + fault.what(), {}};
    }
    done(std::move(page));
  });
}

void container_backend::list_page(const std::string& shard, const spi::list_query& wanted,
                                  const std::optional<actor_id>& after, std::size_t entries,
                                  std::function<void(page_result)> done) {
  query(
      [this, shard, wanted, after, entries](const std::string& continuation) {
        return query_names(caller_.name(), shard, wanted, after, entries, continuation);
      },
      read_cosmos_names, {}, std::move(done));
}

void container_backend::due_page(const std::string& shard, wall_time until, const std::optional<spi::due_actor>& after,
                                 std::size_t entries, std::function<void(page_result)> done) {
  query(
      [this, shard, until, after, entries](const std::string& continuation) {
        return query_due(caller_.name(), shard, until, after, entries, continuation);
      },
      read_cosmos_due, {}, std::move(done));
}

}  // namespace troupe::internal
