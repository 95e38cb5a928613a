#include <stdexcept>

#include <hiredis/hiredis.h>

#include "raw_library.hpp"
#include "troupe/stores/redis.hpp"

namespace bench {
namespace {

constexpr const char* script = R"(
for i = 1, #KEYS do
  if (redis.call('HGET', KEYS[i], 'v') or '0') ~= ARGV[3 * i - 2] then return i end
end
for i = 1, #KEYS do redis.call('HSET', KEYS[i], 'v', ARGV[3 * i - 1], 'd', ARGV[3 * i]) end
return 0)";

/// One script call for a batch, which checks all versions and then writes.
class raw_redis final : public raw_connection {
 public:
  explicit raw_redis(const troupe::stores::redis_options& where) {
    server_ = where.socket_path.empty() ? redisConnect(where.host.c_str(), where.port)
                                        : redisConnectUnix(where.socket_path.c_str());
    if (server_ == nullptr || server_->err != 0) throw std::runtime_error("hiredis itself cannot connect");
    if (!where.password.empty()) {
      where.user.empty() ? command({"AUTH", where.password}) : command({"AUTH", where.user, where.password});
    }
    command({"SELECT", std::to_string(where.database)});
    script_ = command({"SCRIPT", "LOAD", script});
    // Rows of an earlier run.
    command({"EVAL",
             "local c = '0' repeat local r = redis.call('SCAN', c, 'MATCH', 'bench-raw:*', 'COUNT', 1000) c = r[1] "
             "for _, k in ipairs(r[2]) do redis.call('UNLINK', k) end until c == '0' return 0",
             "0"});
  }
  ~raw_redis() override { redisFree(server_); }

  void write(std::span<const raw_row> rows) override {
    std::vector<std::string> words{"EVALSHA", script_, std::to_string(rows.size())};
    for (const raw_row& row : rows) words.push_back("bench-raw:" + row.key);
    for (const raw_row& row : rows) {
      words.push_back(std::to_string(row.version));
      words.push_back(std::to_string(row.version + 1));
      words.push_back(row.document);
    }
    if (command(words) != "0") throw std::runtime_error("a row of Redis has another version");
  }

 private:
  std::string command(const std::vector<std::string>& words) {
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    for (const std::string& word : words) {
      texts.push_back(word.data());
      sizes.push_back(word.size());
    }
    const std::unique_ptr<redisReply, void (*)(void*)> reply(
        static_cast<redisReply*>(redisCommandArgv(server_, static_cast<int>(texts.size()), texts.data(), sizes.data())),
        freeReplyObject);
    if (!reply) throw std::runtime_error(std::string("hiredis itself: ") + server_->errstr);
    if (reply->type == REDIS_REPLY_ERROR) throw std::runtime_error(std::string("hiredis itself: ") + reply->str);
    return reply->type == REDIS_REPLY_INTEGER ? std::to_string(reply->integer) : std::string(reply->str, reply->len);
  }

  redisContext* server_ = nullptr;
  std::string script_;
};

}  // namespace

std::unique_ptr<raw_connection> open_raw_redis(const std::string& uri) {
  return std::make_unique<raw_redis>(troupe::stores::parse_redis_uri(uri));
}

}  // namespace bench
