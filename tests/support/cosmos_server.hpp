#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/server_process.hpp"
#include "support/temporary_folder.hpp"
#include "troupe/stores/cosmos.hpp"

namespace troupe::testing_support {

/// An emulator of Cosmos DB that keeps its containers in memory. What it lacks of the real one: documents do not
/// expire, any key and signature is accepted, nothing is ever throttled or too large, every read is consistent, it
/// closes each connection behind its answer, and it answers 500 for a missing document unless the request says that it
/// may look into all partitions.
class cosmos_server {
 public:
  explicit cosmos_server(bool tls = false) : tls_(tls) { start(); }

  /// Starts it anew on the same port, without containers.
  void start() {
    std::vector<std::string> command{
        TROUPE_NODE, TROUPE_CLOUD_SERVERS "/node_modules/@vercel/cosmosdb-server/lib/cli.js",
        "--host",    "127.0.0.1",
        "--port",    std::to_string(port_)};
    if (!tls_) command.push_back("--no-ssl");
    process_.start(command, folder_.path() / "log");
    process_.wait_until([this] { return accepts_connections(port_); });
  }

  void kill() { process_.kill(); }

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  /// Returns options of a store in a container of this server, which is created.
  [[nodiscard]] stores::cosmos_options options(const std::string& container) const {
    stores::cosmos_options options;
    options.host = "127.0.0.1";
    options.port = port_;
    options.account_key = "c2VjcmV0K2tleS9vZi90aGUvYWNjb3VudA==";
    options.database = "troupe";
    options.container = container;
    options.tls = tls_;
    options.create = true;
    return options;
  }

 private:
  const bool tls_;
  temporary_folder folder_;
  std::uint16_t port_ = free_port();
  server_process process_;
};

}  // namespace troupe::testing_support
