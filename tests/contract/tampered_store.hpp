#pragma once

#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "contract/state_store_contract.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe::contract {

/// What a tampered store does otherwise than the good one beneath it; empty functions leave things as they are.
struct tampering {
  using records = std::vector<spi::turn_record>;

  /// Changes records on their way in; `held` is what the good store holds of each.
  std::function<void(spi::turn_record&, const spi::actor_image& held)> record{};
  /// Changes what the caller is told. `held` is from before the commit.
  std::function<void(const spi::turn_record&, const spi::actor_image& held, spi::commit_result&)> result{};
  std::function<void(std::vector<spi::commit_result>&)> results{};
  std::function<void(std::vector<spi::load_result>&)> loads{};
  std::function<void(spi::list_query&)> list_query{};
  std::function<void(const spi::list_query&, std::vector<spi::actor_image>&)> list{};
  std::function<void(spi::due_query&)> due_query{};
  std::function<void(const spi::due_query&, std::vector<spi::due_actor>&)> due{};
  std::function<void(spi::log_query&)> log_query{};
  std::function<void(const spi::log_query&, std::vector<spi::log_entry_image>&)> log{};
  std::function<void(spi::item_query&)> item_query{};
  std::function<void(const spi::item_query&, spi::item_result&)> items{};
  std::function<void(spi::lease_result&)> lease{};
  std::function<void(spi::store_capabilities&)> capabilities{};
  /// Runs after a commit, with the good store to write to behind the caller's back.
  std::function<void(spi::state_store&, const spi::turn_record&, const spi::actor_image& held,
                     const spi::commit_result&)>
      after{};
};

/// Wraps a store that completes inline.
class tampered_store : public spi::state_store {
 public:
  tampered_store(std::shared_ptr<spi::state_store> good, tampering tampering)
      : good_(std::move(good)), tampering_(std::move(tampering)) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "tampered"; }

  [[nodiscard]] spi::store_limits limits() const noexcept override {
    spi::store_limits limits = good_->limits();
    limits.record_bytes_max = record_bytes_max;
    return limits;
  }

  [[nodiscard]] spi::store_capabilities capabilities() const noexcept override {
    spi::store_capabilities capabilities = good_->capabilities();
    if (tampering_.capabilities) tampering_.capabilities(capabilities);
    return capabilities;
  }

  void async_load(std::span<const actor_id> actors, std::function<void(std::vector<spi::load_result>)> done) override;
  void async_commit(std::span<const spi::turn_record> records,
                    std::function<void(std::vector<spi::commit_result>)> done) override;
  void async_list(spi::list_query query, std::function<void(spi::list_result)> done) override;
  void async_scan_due(spi::due_query query, std::function<void(spi::due_result)> done) override;
  void async_read_log(spi::log_query query, std::function<void(spi::log_result)> done) override;
  void async_read_items(spi::item_query query, std::function<void(spi::item_result)> done) override;
  void async_take_lease(std::string host, std::function<void(spi::lease_result)> done) override;
  void close() override { good_->close(); }

 protected:
  [[nodiscard]] spi::state_store& good() { return *good_; }

 private:
  std::shared_ptr<spi::state_store> good_;
  tampering tampering_;
};

}  // namespace troupe::contract
