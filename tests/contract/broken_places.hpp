#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "contract/broken_stores.hpp"
#include "contract/tampered_store.hpp"
#include "troupe/stores/memory.hpp"

namespace troupe::contract {

/// Opens memory stores on one disk, each wrapped by `Wrap`.
template <typename Wrap>
class broken_place final : public store_place {
 public:
  explicit broken_place(Wrap wrap, std::size_t bytes_max) : wrap_(std::move(wrap)), bytes_max_(bytes_max) {}

  [[nodiscard]] std::shared_ptr<spi::state_store> open() override {
    return open_with(stores::memory_options{}.large_cell_bytes);
  }
  [[nodiscard]] std::shared_ptr<spi::state_store> open_with(std::size_t large_cell_bytes) override {
    return wrap_(stores::memory_store({disk_, bytes_max_, large_cell_bytes}));
  }

 private:
  Wrap wrap_;
  std::size_t bytes_max_;
  std::shared_ptr<stores::memory_disk> disk_ = stores::make_memory_disk();
};

/// Returns a driver whose stores `wrap` breaks. `bytes_max` is the true limit of the store beneath.
template <typename Wrap>
[[nodiscard]] broken_driver broken_by(std::string fault, std::string noticed_by, Wrap wrap,
                                      std::size_t bytes_max = record_bytes_max) {
  return {std::move(fault), std::move(noticed_by),
          [wrap, bytes_max] { return std::make_unique<broken_place<Wrap>>(wrap, bytes_max); }};
}

[[nodiscard]] inline broken_driver tampered(std::string fault, std::string noticed_by, const tampering& tampering,
                                            std::size_t bytes_max = record_bytes_max) {
  const auto wrap = [tampering](std::shared_ptr<spi::state_store> good) {
    return std::make_shared<tampered_store>(std::move(good), tampering);
  };
  return broken_by(std::move(fault), std::move(noticed_by), wrap, bytes_max);
}

/// Returns a driver whose stores are of a class that wraps a good one.
template <typename Store>
[[nodiscard]] broken_driver broken_class(std::string fault, std::string noticed_by) {
  const auto wrap = [](std::shared_ptr<spi::state_store> good) {
    return std::make_shared<Store>(std::move(good), tampering{});
  };
  return broken_by(std::move(fault), std::move(noticed_by), wrap);
}

}  // namespace troupe::contract
