#include "stores/redis/redis_node.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/asio/post.hpp>

#include "stores/redis/redis_answer.hpp"

namespace troupe::internal {
namespace {

constexpr std::chrono::milliseconds first_pause{10};
constexpr std::chrono::milliseconds longest_pause{2000};

/// Doubles with each failure; between half of it and all of it, so that many clients do not come back at once.
std::chrono::milliseconds pause_after(unsigned failures, std::uint64_t random) {
  const auto longest = std::min(first_pause * (1 << std::min(failures - 1, 10U)), longest_pause);
  const auto spread = static_cast<std::uint64_t>(longest.count() / 2 + 1);
  return longest - std::chrono::milliseconds(static_cast<std::int64_t>(random % spread));
}

}  // namespace

redis_node::redis_node(boost::asio::any_io_executor executor, stores::redis_options options,
                       std::shared_ptr<const redis_tls_context> tls, std::shared_ptr<spi::entropy> entropy)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      tls_(std::move(tls)),
      entropy_(std::move(entropy)),
      place_(redis_place(options_)),
      alarm_(executor_) {}

void redis_node::call(std::shared_ptr<const redis_call> call, answer done, redis_way way) {
  if (phase_ == phase::closed) {
    const redis_silence silence{false, errc::unavailable, "the store on " + place_ + " is closed"};
    done(nullptr, &silence);
    return;
  }
  if (phase_ == phase::ready) {
    send({std::move(call), std::move(done), way}, true);
    return;
  }
  waiting_.push_back({std::move(call), std::move(done), way});
  if (failures_ == 0) {
    if (phase_ == phase::idle) connect();
    return;
  }
  if (phase_ == phase::idle) {
    phase_ = phase::pausing;
    alarm_.set(pause_after(failures_, entropy_->next()), [self = shared_from_this()] { self->connect(); });
  }
  fail_soon();
}

/// Not inside the call: who asks need not expect its answer there.
void redis_node::fail_soon() {
  if (std::exchange(fails_soon_, true)) return;
  boost::asio::post(executor_, [self = shared_from_this()] {
    self->fails_soon_ = false;
    if (self->failures_ > 0) self->fail_waiting(self->problem_);
  });
}

void redis_node::connect() {
  phase_ = phase::connecting;
  link_ = std::make_shared<redis_link>(executor_);
  greeting_ = std::make_unique<redis_greeting>(options_);
  alarm_.set(options_.connect_timeout, [self = shared_from_this()] {
    self->fail_to_connect(errc::unavailable,
                          "it did not answer within " + std::to_string(self->options_.connect_timeout.count()) + " ms");
  });
  const auto is_current = [weak = weak_from_this(), link = std::weak_ptr(link_)] {
    auto self = weak.lock();
    return self && self->link_ && self->link_ == link.lock() ? self : nullptr;
  };
  link_->connect(
      options_, *tls_,
      [is_current](const std::string& why) {
        const auto self = is_current();
        if (!self) return;
        if (why.empty()) {
          self->greet(self->link_);
        } else {
          self->fail_to_connect(errc::unavailable, "it cannot be reached: " + why);
        }
      },
      [is_current](const std::string& why) {
        if (const auto self = is_current()) self->end_link(why);
      });
}

void redis_node::greet(const std::shared_ptr<redis_link>& link) {
  for (const redis_command& command : greeting_->commands()) {
    (void)link->send(command.text(), [self = shared_from_this(), link](const redis_reply* reply) {
      if (self->link_ != link || self->phase_ != phase::connecting) return;
      if (reply == nullptr) return;  // `lost` tells why
      if (const auto refusal = self->greeting_->take(*reply)) {
        self->fail_to_connect(refusal->code, refusal->what);
      } else if (self->greeting_->is_over()) {
        self->become_ready();
      }
    });
  }
}

void redis_node::become_ready() {
  alarm_.cancel();
  phase_ = phase::ready;
  failures_ = 0;
  unanswered_ = 0;
  lost_because_ = "the connection was lost";
  is_cluster_ = greeting_->is_cluster();
  for (auto calls = std::exchange(waiting_, {}); !calls.empty(); calls.pop_front()) {
    call(std::move(calls.front().call), std::move(calls.front().done), calls.front().way);
  }
}

void redis_node::fail_to_connect(errc code, const std::string& why) {
  alarm_.cancel();
  phase_ = phase::idle;
  ++failures_;
  const auto link = std::exchange(link_, nullptr);
  link->drop();
  problem_ = {false, code, place_ + ": " + why};
  fail_waiting(problem_);
}

void redis_node::fail_waiting(const redis_silence& silence) {
  for (auto calls = std::exchange(waiting_, {}); !calls.empty(); calls.pop_front()) {
    calls.front().done(nullptr, &silence);
  }
}

void redis_node::end_link(const std::string& why) {
  if (phase_ == phase::connecting) {
    // What hiredis says of bytes that are no answer of Redis.
    const bool is_redis = !why.starts_with("Protocol error");
    fail_to_connect(is_redis ? errc::unavailable : errc::bad_state,
                    is_redis ? "the connection ended while it was set up: " + why : "it is not a Redis server: " + why);
    return;
  }
  if (phase_ != phase::ready) return;
  alarm_.cancel();
  phase_ = phase::idle;
  lost_because_ = why;
  const auto link = std::exchange(link_, nullptr);
  link->drop();
}

void redis_node::reconnect() {
  if (phase_ == phase::ready) {
    failures_ = 1;
    problem_ = {false, errc::unavailable, place_ + ": the server is not one that serves a store now"};
    end_link("the server is not one that serves a store now");
  }
}

void redis_node::close() {
  if (phase_ == phase::closed) return;
  alarm_.cancel();
  phase_ = phase::closed;
  lost_because_ = "the store was closed";
  if (const auto link = std::exchange(link_, nullptr)) link->drop();
  fail_waiting({false, errc::unavailable, "the store on " + place_ + " is closed"});
}

void redis_node::send(waiting what, bool knows_script) {
  const redis_call& call = *what.call;
  const auto text = [&] {
    if (!call.script) return call.command.text();
    return call.command.text_of_call(*call.script, knows_script ? greeting_->digest_of(*call.script) : std::string());
  };
  if (what.way == redis_way::asking) (void)link_->send(redis_command{"ASKING"}.text(), [](const redis_reply*) {});
  const bool is_under_way =
      link_->send(text(), [self = shared_from_this(), link = link_, what](const redis_reply* reply) mutable {
        self->take_answer(link, what, reply);
      });
  if (is_under_way) {
    if (++unanswered_ == 1) watch();
    return;
  }
  // The connection is over, though nobody has said so yet.
  end_link(lost_because_);
  this->call(std::move(what.call), std::move(what.done), what.way);
}

void redis_node::take_answer(const std::shared_ptr<redis_link>& link, waiting& what, const redis_reply* reply) {
  if (reply == nullptr) {
    const redis_silence silence{true, errc::unavailable, place_ + " gave no answer: " + lost_because_};
    what.done(nullptr, &silence);
    return;
  }
  const bool is_current = link_ == link && phase_ == phase::ready;
  if (is_current) {
    --unanswered_;
    unanswered_ == 0 ? alarm_.cancel() : watch();
  }
  // What the server has forgotten (SCRIPT FLUSH, a fail-over) is sent whole.
  if (is_current && what.call->script && reply->is_error() &&
      read_error(reply->text).fault == redis_fault::script_missing) {
    send(std::move(what), false);
    return;
  }
  what.done(reply, nullptr);
}

void redis_node::watch() {
  alarm_.set(options_.answer_timeout, [self = shared_from_this()] {
    self->end_link("it said nothing for " + std::to_string(self->options_.answer_timeout.count()) + " ms");
  });
}

}  // namespace troupe::internal
