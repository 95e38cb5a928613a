#include <memory>
#include <string>

#include "contract/closing_place.hpp"
#include "contract/drivers.hpp"
#include "support/dynalite_server.hpp"

namespace troupe::contract {
namespace {

/// A table of its own; the server, which keeps tables in memory, ends with the program.
class dynamodb_place final : public closing_place {
 public:
  dynamodb_place() : table_("contract-" + std::to_string(++places)) {}
  ~dynamodb_place() override { close_all(); }

 private:
  [[nodiscard]] std::shared_ptr<spi::state_store> open_one() override {
    static const testing_support::dynalite_server server;
    auto options = server.options(table_);
    options.record_bytes_max = record_bytes_max;
    return stores::dynamodb_store(options);
  }

  static inline int places = 0;
  const std::string table_;
};

}  // namespace

std::vector<driver> drivers() {
  return {{"DynamoDb", [] { return std::make_unique<dynamodb_place>(); }}};
}

}  // namespace troupe::contract
