#include "contract/drivers.hpp"

#include <utility>

#include "contract/closing_place.hpp"
#include "support/temporary_folder.hpp"
#include "troupe/stores/memory.hpp"
#include "troupe/stores/sqlite.hpp"

namespace troupe::contract {
namespace {

class memory_place final : public closing_place {
 public:
  explicit memory_place(std::size_t large_cell_bytes) : large_cell_bytes_(large_cell_bytes) {}
  ~memory_place() override { close_all(); }

 private:
  [[nodiscard]] std::shared_ptr<spi::state_store> open_one() override { return open_one_with(large_cell_bytes_); }
  [[nodiscard]] std::shared_ptr<spi::state_store> open_one_with(std::size_t large_cell_bytes) override {
    return stores::memory_store({disk_, record_bytes_max, large_cell_bytes});
  }

  const std::size_t large_cell_bytes_;
  std::shared_ptr<stores::memory_disk> disk_ = stores::make_memory_disk();
};

/// How a SQLite store keeps large cells.
struct cell_options {
  std::size_t large_cell_bytes = stores::sqlite_options{}.large_cell_bytes;
  std::size_t compress_bytes_min = 0;
};

class sqlite_place final : public closing_place {
 public:
  explicit sqlite_place(cell_options cells) : cells_(cells) {}
  ~sqlite_place() override { close_all(); }

 private:
  [[nodiscard]] std::shared_ptr<spi::state_store> open_one() override { return open_one_with(cells_.large_cell_bytes); }
  [[nodiscard]] std::shared_ptr<spi::state_store> open_one_with(std::size_t large_cell_bytes) override {
    stores::sqlite_options options;
    options.path = (folder_.path() / "store.db").string();
    options.record_bytes_max = record_bytes_max;
    options.large_cell_bytes = large_cell_bytes;
    options.compress_bytes_min = cells_.compress_bytes_min;
    return stores::sqlite_store(options);
  }

  const cell_options cells_;
  testing_support::temporary_folder folder_;
};

}  // namespace

std::vector<driver> drivers() {
  const std::size_t usual = stores::memory_options{}.large_cell_bytes;
  return {
      {"Memory", [usual] { return std::make_unique<memory_place>(usual); }},
      {"MemoryOfLargeCells", [] { return std::make_unique<memory_place>(0); }},
      {"Sqlite", [] { return std::make_unique<sqlite_place>(cell_options{}); }},
      {"SqliteOfLargeCells",
       [] {
         return std::make_unique<sqlite_place>(cell_options{0, 0});
       }},
      {"SqliteOfPackedCells",
       [] {
         return std::make_unique<sqlite_place>(cell_options{1, 1});
       }},
  };
}

}  // namespace troupe::contract
