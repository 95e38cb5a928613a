#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "support/redis_server.hpp"
#include "troupe/stores/redis.hpp"

namespace troupe::testing_support {

/// A Redis server that speaks TLS on one more port, with an authority of its own, and asks its clients for a
/// certificate by that authority.
class redis_tls_server {
 public:
  redis_tls_server() {
    certify("authority", {}, "/CN=authority");
    certify("server", "authority", "/CN=127.0.0.1");
    certify("client", "authority", "/CN=client");
    certify("stranger", {}, "/CN=authority");  // another authority of the same name
    server_ = std::make_unique<redis_server>(
        std::vector<std::string>{"--tls-port", std::to_string(port_), "--tls-cert-file", file("server.pem"),
                                 "--tls-key-file", file("server.key"), "--tls-ca-cert-file", file("authority.pem"),
                                 "--tls-auth-clients", "yes", "--appendonly", "yes"});
  }

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] redis_server& server() noexcept { return *server_; }
  /// The certificate or key of the `authority`, the `server`, a `client`, or a `stranger` who is no authority of
  /// theirs.
  [[nodiscard]] std::string file(const std::string& name) const { return (folder_.path() / name).string(); }

  /// Options with which the server lets a client in.
  [[nodiscard]] stores::redis_options options() const {
    stores::redis_options made;
    made.port = port_;
    made.tls = stores::redis_tls::on;
    made.tls_ca_file = file("authority.pem");
    made.tls_certificate_file = file("client.pem");
    made.tls_key_file = file("client.key");
    return made;
  }

 private:
  /// Makes a key and a certificate by `authority`; by itself where that is empty.
  void certify(const std::string& name, const std::string& authority, const std::string& subject) {
    std::vector<std::string> request{"openssl", "req",   "-new",    "-newkey",           "rsa:2048", "-nodes",
                                     "-subj",   subject, "-keyout", file(name + ".key"), "-out"};
    if (authority.empty()) {
      request.insert(request.end(), {file(name + ".pem"), "-x509", "-days", "2"});
      run_to_end(request, folder_.path() / "log");
      return;
    }
    request.push_back(file(name + ".csr"));
    run_to_end(request, folder_.path() / "log");
    run_to_end({"openssl", "x509", "-req", "-in", file(name + ".csr"), "-CA", file(authority + ".pem"), "-CAkey",
                file(authority + ".key"), "-CAcreateserial", "-days", "2", "-out", file(name + ".pem")},
               folder_.path() / "log");
  }

  temporary_folder folder_;
  std::uint16_t port_ = free_port();
  std::unique_ptr<redis_server> server_;
};

}  // namespace troupe::testing_support
