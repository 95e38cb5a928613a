#include "contract/tampered_store.hpp"

#include "contract/store_client.hpp"

namespace troupe::contract {
namespace {

/// A client that does not own its store.
store_client client_of(spi::state_store& store) {
  return store_client(std::shared_ptr<spi::state_store>(&store, [](spi::state_store* /*borrowed*/) {}));
}

}  // namespace

void tampered_store::async_load(std::span<const actor_id> actors,
                                std::function<void(std::vector<spi::load_result>)> done) {
  auto loads = client_of(*good_).load(actors);
  if (tampering_.loads) tampering_.loads(loads);
  done(std::move(loads));
}

void tampered_store::async_commit(std::span<const spi::turn_record> records,
                                  std::function<void(std::vector<spi::commit_result>)> done) {
  const store_client client = client_of(*good_);
  std::vector<spi::commit_result> results;
  for (const spi::turn_record& original : records) {
    const spi::actor_image held = client.load(original.actor).image;
    spi::turn_record record = original;
    if (tampering_.record) tampering_.record(record, held);
    spi::commit_result result = client.commit(record);
    if (tampering_.after) tampering_.after(*good_, original, held, result);
    if (tampering_.result) tampering_.result(original, held, result);
    results.push_back(std::move(result));
  }
  if (tampering_.results) tampering_.results(results);
  done(std::move(results));
}

void tampered_store::async_list(spi::list_query query, std::function<void(spi::list_result)> done) {
  auto changed = query;
  if (tampering_.list_query) tampering_.list_query(changed);
  auto result = client_of(*good_).list(changed);
  if (tampering_.list) tampering_.list(query, result.actors);
  done(std::move(result));
}

void tampered_store::async_scan_due(spi::due_query query, std::function<void(spi::due_result)> done) {
  auto changed = query;
  if (tampering_.due_query) tampering_.due_query(changed);
  auto result = client_of(*good_).scan_due(changed);
  if (tampering_.due) tampering_.due(query, result.actors);
  done(std::move(result));
}

void tampered_store::async_read_log(spi::log_query query, std::function<void(spi::log_result)> done) {
  auto changed = query;
  if (tampering_.log_query) tampering_.log_query(changed);
  auto result = client_of(*good_).read_log(changed);
  if (tampering_.log) tampering_.log(query, result.entries);
  done(std::move(result));
}

void tampered_store::async_read_items(spi::item_query query, std::function<void(spi::item_result)> done) {
  auto changed = query;
  if (tampering_.item_query) tampering_.item_query(changed);
  auto result = client_of(*good_).read_items(changed);
  if (tampering_.items) tampering_.items(query, result);
  done(std::move(result));
}

void tampered_store::async_take_lease(std::string host, std::function<void(spi::lease_result)> done) {
  auto result = client_of(*good_).take_lease(std::move(host));
  if (tampering_.lease) tampering_.lease(result);
  done(std::move(result));
}

}  // namespace troupe::contract
