#include <memory>
#include <string>

#include "contract/closing_place.hpp"
#include "contract/drivers.hpp"
#include "support/cosmos_server.hpp"

namespace troupe::contract {
namespace {

/// A container of its own; the server, which keeps containers in memory, ends with the program.
class cosmos_place final : public closing_place {
 public:
  cosmos_place() : container_("contract-" + std::to_string(++places)) {}
  ~cosmos_place() override { close_all(); }

 private:
  [[nodiscard]] std::shared_ptr<spi::state_store> open_one() override {
    static const testing_support::cosmos_server server;
    auto options = server.options(container_);
    options.record_bytes_max = record_bytes_max;
    return stores::cosmos_store(options);
  }

  static inline int places = 0;
  const std::string container_;
};

}  // namespace

std::vector<driver> drivers() {
  return {{"CosmosDb", [] { return std::make_unique<cosmos_place>(); }}};
}

}  // namespace troupe::contract
