#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <caf/all.hpp>

#include "messages/played.hpp"

// The C++ Actor Framework, 0.17, as Debian 12 has it.

namespace bench {
namespace {

using expect_atom = caf::atom_constant<caf::atom("expect")>;
using hop_atom = caf::atom_constant<caf::atom("hop")>;
using item_atom = caf::atom_constant<caf::atom("item")>;
using hit_atom = caf::atom_constant<caf::atom("hit")>;
using hard_atom = caf::atom_constant<caf::atom("hard")>;
using produce_atom = caf::atom_constant<caf::atom("produce")>;
using spread_atom = caf::atom_constant<caf::atom("spread")>;
using scatter_atom = caf::atom_constant<caf::atom("scatter")>;
using volley_atom = caf::atom_constant<caf::atom("volley")>;
using ping_atom = caf::atom_constant<caf::atom("ping")>;
using pong_atom = caf::atom_constant<caf::atom("pong")>;
using addition_atom = caf::atom_constant<caf::atom("addition")>;
using later_atom = caf::atom_constant<caf::atom("later")>;
using ask_atom = caf::atom_constant<caf::atom("ask")>;
using pair_atom = caf::atom_constant<caf::atom("pair")>;
using ids_atom = caf::atom_constant<caf::atom("ids")>;
using grow_atom = caf::atom_constant<caf::atom("grow")>;
using create_atom = caf::atom_constant<caf::atom("create")>;

/// What the actors share.
struct company {
  countdown& done;
  std::vector<caf::actor> actors;
  guarded_ids<caf::actor> ids;  // the registry of CAF knows numbers only, and names of ten letters
  std::int64_t tree_sum = 0;
};

/// An actor of the tree; leaves when it has answered.
class caf_branch : public caf::event_based_actor {
 public:
  caf_branch(caf::actor_config& config, company* all, caf::actor parent)
      : event_based_actor(config), all_(all), parent_(std::move(parent)) {}

  caf::behavior make_behavior() override {
    return {
        [this](grow_atom, std::int64_t first, std::int64_t leaves) { does_.grow(*this, first, leaves); },
        [this](addition_atom, std::int64_t value) { does_.add(*this, value); },
    };
  }
  void grow_child(std::int64_t first, std::int64_t leaves) {
    send(spawn<caf_branch>(all_, caf::actor_cast<caf::actor>(this)), grow_atom::value, first, leaves);
  }
  void answer(std::int64_t value) {
    if (parent_) {
      send(parent_, addition_atom::value, value);
      parent_ = nullptr;
    } else {
      all_->tree_sum = value;
      all_->done.one_done();
    }
    quit();
  }

 private:
  company* all_;
  caf::actor parent_;  // null: the root
  tree_script does_;
};

class caf_node : public caf::event_based_actor {
 public:
  caf_node(caf::actor_config& config, company* all, std::uint32_t index)
      : event_based_actor(config), all_(all), script_(index, all->done) {}

  caf::behavior make_behavior() override {
    return {
        [this](item_atom) { script_.item(*this); },
        [this](hop_atom, std::int64_t left) { script_.hop(*this, left); },
        [this](ping_atom, std::uint32_t from) { script_.ping(*this, from, way::plain); },
        [this](hit_atom) { script_.hit(); },
        [this](pong_atom) { script_.pong(*this, way::plain); },
        [this](hard_atom) { script_.hard_item(*this); },
        [this](addition_atom, std::int64_t value) { return sum_ += value; },
        [this](later_atom, std::int64_t value) {
          // The nearest to a coroutine: a handler that may answer when it has returned.
          auto promise = make_response_promise<std::int64_t>();
          promise.deliver(sum_ += value);
          return promise;
        },
        [this](expect_atom, std::int64_t count, std::int64_t window, std::uint32_t source) {
          script_.expect(count, window, source);
        },
        [this](produce_atom, std::uint32_t to, std::int64_t count) { script_.produce(*this, to, count); },
        [this](spread_atom, std::uint32_t first, std::uint32_t count, std::int64_t each, bool hard) {
          script_.spread(*this, {first, count}, each, hard);
        },
        [this](volley_atom, std::int64_t trips, std::uint32_t first, std::uint32_t count) {
          script_.volley(*this, trips, {first, count}, way::plain);
        },
        [this](scatter_atom, std::uint32_t first, std::uint32_t count, std::int64_t left) {
          script_.scatter(*this, {first, count}, left);
        },
        [this](ask_atom, std::uint32_t first, std::uint32_t count, std::int64_t calls) {
          ask({first, count}, calls);
        },
        [this](later_atom, ask_atom, std::uint32_t callee, std::int64_t calls) { ask_for_later(callee, calls); },
        [this](pair_atom, std::uint32_t first, std::int64_t calls) { ask_pair(first, calls); },
        [this](ids_atom, std::int64_t calls) { ask_ids(0, calls); },
        [this](create_atom, std::int64_t count) {
          for (std::int64_t i = 0; i < count; ++i) send(spawn<caf_node>(all_, base_actors), item_atom::value);
        },
    };
  }

  void hop(std::uint32_t to, std::int64_t left) { send(all_->actors[to], hop_atom::value, left); }
  void item(std::uint32_t to) { send(all_->actors[to], item_atom::value); }
  void hard_item(std::uint32_t to) { send(all_->actors[to], hard_atom::value); }
  void produce(std::uint32_t by, std::uint32_t to, std::int64_t count) {
    send(all_->actors[by], produce_atom::value, to, count);
  }
  void hit(std::uint32_t to) { send(all_->actors[to], hit_atom::value); }
  void scatter(std::uint32_t by, group to, std::int64_t left) {
    send(all_->actors[by], scatter_atom::value, to.first, to.count, left);
  }
  void ping(std::uint32_t to, std::uint32_t from, way /*by*/) { send(all_->actors[to], ping_atom::value, from); }
  void ping_id(std::string_view /*id*/, std::uint32_t /*from*/) {}  // what is asked of others is a request
  void pong(std::uint32_t to, way /*by*/) { send(all_->actors[to], pong_atom::value); }

 private:
  template <class Atom, class Then>
  void ask_one(const caf::actor& whom, Atom what, const Then& then) {
    request(whom, caf::infinite, what, std::int64_t{1}).then([then](std::int64_t) { then(); });
  }
  void ask(group whom, std::int64_t left) {
    if (left == 0) return script_.finish();
    ask_one(all_->actors[draw_.from(whom)], addition_atom::value, [this, whom, left] { ask(whom, left - 1); });
  }
  void ask_for_later(std::uint32_t callee, std::int64_t left) {
    if (left == 0) return script_.finish();
    ask_one(all_->actors[callee], later_atom::value, [this, callee, left] { ask_for_later(callee, left - 1); });
  }
  void ask_pair(std::uint32_t first, std::int64_t left) {
    if (left == 0) return script_.finish();
    awaited_ = 2;
    const auto one_more = [this, first, left] {
      if (--awaited_ == 0) ask_pair(first, left - 2);
    };
    ask_one(all_->actors[first], addition_atom::value, one_more);
    ask_one(all_->actors[first + 1], addition_atom::value, one_more);
  }
  void ask_ids(std::int64_t at, std::int64_t count) {
    if (at == count) return script_.finish();
    const auto made = [this] { return spawn<caf_node>(all_, base_actors); };
    ask_one(all_->ids.find_or_make(id_of(at, count).view(), made), addition_atom::value,
            [this, at, count] { ask_ids(at + 1, count); });
  }

  company* all_;
  script script_;
  std::int64_t sum_ = 0;
  int awaited_ = 0;
  draw draw_{1};
};

class caf_cast {
 public:
  caf_cast(std::size_t threads, std::uint32_t count, countdown& done, bool shares) : all_{done, {}, {}} {
    config_.set("scheduler.max-threads", threads);
    if (shares) config_.set("scheduler.policy", caf::atom("sharing"));
    system_ = std::make_unique<caf::actor_system>(config_);
    all_.actors.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) all_.actors.push_back(system_->spawn<caf_node>(&all_, i));
  }
  caf_cast(const caf_cast&) = delete;
  caf_cast& operator=(const caf_cast&) = delete;
  ~caf_cast() {
    const auto end = [](const caf::actor& actor) { caf::anon_send_exit(actor, caf::exit_reason::user_shutdown); };
    for (const caf::actor& actor : all_.actors) end(actor);
    all_.actors.clear();
    all_.ids.for_each(end);
    all_.ids.clear();
  }

  void expect(std::uint32_t to, std::int64_t count, std::int64_t window, std::uint32_t source) {
    caf::anon_send(all_.actors[to], expect_atom::value, count, window, source);
  }
  void hop(std::uint32_t to, std::int64_t left) { caf::anon_send(all_.actors[to], hop_atom::value, left); }
  void produce(std::uint32_t by, std::uint32_t to, std::int64_t count) {
    caf::anon_send(all_.actors[by], produce_atom::value, to, count);
  }
  void spread(std::uint32_t by, group to, std::int64_t each, bool hard) {
    caf::anon_send(all_.actors[by], spread_atom::value, to.first, to.count, each, hard);
  }
  void volley(std::uint32_t by, std::int64_t trips, group with) {
    caf::anon_send(all_.actors[by], volley_atom::value, trips, with.first, with.count);
  }
  void scatter(std::uint32_t by, group to, std::int64_t left) {
    caf::anon_send(all_.actors[by], scatter_atom::value, to.first, to.count, left);
  }
  void ask(way by, group whom, std::int64_t count) {
    const caf::actor& asking = all_.actors[0];
    if (by == way::pair) return caf::anon_send(asking, pair_atom::value, whom.first, count);
    if (by == way::by_id) return caf::anon_send(asking, ids_atom::value, count);
    if (by == way::coroutine) return caf::anon_send(asking, later_atom::value, ask_atom::value, whom.first, count);
    caf::anon_send(asking, ask_atom::value, whom.first, whom.count, count);
  }
  void create(std::int64_t count) { caf::anon_send(all_.actors[producers.first], create_atom::value, count); }
  void grow(std::int64_t leaves) {
    caf::anon_send(system_->spawn<caf_branch>(&all_, caf::actor()), grow_atom::value, std::int64_t{0}, leaves);
  }
  [[nodiscard]] std::int64_t tree_sum() const noexcept { return all_.tree_sum; }

 private:
  company all_;  // ends after the actors
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
};

}  // namespace

std::unique_ptr<contestant> make_caf(scene on, std::size_t threads, std::size_t wide) {
  // With the scheduler that steals, a message took 0.1 ms when 100,000 actors were queued and there were two workers.
  // The other one of CAF, which has one queue for all workers, is slower where few actors run.
  const bool shares = threads > 1 && on != scene::small && on != scene::ids;
  return std::make_unique<played<caf_cast>>(threads, wide, shares);
}

}  // namespace bench
