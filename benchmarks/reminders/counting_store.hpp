#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "troupe/spi/state_store.hpp"

namespace bench {

/// Passes everything on to another store, which its owner closes, and counts what is committed.
class counting_store final : public troupe::spi::state_store {
 public:
  explicit counting_store(troupe::spi::state_store& inner) : inner_(inner) {}

  [[nodiscard]] std::size_t committed() const noexcept { return committed_.load(std::memory_order_acquire); }
  void wait_for(std::size_t commits) const {
    for (auto now = committed(); now < commits; now = committed()) committed_.wait(now, std::memory_order_acquire);
  }

  [[nodiscard]] std::string_view name() const noexcept override { return inner_.name(); }
  [[nodiscard]] troupe::spi::store_limits limits() const noexcept override { return inner_.limits(); }
  [[nodiscard]] troupe::spi::store_capabilities capabilities() const noexcept override { return inner_.capabilities(); }
  void async_load(std::span<const troupe::actor_id> actors,
                  std::function<void(std::vector<troupe::spi::load_result>)> done) override {
    inner_.async_load(actors, std::move(done));
  }
  void async_commit(std::span<const troupe::spi::turn_record> records,
                    std::function<void(std::vector<troupe::spi::commit_result>)> done) override {
    inner_.async_commit(records, [this, done = std::move(done)](std::vector<troupe::spi::commit_result> results) {
      std::size_t committed = 0;
      for (const auto& result : results) committed += result.status == troupe::spi::commit_status::committed ? 1U : 0U;
      committed_.fetch_add(committed, std::memory_order_release);
      committed_.notify_all();
      done(std::move(results));
    });
  }
  void async_list(troupe::spi::list_query query, std::function<void(troupe::spi::list_result)> done) override {
    inner_.async_list(std::move(query), std::move(done));
  }
  void async_scan_due(troupe::spi::due_query query, std::function<void(troupe::spi::due_result)> done) override {
    inner_.async_scan_due(std::move(query), std::move(done));
  }
  void async_read_log(troupe::spi::log_query query, std::function<void(troupe::spi::log_result)> done) override {
    inner_.async_read_log(std::move(query), std::move(done));
  }
  void async_read_items(troupe::spi::item_query query, std::function<void(troupe::spi::item_result)> done) override {
    inner_.async_read_items(std::move(query), std::move(done));
  }
  void async_take_lease(std::string host, std::function<void(troupe::spi::lease_result)> done) override {
    inner_.async_take_lease(std::move(host), std::move(done));
  }
  void close() override {}

 private:
  troupe::spi::state_store& inner_;
  std::atomic<std::size_t> committed_{0};
};

}  // namespace bench
