#include <algorithm>
#include <utility>

#include "stores/document/document_store.hpp"

namespace troupe::internal {
namespace {

/// How often a log is read anew because its actor changes meanwhile.
constexpr std::size_t log_rounds_max = 16;

}  // namespace

/// A part of a log under way: the document, then the chunks it refers to.
struct document_store::log_reading {
  spi::log_query query;
  std::function<void(spi::log_result)> done;
  std::size_t rounds = 0;
  spi::commit_stamp seen{};  ///< the document's when a chunk was missing

  document held{};
  spi::log_result failure{};
  bool failed = false;
  bool missing = false;
  std::size_t left = 0;
};

void document_store::async_read_log(spi::log_query query, std::function<void(spi::log_result)> done) {
  if (!enter()) {
    done({spi::read_status::unavailable, closed_message(), {}});
    return;
  }
  auto reading = std::make_shared<log_reading>();
  reading->query = std::move(query);
  reading->done = std::move(done);
  client_->post([this, reading = std::move(reading)] { read_log_of(reading); });
}

void document_store::read_log_of(const std::shared_ptr<log_reading>& reading) {
  backend_->fetch({reading->query.actor}, [this, reading](std::vector<document_fetch> fetched) {
    document_fetch& fetch = fetched.front();
    switch (fetch.status) {
      case fetch_status::found:
        read_log_chunks(reading, std::move(fetch.held.content));
        break;
      case fetch_status::absent:
        complete_log(reading, {spi::read_status::ok, {}, {}});
        break;
      case fetch_status::damaged:
        complete_log(reading, {spi::read_status::damaged, std::move(fetch.message), {}});
        break;
      case fetch_status::failed:
        complete_log(reading, {spi::read_status::unavailable, std::move(fetch.message), {}});
        break;
    }
  });
}

void document_store::read_log_chunks(const std::shared_ptr<log_reading>& reading, document held) {
  const auto& logs = held.actor.image.logs;
  const auto head =
      std::find_if(logs.begin(), logs.end(), [&](const auto& log) { return log.name == reading->query.log; });
  if (head == logs.end()) {
    complete_log(reading, {spi::read_status::ok, {}, {}});
    return;
  }
  spi::log_query& query = reading->query;
  query.from = std::max(query.from, head->first);
  const auto places = chunks_for(held, query);
  if (places.empty()) {
    complete_log(reading, read_log(held.actor, query));
    return;
  }
  const bool unchanged = reading->rounds > 0 && reading->seen == held.actor.image.stamp;
  reading->seen = held.actor.image.stamp;
  reading->held = std::move(held);
  reading->missing = false;
  reading->left = places.size();
  for (const chunk_place& place : places) {
    backend_->read_chunk(query.actor, place, [this, reading, place, unchanged](chunk_fetch fetch) {
      if (fetch.status == fetch_status::found && fetch.entries.size() >= place.entries) {
        auto& entries = reading->held.actor.logs[reading->query.log];
        for (spi::log_entry_image& entry : fetch.entries) entries.emplace(entry.sequence, std::move(entry));
      } else if (fetch.status == fetch_status::absent && !unchanged) {
        reading->missing = true;  // trimmed away since the document was read, or erased
      } else if (!reading->failed) {
        const bool damaged = fetch.status != fetch_status::failed;
        const std::string why = fetch.message.empty() ? "it is missing, or too short" : std::move(fetch.message);
        reading->failed = true;
        reading->failure = {damaged ? spi::read_status::damaged : spi::read_status::unavailable,
                            place_ + ": chunk \"" + place.name + "\": " + why,
                            {}};
      }
      if (--reading->left != 0) return;
      if (reading->failed) {
        complete_log(reading, std::move(reading->failure));
      } else if (reading->missing && ++reading->rounds < log_rounds_max) {
        read_log_of(reading);
      } else if (reading->missing) {
        complete_log(reading, {spi::read_status::unavailable, place_ + ": the log is trimmed all the time", {}});
      } else {
        complete_log(reading, read_log(reading->held.actor, reading->query));
      }
    });
  }
}

void document_store::complete_log(const std::shared_ptr<log_reading>& reading, spi::log_result result) {
  reading->done(std::move(result));
  leave();
}

}  // namespace troupe::internal
