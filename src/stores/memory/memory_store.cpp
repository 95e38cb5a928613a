#include <atomic>
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
  }

  [[nodiscard]] std::string_view name() const noexcept override { return "memory"; }
  [[nodiscard]] spi::store_limits limits() const noexcept override { return limits_; }

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
    for (const spi::turn_record& record : records) {
      results.push_back(closed_ ? spi::commit_result{spi::commit_status::unavailable, closed()}
                                : disk_->commit(record, limits_));
    }
    done(std::move(results));
  }

  void async_list(spi::list_query query, std::function<void(spi::list_result)> done) override {
    done(closed_ ? spi::list_result{spi::read_status::unavailable, closed(), {}} : disk_->list(query));
  }

  void async_scan_due(spi::due_query query, std::function<void(spi::due_result)> done) override {
    done(closed_ ? spi::due_result{spi::read_status::unavailable, closed(), {}} : disk_->scan_due(query));
  }

  void close() override { closed_ = true; }

 private:
  static std::string closed() { return std::string(closed_message); }

  // Constant after construction.
  std::shared_ptr<memory_disk> disk_;
  spi::store_limits limits_;

  std::atomic<bool> closed_ = false;
};

}  // namespace

std::shared_ptr<memory_disk> make_memory_disk() { return std::make_shared<memory_disk>(); }

std::shared_ptr<spi::state_store> memory_store(memory_options options) {
  return std::make_shared<memory_state_store>(std::move(options));
}

}  // namespace troupe::stores
