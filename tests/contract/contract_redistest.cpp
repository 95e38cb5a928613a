#include <utility>

#include "contract/closing_place.hpp"
#include "contract/drivers.hpp"
#include "support/redis_cluster.hpp"
#include "support/redis_server.hpp"
#include "troupe/stores/redis.hpp"

namespace troupe::contract {
namespace {

/// One server, and one cluster, for all places of the program: they end with it.
testing_support::redis_server& server() {
  static testing_support::redis_server one({"--appendonly", "yes"});
  return one;
}
testing_support::redis_cluster& cluster() {
  static testing_support::redis_cluster one;
  return one;
}

/// A prefix of its own.
class redis_place : public closing_place {
 public:
  explicit redis_place(stores::redis_options options) : options_(std::move(options)) {
    static int places = 0;
    options_.prefix = "place" + std::to_string(++places);
    options_.record_bytes_max = record_bytes_max;
  }

 private:
  [[nodiscard]] std::shared_ptr<spi::state_store> open_one() override { return stores::redis_store(options_); }

  stores::redis_options options_;
};

class server_place final : public redis_place {
 public:
  server_place() : redis_place({.port = server().port()}) {}
  ~server_place() override {
    close_all();
    server().run({"FLUSHALL"});
  }
};

/// Compresses what it can, beside having its shards on three servers.
class cluster_place final : public redis_place {
 public:
  cluster_place() : redis_place({.port = cluster().master(0).port(), .compress_bytes_min = 1000}) {}
  ~cluster_place() override {
    close_all();
    cluster().run_everywhere({"FLUSHALL"});
  }
};

}  // namespace

std::vector<driver> drivers() {
  return {{"Redis", [] { return std::make_unique<server_place>(); }},
          {"RedisCluster", [] { return std::make_unique<cluster_place>(); }}};
}

}  // namespace troupe::contract
