#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "support/server_process.hpp"
#include "support/temporary_folder.hpp"
#include "troupe/stores/dynamodb.hpp"

namespace troupe::testing_support {

/// An emulator of DynamoDB that keeps its tables in memory. What it lacks of the real one: items do not expire
/// (`UpdateTimeToLive` is unknown to it), there are no transactions, any credentials and signatures are accepted,
/// indexes never lag behind, and nothing is ever throttled.
class dynalite_server {
 public:
  dynalite_server() { start(); }

  /// One that speaks TLS, with a key and certificate of its own for `host`: "IP:127.0.0.1" or "DNS:some.name".
  explicit dynalite_server(const std::string& host) : tls_(true) {
    run_to_end({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test",
                "-addext", "subjectAltName=" + host, "-keyout", file("key.pem"), "-out", certificate()},
               folder_.path() / "openssl_log");
    start();
  }

  /// Starts it anew on the same port, without tables.
  void start() {
    // Its command line knows no certificate but its own, which has expired.
    std::string script = "const read = require('fs').readFileSync; require('" TROUPE_CLOUD_SERVERS
                         "/node_modules/dynalite')({createTableMs: 20";
    if (tls_) script += ", ssl: true, key: read('" + file("key.pem") + "'), cert: read('" + certificate() + "')";
    script += "}).listen(" + std::to_string(port_) + ", '127.0.0.1')";
    process_.start({TROUPE_NODE, "-e", script}, folder_.path() / "log");
    process_.wait_until([this] { return accepts_connections(port_); });
  }

  void kill() { process_.kill(); }

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  /// The certificate to trust, as a PEM file.
  [[nodiscard]] std::string certificate() const { return file("certificate.pem"); }

  /// Returns options of a store in a table of this server, which is created.
  [[nodiscard]] stores::dynamodb_options options(const std::string& table) const {
    stores::dynamodb_options options;
    options.table = table;
    options.region = "eu-central-1";
    options.credentials = {"AKIDEXAMPLE", "secret/example+key", {}};
    options.host = "127.0.0.1";
    options.port = port_;
    options.tls = tls_;
    options.create = true;
    return options;
  }

 private:
  [[nodiscard]] std::string file(const std::string& name) const { return (folder_.path() / name).string(); }

  const bool tls_ = false;
  temporary_folder folder_;
  std::uint16_t port_ = free_port();
  server_process process_;
};

}  // namespace troupe::testing_support
