#include "stores/redis/redis_opening.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "stores/redis/redis_answer.hpp"
#include "stores/redis/redis_client.hpp"
#include "troupe/base/error.hpp"

namespace troupe::internal {
namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20U;

bool is_plain(const std::string& name, std::size_t most) noexcept {
  return name.size() <= most && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
                  c == '-' || c == ':';
         });
}

/// Reads the number of the format, and writes it where there is none.
class format_check : public std::enable_shared_from_this<format_check> {
 public:
  format_check(std::shared_ptr<redis_client> client, std::string key)
      : client_(std::move(client)), key_(std::move(key)) {}

  void start() { ask({"GET", key_}); }

  /// Throws what was found. Requires: it is over.
  void finish() const {
    if (!problem_.empty()) throw error(code_, "Redis store: " + problem_);
  }

 private:
  void ask(redis_command command) {
    client_->call(redis_slot_of(key_), {std::move(command), {}},
                  [self = shared_from_this()](const redis_reply* reply, const redis_silence* silence) {
                    reply != nullptr ? self->take(*reply) : self->end(silence->code, silence->why);
                  });
  }

  void take(const redis_reply& reply) {
    const std::string& place = client_->place();
    if (reply.is_error()) {
      const redis_error found = read_error(reply.text);
      const bool is_replica = found.fault == redis_fault::read_only;
      const bool is_refused = found.fault == redis_fault::not_permitted || found.fault == redis_fault::damaged;
      end(is_refused ? errc::bad_state : errc::unavailable,
          place + (is_replica ? " is a replica, which takes no writes; name its master: " : ": ") + found.text);
    } else if (reply.what == redis_reply::kind::nothing && !is_written_) {
      is_written_ = true;
      ask({"SET", key_, std::to_string(redis_format), "NX"});
    } else if (reply.what != redis_reply::kind::text) {
      ask({"GET", key_});  // what stands there now, whoever wrote it
    } else {
      judge(reply.text);
    }
  }

  void judge(std::string_view text) {
    unsigned format = 0;
    const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), format);
    if (problem != std::errc{} || stop != text.data() + text.size() || format == 0) {
      end(errc::bad_state, "the key " + key_ + " in " + client_->place() +
                               " holds no number of a format; it is no troupe store, take another prefix");
    } else if (format > redis_format) {
      end(errc::bad_state, client_->place() + " holds a store of format " + std::to_string(format) +
                               ", this version reads up to " + std::to_string(redis_format) + "; take a newer troupe");
    } else {
      end(errc::bad_state, {});
    }
  }

  void end(errc code, std::string problem) {
    code_ = code;
    problem_ = std::move(problem);
    client_->close();
  }

  const std::shared_ptr<redis_client> client_;
  const std::string key_;
  bool is_written_ = false;
  errc code_ = errc::unavailable;
  std::string problem_ = "the server gave no answer";
};

}  // namespace

void check_redis_options(const stores::redis_options& options) {
  const auto refuse = [](const std::string& what) { throw error(errc::invalid_argument, "Redis store: " + what); };
  if (options.host.empty() && options.socket_path.empty()) refuse("neither host nor socket_path is given");
  if (options.host.find('\0') != std::string::npos) refuse("host contains a NUL byte");
  if (options.socket_path.size() > 100) refuse("socket_path is longer than 100 bytes, which no Unix socket can be");
  if (options.prefix.empty() || !is_plain(options.prefix, 64)) refuse("prefix is not 1 to 64 bytes of [A-Za-z0-9_.:-]");
  if (!is_plain(options.client_name, 64)) refuse("client_name is not up to 64 bytes of [A-Za-z0-9_.:-]");
  if (!options.user.empty() && options.password.empty()) refuse("user is given without a password");
  if (options.record_bytes_max == 0 || options.record_bytes_max > 256 * mebibyte) {
    refuse("record_bytes_max is not between 1 byte and 256 MiB");
  }
  if (options.connect_timeout.count() < 1) refuse("connect_timeout is below 1 ms");
  if (options.answer_timeout.count() < 1) refuse("answer_timeout is below 1 ms");
  if (options.waiting_records_max < 512) refuse("waiting_records_max is below 512");
  if (options.topology == stores::redis_topology::cluster && options.database != 0) {
    refuse("a cluster has only database 0");
  }
}

bool open_redis(const stores::redis_options& options, const redis_layout& layout) {
  boost::asio::io_context context(1);
  const auto client = std::make_shared<redis_client>(context.get_executor(), options);
  const auto check = std::make_shared<format_check>(client, layout.format_key());
  check->start();
  context.run();
  check->finish();
  return client->is_cluster() || options.topology == stores::redis_topology::cluster;
}

}  // namespace troupe::internal
