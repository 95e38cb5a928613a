#include <atomic>
#include <mutex>
#include <string>
#include <utility>

#include "stores/memory/memory_disk.hpp"
#include "troupe/stores/memory.hpp"

namespace troupe::stores {
namespace {

constexpr std::string_view closed_message = "the memory store is closed";

class memory_state_store final : public spi::state_store {
 public:
  explicit memory_state_store(memory_options options)
      : disk_(options.disk ? std::move(options.disk) : make_memory_disk()) {
    limits_.record_bytes_max = options.record_bytes_max;
    limits_.large_cell_bytes = options.large_cell_bytes;
  }

  [[nodiscard]] std::string_view name() const noexcept override { return "memory"; }
  [[nodiscard]] spi::store_limits limits() const noexcept override { return limits_; }
  [[nodiscard]] spi::store_capabilities capabilities() const noexcept override {
    return {.host_leases = true, .consistent_scans = true, .durable = false};
  }

  void async_load(std::span<const actor_id> actors, std::function<void(std::vector<spi::load_result>)> done) override {
    std::vector<spi::load_result> results;
    results.reserve(actors.size());
    for (const actor_id& actor : actors) {
      results.push_back(closed_ ? internal::load_of_nothing(actor, spi::read_status::unavailable, closed())
                                : disk_->load(actor));
    }
    done(std::move(results));
  }

  void async_commit(std::span<const spi::turn_record> records,
                    std::function<void(std::vector<spi::commit_result>)> done) override {
    std::vector<spi::commit_result> results;
    results.reserve(records.size());
    const held_lease lease = this->lease();
    for (const spi::turn_record& record : records) {
      results.push_back(closed_ ? spi::commit_result{spi::commit_status::unavailable, closed()}
                                : disk_->commit(record, limits_, lease));
    }
    done(std::move(results));
  }

  void async_list(spi::list_query query, std::function<void(spi::list_result)> done) override {
    done(closed_ ? spi::list_result{spi::read_status::unavailable, closed(), {}} : disk_->list(query));
  }

  void async_scan_due(spi::due_query query, std::function<void(spi::due_result)> done) override {
    done(closed_ ? spi::due_result{spi::read_status::unavailable, closed(), {}} : disk_->scan_due(query));
  }

  void async_read_log(spi::log_query query, std::function<void(spi::log_result)> done) override {
    done(closed_ ? spi::log_result{spi::read_status::unavailable, closed(), {}} : disk_->read_log(query));
  }

  void async_read_items(spi::item_query query, std::function<void(spi::item_result)> done) override {
    done(closed_ ? spi::item_result{spi::read_status::unavailable, closed(), {}, false} : disk_->read_items(query));
  }

  void async_take_lease(std::string host, std::function<void(spi::lease_result)> done) override {
    done(take_lease(host));
  }

  void close() override { closed_ = true; }

 private:
  static std::string closed() { return std::string(closed_message); }

  [[nodiscard]] held_lease lease() const {
    const std::lock_guard lock(mutex_);
    return lease_;
  }

  spi::lease_result take_lease(const std::string& host) {
    if (closed_) return {spi::read_status::unavailable, closed(), 0};
    if (auto bad = internal::refused_lease(host)) return {spi::read_status::unavailable, *std::move(bad), 0};
    const std::uint64_t epoch = disk_->take_lease(host);
    const std::lock_guard lock(mutex_);
    lease_ = {host, epoch};
    return {spi::read_status::ok, {}, epoch};
  }

  // Constant after construction.
  std::shared_ptr<memory_disk> disk_;
  spi::store_limits limits_;

  std::atomic<bool> closed_ = false;
  mutable std::mutex mutex_;
  held_lease lease_;  // guarded by mutex_
};

}  // namespace

std::shared_ptr<memory_disk> make_memory_disk() { return std::make_shared<memory_disk>(); }

std::shared_ptr<spi::state_store> memory_store(memory_options options) {
  return std::make_shared<memory_state_store>(std::move(options));
}

}  // namespace troupe::stores
