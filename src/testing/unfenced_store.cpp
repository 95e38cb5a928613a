#include "testing/unfenced_store.hpp"

#include <utility>
#include <vector>

namespace troupe::testing {
namespace {

class unfenced_store final : public spi::state_store {
 public:
  explicit unfenced_store(std::shared_ptr<spi::state_store> beneath) : beneath_(std::move(beneath)) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "unfenced"; }
  [[nodiscard]] spi::store_limits limits() const noexcept override { return beneath_->limits(); }
  [[nodiscard]] spi::store_capabilities capabilities() const noexcept override { return beneath_->capabilities(); }

  void async_load(std::span<const actor_id> actors, std::function<void(std::vector<spi::load_result>)> done) override {
    beneath_->async_load(actors, std::move(done));
  }

  void async_commit(std::span<const spi::turn_record> records,
                    std::function<void(std::vector<spi::commit_result>)> done) override {
    std::vector<spi::turn_record> forced(records.begin(), records.end());
    std::vector<actor_id> actors;
    actors.reserve(forced.size());
    for (const auto& record : forced) actors.push_back(record.actor);
    beneath_->async_load(actors, [&](std::vector<spi::load_result> loaded) {
      for (std::size_t i = 0; i < forced.size(); ++i) {
        forced[i].expected = loaded[i].image.stamp;
        if (forced[i].next.version <= forced[i].expected.version) {
          forced[i].next.version = forced[i].expected.version + 1;
        }
      }
    });
    beneath_->async_commit(forced, std::move(done));
  }

  void async_list(spi::list_query query, std::function<void(spi::list_result)> done) override {
    beneath_->async_list(std::move(query), std::move(done));
  }
  void async_scan_due(spi::due_query query, std::function<void(spi::due_result)> done) override {
    beneath_->async_scan_due(std::move(query), std::move(done));
  }
  void async_read_log(spi::log_query query, std::function<void(spi::log_result)> done) override {
    beneath_->async_read_log(std::move(query), std::move(done));
  }
  void async_read_items(spi::item_query query, std::function<void(spi::item_result)> done) override {
    beneath_->async_read_items(std::move(query), std::move(done));
  }
  void async_take_lease(std::string host, std::function<void(spi::lease_result)> done) override {
    beneath_->async_take_lease(std::move(host), std::move(done));
  }
  void close() override { beneath_->close(); }

 private:
  std::shared_ptr<spi::state_store> beneath_;
};

}  // namespace

std::shared_ptr<spi::state_store> make_unfenced_store(std::shared_ptr<spi::state_store> beneath) {
  return std::make_shared<unfenced_store>(std::move(beneath));
}

}  // namespace troupe::testing
