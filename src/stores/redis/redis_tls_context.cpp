#include "stores/redis/redis_tls_context.hpp"

#include <hiredis/hiredis.h>

#include "troupe/base/error.hpp"

#ifdef TROUPE_REDIS_TLS
#include <hiredis/hiredis_ssl.h>
#include <openssl/err.h>
#endif

namespace troupe::internal {

#ifdef TROUPE_REDIS_TLS

struct redis_tls_context::parts {
  redisSSLContext* context = nullptr;

  parts() = default;
  ~parts() { redisFreeSSLContext(context); }
  parts(const parts&) = delete;
  parts& operator=(const parts&) = delete;
};

redis_tls_context::redis_tls_context(const stores::redis_options& options) {
  if (options.tls == stores::redis_tls::off) return;
  const auto given = [](const std::string& text) { return text.empty() ? nullptr : text.c_str(); };
  redisInitOpenSSL();
  redisSSLContextError problem = REDIS_SSL_CTX_NONE;
  parts_ = std::make_unique<parts>();
  const std::string& name = options.tls_server_name.empty() ? options.host : options.tls_server_name;
  const char* folder = options.tls_ca_file.empty() ? "/etc/ssl/certs" : nullptr;
  parts_->context = redisCreateSSLContext(given(options.tls_ca_file), folder, given(options.tls_certificate_file),
                                          given(options.tls_key_file), name.c_str(), &problem);
  if (parts_->context == nullptr) {
    throw error(errc::invalid_argument, std::string("Redis store: TLS cannot be set up: ") +
                                            redisSSLContextGetError(problem) +
                                            "; check tls_ca_file, tls_certificate_file and tls_key_file");
  }
}

std::string redis_tls_context::secure(redisContext& connection) const {
  if (!parts_ || redisInitiateSSLWithContext(&connection, parts_->context) == REDIS_OK) return {};
  return connection.errstr;
}

std::string redis_tls_context::take_problem() {
  const unsigned long problem = ERR_peek_last_error();
  ERR_clear_error();
  const char* text = problem == 0 ? nullptr : ERR_reason_error_string(problem);
  return text == nullptr ? std::string() : "TLS: " + std::string(text);
}

#else

struct redis_tls_context::parts {};

std::string redis_tls_context::take_problem() { return {}; }

redis_tls_context::redis_tls_context(const stores::redis_options& options) {
  if (options.tls == stores::redis_tls::off) return;
  throw error(
      errc::invalid_argument,
      "Redis store: TLS is asked for, but this build of troupe has none: it needs hiredis 1.0 or later with its "
      "hiredis_ssl library; build with that, or let a proxy (stunnel) encrypt the connection");
}

std::string redis_tls_context::secure(redisContext& /*connection*/) const { return {}; }

#endif

redis_tls_context::~redis_tls_context() = default;

}  // namespace troupe::internal
