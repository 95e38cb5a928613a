#include <string>
#include <utility>

#include "contract/closing_place.hpp"
#include "contract/drivers.hpp"
#include "support/redis_tls_server.hpp"

namespace troupe::contract {
namespace {

testing_support::redis_tls_server& server() {
  static testing_support::redis_tls_server one;
  return one;
}

/// A prefix of its own, over TLS.
class tls_place final : public closing_place {
 public:
  tls_place() : options_(server().options()) {
    static int places = 0;
    options_.prefix = "place" + std::to_string(++places);
    options_.record_bytes_max = record_bytes_max;
  }
  ~tls_place() override {
    close_all();
    server().server().run({"FLUSHALL"});
  }

 private:
  [[nodiscard]] std::shared_ptr<spi::state_store> open_one() override { return stores::redis_store(options_); }

  stores::redis_options options_;
};

}  // namespace

std::vector<driver> drivers() {
  return {{"RedisTls", [] { return std::make_unique<tls_place>(); }}};
}

}  // namespace troupe::contract
