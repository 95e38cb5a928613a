#include <algorithm>
#include <charconv>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/played.hpp"
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
  void hit(std::uint32_t to);
  void produce(std::uint32_t by, std::uint32_t to, std::int64_t count);
  void spread(std::uint32_t by, group to, std::int64_t each, bool hard);
  void scatter(std::uint32_t by, group to, std::int64_t left);
  void volley(std::uint32_t by, std::int64_t trips, group with);
  void ping(std::uint32_t to, std::uint32_t from, way by);
  void pong(std::uint32_t to, way by);
  void expect(std::uint32_t to, std::int64_t count, std::int64_t window, std::uint32_t source);
  void ping_id(std::string_view /*id*/, std::uint32_t /*from*/) {}  // what is asked of others is a call

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
  void hit() { here().hit(); }
  void produce(std::uint32_t to, std::int64_t count) { here().produce(out_, to, count); }
  void spread(std::uint32_t first, std::uint32_t count, std::int64_t each, bool hard) {
    here().spread(out_, {first, count}, each, hard);
  }
  void scatter(std::uint32_t first, std::uint32_t count, std::int64_t left) {
    here().scatter(out_, {first, count}, left);
  }
  void volley(std::int64_t trips, std::uint32_t first, std::uint32_t count) {
    here().volley(out_, trips, {first, count}, way::plain);
  }
  void ping(std::uint32_t from) { here().ping(out_, from, way::plain); }
  void pong() { here().pong(out_, way::plain); }
  std::int64_t add(std::int64_t value) { return sum_ += value; }
  troupe::task<std::int64_t> add_in_coroutine(std::int64_t value) { co_return sum_ += value; }

  troupe::task<void> ask(std::uint32_t callee, std::int64_t count) {
    const troupe::actor_ref<node> other = out_.actors[callee];
    for (std::int64_t i = 0; i < count; ++i) co_await other.call<&node::add>(1);
    here().finish();
  }
  troupe::task<void> ask_coroutine(std::uint32_t callee, std::int64_t count) {
    const troupe::actor_ref<node> other = out_.actors[callee];
    for (std::int64_t i = 0; i < count; ++i) co_await other.call<&node::add_in_coroutine>(1);
    here().finish();
  }
  troupe::task<void> ask_pair(std::uint32_t first, std::int64_t count) {
    const troupe::actor_ref<node> one = out_.actors[first];
    const troupe::actor_ref<node> other = out_.actors[first + 1];
    for (std::int64_t i = 0; i < count; i += 2) {
      co_await troupe::when_all(one.call<&node::add>(1), other.call<&node::add>(1));
    }
    here().finish();
  }
  troupe::task<void> ask_random(std::uint32_t first, std::uint32_t count, std::int64_t calls) {
    for (std::int64_t i = 0; i < calls; ++i) co_await out_.actors[draw_.from({first, count})].call<&node::add>(1);
    here().finish();
  }
  troupe::task<void> ask_ids(std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) co_await ref<node>(id_of(i, count).view()).call<&node::add>(1);
    here().finish();
  }
  void create(std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) ref<node>("born-" + std::to_string(made_++)).tell<&node::item>();
  }

  using methods = troupe::methods<&node::expect, &node::hop, &node::item, &node::hard_item, &node::hit, &node::produce,
                                  &node::spread, &node::scatter, &node::volley, &node::ping, &node::pong, &node::add,
                                  &node::add_in_coroutine, &node::ask, &node::ask_coroutine, &node::ask_pair,
                                  &node::ask_random, &node::ask_ids, &node::create>;

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
  draw draw_{1};
};

void troupe_out::hop(std::uint32_t to, std::int64_t left) { actors[to].tell<&node::hop>(left); }
void troupe_out::item(std::uint32_t to) { actors[to].tell<&node::item>(); }
void troupe_out::hard_item(std::uint32_t to) { actors[to].tell<&node::hard_item>(); }
void troupe_out::hit(std::uint32_t to) { actors[to].tell<&node::hit>(); }
void troupe_out::produce(std::uint32_t by, std::uint32_t to, std::int64_t count) {
  actors[by].tell<&node::produce>(to, count);
}
void troupe_out::spread(std::uint32_t by, group to, std::int64_t each, bool hard) {
  actors[by].tell<&node::spread>(to.first, to.count, each, hard);
}
void troupe_out::scatter(std::uint32_t by, group to, std::int64_t left) {
  actors[by].tell<&node::scatter>(to.first, to.count, left);
}
void troupe_out::volley(std::uint32_t by, std::int64_t trips, group with) {
  actors[by].tell<&node::volley>(trips, with.first, with.count);
}
void troupe_out::ping(std::uint32_t to, std::uint32_t from, way /*by*/) { actors[to].tell<&node::ping>(from); }
void troupe_out::pong(std::uint32_t to, way /*by*/) { actors[to].tell<&node::pong>(); }
void troupe_out::expect(std::uint32_t to, std::int64_t count, std::int64_t window, std::uint32_t source) {
  actors[to].tell<&node::expect>(count, window, source);
}

/// An actor of the tree. Its key says which leaves are below it.
class tree_actor : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "tree";
  static constexpr auto idle_timeout = std::chrono::milliseconds(0);
  using parent_ref = std::optional<troupe::actor_ref<tree_actor>>;

  tree_actor(std::int64_t& sum, countdown& done) : sum_(sum), done_(done) {}

  void grow(parent_ref parent, std::int64_t first, std::int64_t leaves) {
    parent_ = std::move(parent);
    does_.grow(*this, first, leaves);
  }
  void add(std::int64_t value) { does_.add(*this, value); }
  using methods = troupe::methods<&tree_actor::grow, &tree_actor::add>;

  void grow_child(std::int64_t first, std::int64_t leaves) {
    if (!self_) self_ = ref<tree_actor>(key());
    ref<tree_actor>(std::to_string(first) + "+" + std::to_string(leaves)).tell<&tree_actor::grow>(self_, first, leaves);
  }
  void answer(std::int64_t value) {
    if (parent_) return parent_->tell<&tree_actor::add>(value);
    sum_ = value;
    done_.one_done();
  }

 private:
  std::int64_t& sum_;
  countdown& done_;
  parent_ref parent_;
  parent_ref self_;
  tree_script does_;
};

class troupe_cast : public troupe_out {
 public:
  troupe_cast(std::size_t threads, std::uint32_t count, countdown& done)
      : rt_({.threads = threads, .overload = {.queued_messages_max = 0, .queued_bytes_max = 0}}) {
    rt_.host<node>(troupe::options_of<node>(), [this, &done] { return std::make_unique<node>(*this, done); });
    rt_.host<tree_actor>(troupe::options_of<tree_actor>(),
                         [this, &done] { return std::make_unique<tree_actor>(tree_sum_, done); });
    actors.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) actors.push_back(rt_.ref<node>(std::to_string(i)));
    activate_all();
  }

  void ask(way by, group whom, std::int64_t count) {
    const troupe::actor_ref<node> asking = actors[0];
    if (by == way::pair) return asking.tell<&node::ask_pair>(whom.first, count);
    if (by == way::by_id) return asking.tell<&node::ask_ids>(count);
    if (by == way::coroutine) return asking.tell<&node::ask_coroutine>(whom.first, count);
    if (whom.count == 1) return asking.tell<&node::ask>(whom.first, count);
    asking.tell<&node::ask_random>(whom.first, whom.count, count);
  }
  void create(std::int64_t count) { actors[producers.first].tell<&node::create>(count); }
  void grow(std::int64_t leaves) {
    rt_.ref<tree_actor>("root").tell<&tree_actor::grow>(tree_actor::parent_ref(), std::int64_t{0}, leaves);
  }
  [[nodiscard]] std::int64_t tree_sum() const noexcept { return tree_sum_; }

 private:
  /// Calls each actor once, so many at a time.
  void activate_all() {
    constexpr std::size_t window = 10'000;
    countdown answered;
    for (std::size_t begun = 0; begun < actors.size();) {
      const std::size_t end = std::min(begun + window, actors.size());
      answered.begin(static_cast<std::int64_t>(end - begun));
      for (; begun < end; ++begun) {
        actors[begun].call<&node::add>(0)([&](const std::exception_ptr&, std::int64_t) { answered.one_done(); });
      }
      answered.wait();
    }
  }

  std::int64_t tree_sum_ = 0;
  troupe::runtime rt_;
};

}  // namespace

std::unique_ptr<contestant> make_troupe(scene /*on*/, std::size_t threads, std::size_t wide) {
  return std::make_unique<played<troupe_cast>>(threads, wide);
}

}  // namespace bench
