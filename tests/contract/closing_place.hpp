#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "contract/state_store_contract.hpp"

namespace troupe::contract {

/// Opens stores and closes them with the place: a derived class calls `close_all` in its destructor.
class closing_place : public store_place {
 public:
  [[nodiscard]] std::shared_ptr<spi::state_store> open() final {
    opened_.push_back(open_one());
    return opened_.back();
  }
  [[nodiscard]] std::shared_ptr<spi::state_store> open_with(std::size_t large_cell_bytes) final {
    opened_.push_back(open_one_with(large_cell_bytes));
    return opened_.back();
  }

 protected:
  void close_all() {
    for (const auto& store : opened_) store->close();
    opened_.clear();
  }

 private:
  [[nodiscard]] virtual std::shared_ptr<spi::state_store> open_one() = 0;
  [[nodiscard]] virtual std::shared_ptr<spi::state_store> open_one_with(std::size_t /*large_cell_bytes*/) {
    return open_one();
  }

  std::vector<std::shared_ptr<spi::state_store>> opened_;
};

}  // namespace troupe::contract
