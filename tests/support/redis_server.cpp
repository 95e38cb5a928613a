#include "support/redis_server.hpp"

#include <stdexcept>
#include <utility>

#include <hiredis/hiredis.h>

namespace troupe::testing_support {
namespace {

std::string text_of(const redisReply& reply) {
  switch (reply.type) {
    case REDIS_REPLY_INTEGER:
      return std::to_string(reply.integer);
    case REDIS_REPLY_ERROR:
      return "-" + std::string(reply.str, reply.len);
    case REDIS_REPLY_ARRAY: {
      std::string out;
      for (std::size_t i = 0; i < reply.elements; ++i) out += (i == 0 ? "" : " ") + text_of(*reply.element[i]);
      return out;
    }
    case REDIS_REPLY_NIL:
      return "";
    default:
      return {reply.str, reply.len};
  }
}

class connection {
 public:
  explicit connection(std::uint16_t port) : context_(redisConnectWithTimeout("127.0.0.1", port, {10, 0})) {
    if (context_ != nullptr && context_->err == 0) redisSetTimeout(context_, {10, 0});
  }
  ~connection() { redisFree(context_); }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  [[nodiscard]] bool is_good() const noexcept { return context_ != nullptr && context_->err == 0; }

  std::string run(const std::vector<std::string>& words) {
    if (!is_good()) return "-no connection";
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    for (const std::string& word : words) {
      texts.push_back(word.data());
      sizes.push_back(word.size());
    }
    auto* raw = static_cast<redisReply*>(
        redisCommandArgv(context_, static_cast<int>(words.size()), texts.data(), sizes.data()));
    if (raw == nullptr) return "-no answer";
    std::string text = text_of(*raw);
    freeReplyObject(raw);
    return text;
  }

 private:
  redisContext* context_;
};

}  // namespace

redis_server::redis_server(std::vector<std::string> settings, std::vector<std::string> launcher)
    : port_(free_port()), settings_(std::move(settings)), launcher_(std::move(launcher)) {
  start(true);
}

void redis_server::restart() { start(true); }
void redis_server::begin_restart() { start(false); }

void redis_server::start(bool waits) {
  const std::string folder = folder_.path().string();
  std::vector<std::string> command = launcher_;
  command.insert(command.end(),
                 {"redis-server", "--port", std::to_string(port_), "--bind", "127.0.0.1", "--unixsocket", socket_path(),
                  "--dir", folder, "--save", "", "--appendfsync", "always", "--enable-debug-command", "yes"});
  command.insert(command.end(), settings_.begin(), settings_.end());
  process_.start(command, folder_.path() / "log");
  if (!waits) return;
  process_.wait_until([this] {
    if (!accepts_connections(port_)) return false;
    const std::string answer = connection(port_).run({"PING"});
    return answer == "PONG" || answer.starts_with("-NOAUTH");
  });
}

std::string redis_server::run(const std::vector<std::string>& words, const std::string& password,
                              unsigned database) const {
  connection connection(port_);
  if (!password.empty()) connection.run({"AUTH", password});
  if (database != 0) connection.run({"SELECT", std::to_string(database)});
  return connection.run(words);
}

}  // namespace troupe::testing_support
