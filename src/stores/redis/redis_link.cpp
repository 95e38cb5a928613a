#include "stores/redis/redis_link.hpp"

#include <csignal>
#include <ctime>
#include <utility>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>

namespace troupe::internal {
namespace {

namespace asio = boost::asio;

redis_reply view_of(const redisReply& raw) {
  redis_reply reply;
  switch (raw.type) {
    case REDIS_REPLY_INTEGER:
      reply.what = redis_reply::kind::number;
      reply.number = raw.integer;
      break;
    case REDIS_REPLY_ARRAY:
      reply.what = redis_reply::kind::list;
      reply.items.reserve(raw.elements);
      for (std::size_t i = 0; i < raw.elements; ++i) reply.items.push_back(view_of(*raw.element[i]));
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:
      reply.what = raw.type == REDIS_REPLY_STRING   ? redis_reply::kind::text
                   : raw.type == REDIS_REPLY_STATUS ? redis_reply::kind::status
                                                    : redis_reply::kind::error;
      reply.text = std::string_view(raw.str, raw.len);
      break;
    default:
      break;
  }
  return reply;
}

/// Keeps a write to a closed connection from ending the program: hiredis writes without `MSG_NOSIGNAL`.
class no_pipe_signal {
 public:
  no_pipe_signal() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    was_pending_ = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &mask_before_);
  }
  ~no_pipe_signal() {
    constexpr timespec at_once{};
    if (!was_pending_) sigtimedwait(&pipe_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
  }
  no_pipe_signal(const no_pipe_signal&) = delete;
  no_pipe_signal& operator=(const no_pipe_signal&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t mask_before_{};
  bool was_pending_ = false;
};

/// Returns what went wrong with a connection, for people.
std::string problem_of(const redisContext& context) {
  if (std::string problem = redis_tls_context::take_problem(); !problem.empty()) return problem;
  // Where a library beneath failed without setting errno, hiredis has the text of "no error".
  const std::string_view text = context.errstr;
  return text.empty() || text == "Success" ? std::string("the connection was closed") : std::string(text);
}

}  // namespace

/// What hiredis and Asio call. hiredis owns the socket: the descriptor only waits for it.
struct redis_link::machinery {
  explicit machinery(const asio::any_io_executor& executor) : descriptor(executor) {}

  asio::posix::stream_descriptor descriptor;
  redisAsyncContext* context = nullptr;  ///< null: not begun, or over
  std::function<void(const std::string& why)> connected;
  std::function<void(const std::string& why)> lost;
  std::weak_ptr<redis_link> link;
  bool is_reading = false;  ///< hiredis wants to know when something can be read
  bool is_writing = false;
  bool waits_to_read = false;  ///< Asio waits for it
  bool waits_to_write = false;

  static machinery& of(void* self) noexcept { return *static_cast<machinery*>(self); }
  static machinery& of(const redisAsyncContext* context) noexcept { return *static_cast<machinery*>(context->ev.data); }

  void wait_to_read() {
    if (!is_reading || waits_to_read) return;
    waits_to_read = true;
    descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                          [link = link.lock(), this](const boost::system::error_code& error) {
                            waits_to_read = false;
                            if (error || context == nullptr || !is_reading) return;
                            {
                              const no_pipe_signal guard;
                              redisAsyncHandleRead(context);
                            }
                            if (context != nullptr) wait_to_read();
                          });
  }

  void wait_to_write() {
    if (!is_writing || waits_to_write) return;
    waits_to_write = true;
    descriptor.async_wait(asio::posix::stream_descriptor::wait_write,
                          [link = link.lock(), this](const boost::system::error_code& error) {
                            waits_to_write = false;
                            if (error || context == nullptr || !is_writing) return;
                            {
                              const no_pipe_signal guard;
                              redisAsyncHandleWrite(context);
                            }
                            if (context != nullptr) wait_to_write();
                          });
  }

  /// Forgets the context, whose socket hiredis closes next.
  void end() {
    context = nullptr;
    is_reading = is_writing = false;
    if (descriptor.is_open()) descriptor.release();
  }

  /// Told behind whatever is under way: hiredis may be in the middle of freeing the context.
  void tell(std::function<void(const std::string& why)> told, std::string why) {
    if (!told) return;
    asio::post(descriptor.get_executor(),
               [link = link.lock(), told = std::move(told), why = std::move(why)] { told(why); });
  }

  static void on_connect(const redisAsyncContext* context, int status) {
    machinery& self = of(context);
    self.tell(std::exchange(self.connected, nullptr), status == REDIS_OK ? std::string() : problem_of(context->c));
  }

  static void on_disconnect(const redisAsyncContext* context, int /*status*/) {
    machinery& self = of(context);
    self.tell(std::exchange(self.lost, nullptr), problem_of(context->c));
  }

  static void on_answer(redisAsyncContext* /*context*/, void* raw, void* data) {
    const std::unique_ptr<answer> done(static_cast<answer*>(data));
    if (raw == nullptr) {
      (*done)(nullptr);
    } else {
      const redis_reply reply = view_of(*static_cast<const redisReply*>(raw));
      (*done)(&reply);
    }
  }

  /// Returns why it cannot be waited for the socket; empty: it can.
  std::string attach(redisAsyncContext* made) {
    boost::system::error_code error;
    descriptor.assign(made->c.fd, error);
    if (error) return "its socket cannot be watched: " + error.message();
    context = made;
    context->ev.data = this;
    context->ev.addRead = [](void* self) {
      of(self).is_reading = true;
      of(self).wait_to_read();
    };
    context->ev.delRead = [](void* self) { of(self).is_reading = false; };
    context->ev.addWrite = [](void* self) {
      of(self).is_writing = true;
      of(self).wait_to_write();
    };
    context->ev.delWrite = [](void* self) { of(self).is_writing = false; };
    context->ev.cleanup = [](void* self) { of(self).end(); };
    redisAsyncSetConnectCallback(context, on_connect);
    redisAsyncSetDisconnectCallback(context, on_disconnect);
    return {};
  }
};

redis_link::redis_link(const asio::any_io_executor& executor) : machinery_(std::make_unique<machinery>(executor)) {}

redis_link::~redis_link() { drop(); }

void redis_link::connect(const stores::redis_options& options, const redis_tls_context& tls,
                         std::function<void(const std::string& why)> connected,
                         std::function<void(const std::string& why)> lost) {
  machinery& self = *machinery_;
  self.link = weak_from_this();
  redisAsyncContext* context = options.socket_path.empty() ? redisAsyncConnect(options.host.c_str(), options.port)
                                                           : redisAsyncConnectUnix(options.socket_path.c_str());
  std::string why;
  if (context == nullptr) {
    why = "there is no memory for a connection";
  } else if (context->err != 0) {
    why = problem_of(context->c);
  } else {
    why = tls.secure(context->c);
  }
  if (why.empty()) why = self.attach(context);
  if (!why.empty()) {
    if (context != nullptr) redisAsyncFree(context);
    self.tell(std::move(connected), std::move(why));
    return;
  }
  self.connected = std::move(connected);
  self.lost = std::move(lost);
}

bool redis_link::send(const std::string& command, answer done) {
  if (machinery_->context == nullptr) return false;
  auto data = std::make_unique<answer>(std::move(done));
  const int sent =
      redisAsyncFormattedCommand(machinery_->context, machinery::on_answer, data.get(), command.data(), command.size());
  if (sent != REDIS_OK) return false;
  static_cast<void>(data.release());  // on_answer takes it
  return true;
}

void redis_link::drop() {
  machinery& self = *machinery_;
  self.connected = nullptr;
  self.lost = nullptr;
  if (self.context != nullptr) redisAsyncFree(self.context);
}

}  // namespace troupe::internal
