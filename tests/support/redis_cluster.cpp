#include "support/redis_cluster.hpp"

#include <chrono>
#include <stdexcept>

#include "support/server_process.hpp"

namespace troupe::testing_support {
namespace {

constexpr unsigned slots = 16384;

/// First slot of a master; that of the one behind the last is the number of slots.
unsigned first_slot(std::size_t master) noexcept {
  return static_cast<unsigned>(slots * master / redis_cluster::masters);
}

}  // namespace

redis_cluster::redis_cluster() {
  std::vector<std::string> bus_ports;
  for (std::size_t i = 0; i < masters; ++i) {
    bus_ports.push_back(std::to_string(free_port()));
    servers_.push_back(std::make_unique<redis_server>(
        std::vector<std::string>{"--appendonly", "yes", "--cluster-enabled", "yes", "--cluster-port", bus_ports.back(),
                                 "--cluster-node-timeout", "2000"}));
  }
  for (std::size_t i = 0; i < masters; ++i) {
    const redis_server& server = *servers_[i];
    const std::string added =
        server.run({"CLUSTER", "ADDSLOTSRANGE", std::to_string(first_slot(i)), std::to_string(first_slot(i + 1) - 1)});
    // Each has an epoch of its own from the start, or they would have to find out who is who first.
    server.run({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)});
    if (added != "OK") throw std::runtime_error("the slots of a cluster cannot be given out: " + added);
    if (i > 0) server.run({"CLUSTER", "MEET", "127.0.0.1", std::to_string(servers_[0]->port()), bus_ports[0]});
  }
  for (const auto& server : servers_) {
    server->process().wait_until(
        [&] {
          const std::string info = server->run({"CLUSTER", "INFO"});
          return info.find("cluster_state:ok") != std::string::npos &&
                 info.find("cluster_slots_assigned:16384") != std::string::npos &&
                 info.find("cluster_known_nodes:3") != std::string::npos;
        },
        std::chrono::seconds(30));
  }
}

std::size_t redis_cluster::owner_of(unsigned slot) const noexcept {
  std::size_t owner = masters - 1;
  while (first_slot(owner) > slot) --owner;
  return owner;
}

void redis_cluster::run_everywhere(const std::vector<std::string>& words) {
  for (const auto& server : servers_) server->run(words);
}

}  // namespace troupe::testing_support
