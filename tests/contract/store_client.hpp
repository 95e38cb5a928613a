#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "troupe/spi/state_store.hpp"

namespace troupe::contract {

/// The result of one operation under way, and how often it was reported.
/// Thread-safety: any thread.
template <typename Result>
class pending {
 public:
  /// Returns the completion to hand to the store; it outlives this object.
  [[nodiscard]] auto completion() const {
    return [state = state_](Result result) {
      const std::lock_guard lock(state->mutex);
      state->result = std::move(result);
      ++state->completions;
      state->changed.notify_all();
    };
  }

  /// Blocks until the store reports.
  [[nodiscard]] Result get() const {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(lock, [this] { return state_->completions > 0; });
    return *state_->result;
  }

  [[nodiscard]] std::size_t completions() const {
    const std::lock_guard lock(state_->mutex);
    return state_->completions;
  }

 private:
  struct shared {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<Result> result;
    std::size_t completions = 0;
  };
  std::shared_ptr<shared> state_ = std::make_shared<shared>();
};

/// A store whose operations wait for their result.
class store_client {
 public:
  explicit store_client(std::shared_ptr<spi::state_store> store) : store_(std::move(store)) {}

  [[nodiscard]] spi::state_store& store() const { return *store_; }

  [[nodiscard]] std::vector<spi::commit_result> commit(std::span<const spi::turn_record> records) const {
    const pending<std::vector<spi::commit_result>> result;
    store_->async_commit(records, result.completion());
    return result.get();
  }

  [[nodiscard]] spi::commit_result commit(const spi::turn_record& record) const {
    return commit(std::span(&record, 1)).at(0);
  }

  [[nodiscard]] spi::commit_status status_of(const spi::turn_record& record) const { return commit(record).status; }

  [[nodiscard]] std::vector<spi::load_result> load(std::span<const actor_id> actors) const {
    const pending<std::vector<spi::load_result>> result;
    store_->async_load(actors, result.completion());
    return result.get();
  }

  [[nodiscard]] spi::load_result load(const actor_id& actor) const { return load(std::span(&actor, 1)).at(0); }

  [[nodiscard]] spi::list_result list(spi::list_query query) const {
    const pending<spi::list_result> result;
    store_->async_list(std::move(query), result.completion());
    return result.get();
  }

  [[nodiscard]] spi::due_result scan_due(spi::due_query query) const {
    const pending<spi::due_result> result;
    store_->async_scan_due(std::move(query), result.completion());
    return result.get();
  }

  [[nodiscard]] spi::log_result read_log(spi::log_query query) const {
    const pending<spi::log_result> result;
    store_->async_read_log(std::move(query), result.completion());
    return result.get();
  }

  [[nodiscard]] spi::item_result read_items(spi::item_query query) const {
    const pending<spi::item_result> result;
    store_->async_read_items(std::move(query), result.completion());
    return result.get();
  }

  [[nodiscard]] spi::lease_result take_lease(std::string host) const {
    const pending<spi::lease_result> result;
    store_->async_take_lease(std::move(host), result.completion());
    return result.get();
  }

 private:
  std::shared_ptr<spi::state_store> store_;
};

}  // namespace troupe::contract
