#include "contract/drivers.hpp"

#include <utility>

#include "support/temporary_folder.hpp"
#include "troupe/stores/memory.hpp"
#include "troupe/stores/sqlite.hpp"

namespace troupe::contract {
namespace {

/// Opens stores and closes them with the place.
class closing_place : public store_place {
 public:
  ~closing_place() override { close_all(); }

  [[nodiscard]] std::shared_ptr<spi::state_store> open() final {
    opened_.push_back(open_one());
    return opened_.back();
  }

 protected:
  void close_all() {
    for (const auto& store : opened_) store->close();
    opened_.clear();
  }

 private:
  [[nodiscard]] virtual std::shared_ptr<spi::state_store> open_one() = 0;

  std::vector<std::shared_ptr<spi::state_store>> opened_;
};

class memory_place final : public closing_place {
 private:
  [[nodiscard]] std::shared_ptr<spi::state_store> open_one() override {
    return stores::memory_store({disk_, record_bytes_max});
  }

  std::shared_ptr<stores::memory_disk> disk_ = stores::make_memory_disk();
};

class sqlite_place final : public closing_place {
 public:
  ~sqlite_place() override { close_all(); }

 private:
  [[nodiscard]] std::shared_ptr<spi::state_store> open_one() override {
    stores::sqlite_options options;
    options.path = (folder_.path() / "store.db").string();
    options.record_bytes_max = record_bytes_max;
    return stores::sqlite_store(options);
  }

  testing_support::temporary_folder folder_;
};

}  // namespace

driver memory_driver() {
  return {"Memory", [] { return std::make_unique<memory_place>(); }};
}

driver sqlite_driver() {
  return {"Sqlite", [] { return std::make_unique<sqlite_place>(); }};
}

std::vector<driver> drivers() { return {memory_driver(), sqlite_driver()}; }

}  // namespace troupe::contract
