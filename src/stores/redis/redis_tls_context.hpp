#pragma once

#include <memory>
#include <string>

#include "troupe/stores/redis.hpp"

struct redisContext;

namespace troupe::internal {

/// What encrypted connections share: certificates and keys, read once. Without TLS it is empty.
/// Thread-safety: constant; one connection at a time is begun with it.
class redis_tls_context {
 public:
  /// Errors: `invalid_argument` (this build has no TLS, or a file cannot be read).
  explicit redis_tls_context(const stores::redis_options& options);
  ~redis_tls_context();
  redis_tls_context(const redis_tls_context&) = delete;
  redis_tls_context& operator=(const redis_tls_context&) = delete;

  /// Begins the encryption of a new connection; returns what is wrong with it, empty: nothing.
  [[nodiscard]] std::string secure(redisContext& connection) const;

  /// Returns what OpenSSL has found wrong on the calling thread, and forgets it; empty: nothing, or no TLS. What it
  /// remembers of a connection that failed would be taken for a failure of the next one.
  [[nodiscard]] static std::string take_problem();

 private:
  struct parts;
  std::unique_ptr<parts> parts_;  ///< null without TLS
};

}  // namespace troupe::internal
