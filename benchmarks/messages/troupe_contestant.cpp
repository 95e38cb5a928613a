#include <charconv>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/script.hpp"
#include "troupe/troupe.hpp"

namespace bench {
namespace {

class node;

/// Sends to the actors that were made before; theirs are references kept, as an application keeps them.
class troupe_out {
 public:
  void hop(std::uint32_t to, std::int64_t left);
  void item(std::uint32_t to);
  void hard_item(std::uint32_t to);
  void produce(std::uint32_t by, std::uint32_t to, std::int64_t count);
  void spread(std::uint32_t by, group to, std::int64_t each, bool hard);
  void volley(std::uint32_t by, std::int64_t trips, group with);
  void ping(std::uint32_t to, std::uint32_t from);
  void pong(std::uint32_t to);
  void expect(std::uint32_t to, std::int64_t count, std::int64_t window, std::uint32_t source);

  std::vector<troupe::actor_ref<node>> actors;
};

class node : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "node";
  static constexpr auto idle_timeout = std::chrono::milliseconds(0);
  static constexpr std::size_t mailbox_max = 0;

  node(troupe_out& out, countdown& done) : out_(out), done_(done) {}

  void expect(std::int64_t count, std::int64_t window, std::uint32_t source) { here().expect(count, window, source); }
  void hop(std::int64_t left) { here().hop(out_, left); }
  void item() { here().item(out_); }
  void hard_item() { here().hard_item(out_); }
  void produce(std::uint32_t to, std::int64_t count) { here().produce(out_, to, count); }
  void spread(std::uint32_t first, std::uint32_t count, std::int64_t each, bool hard) {
    here().spread(out_, {first, count}, each, hard);
  }
  void volley(std::int64_t trips, std::uint32_t first, std::uint32_t count) {
    here().volley(out_, trips, {first, count});
  }
  void ping(std::uint32_t from) { here().ping(out_, from); }
  void pong() { here().pong(out_); }
  std::int64_t add(std::int64_t value) { return sum_ += value; }
  troupe::task<void> ask(std::uint32_t callee, std::int64_t count) {
    const troupe::actor_ref<node> other = out_.actors[callee];
    for (std::int64_t i = 0; i < count; ++i) co_await other.call<&node::add>(1);
    here().finish();
  }
  void create(std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) ref<node>("born-" + std::to_string(made_++)).tell<&node::item>();
  }

  using methods =
      troupe::methods<&node::expect, &node::hop, &node::item, &node::hard_item, &node::produce, &node::spread,
                      &node::volley, &node::ping, &node::pong, &node::add, &node::ask, &node::create>;

 private:
  [[nodiscard]] script& here() {
    if (!script_) {
      std::uint32_t index = 0;
      const std::string_view text = key();
      std::from_chars(text.data(), text.data() + text.size(), index);
      script_.emplace(index, done_);
    }
    return *script_;
  }

  troupe_out& out_;
  countdown& done_;
  std::optional<script> script_;
  std::int64_t sum_ = 0;
  std::int64_t made_ = 0;
};

void troupe_out::hop(std::uint32_t to, std::int64_t left) { actors[to].tell<&node::hop>(left); }
void troupe_out::item(std::uint32_t to) { actors[to].tell<&node::item>(); }
void troupe_out::hard_item(std::uint32_t to) { actors[to].tell<&node::hard_item>(); }
void troupe_out::produce(std::uint32_t by, std::uint32_t to, std::int64_t count) {
  actors[by].tell<&node::produce>(to, count);
}
void troupe_out::spread(std::uint32_t by, group to, std::int64_t each, bool hard) {
  actors[by].tell<&node::spread>(to.first, to.count, each, hard);
}
void troupe_out::volley(std::uint32_t by, std::int64_t trips, group with) {
  actors[by].tell<&node::volley>(trips, with.first, with.count);
}
void troupe_out::ping(std::uint32_t to, std::uint32_t from) { actors[to].tell<&node::ping>(from); }
void troupe_out::pong(std::uint32_t to) { actors[to].tell<&node::pong>(); }
void troupe_out::expect(std::uint32_t to, std::int64_t count, std::int64_t window, std::uint32_t source) {
  actors[to].tell<&node::expect>(count, window, source);
}

class troupe_cast : public troupe_out {
 public:
  troupe_cast(std::size_t threads, std::uint32_t count, countdown& done)
      : rt_({.threads = threads, .overload = {.queued_messages_max = 0, .queued_bytes_max = 0}}) {
    rt_.host<node>(troupe::options_of<node>(), [this, &done] { return std::make_unique<node>(*this, done); });
    actors.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) actors.push_back(rt_.ref<node>(std::to_string(i)));
    for (const auto& actor : actors) actor.call<&node::add>(0).get();
  }

  void ask(std::int64_t count) { actors[0].tell<&node::ask>(1, count); }
  void create(std::int64_t count) { actors[producers.first].tell<&node::create>(count); }

 private:
  troupe::runtime rt_;
};

}  // namespace

std::unique_ptr<contestant> make_troupe(std::size_t threads, std::size_t wide) {
  return std::make_unique<played<troupe_cast>>(threads, wide);
}

}  // namespace bench
