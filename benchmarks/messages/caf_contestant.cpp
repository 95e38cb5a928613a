#include <memory>
#include <vector>

#include <caf/all.hpp>

#include "messages/script.hpp"

// The C++ Actor Framework, 0.17, as Debian 12 has it.

namespace bench {
namespace {

using expect_atom = caf::atom_constant<caf::atom("expect")>;
using hop_atom = caf::atom_constant<caf::atom("hop")>;
using item_atom = caf::atom_constant<caf::atom("item")>;
using hard_atom = caf::atom_constant<caf::atom("hard")>;
using produce_atom = caf::atom_constant<caf::atom("produce")>;
using spread_atom = caf::atom_constant<caf::atom("spread")>;
using volley_atom = caf::atom_constant<caf::atom("volley")>;
using ping_atom = caf::atom_constant<caf::atom("ping")>;
using pong_atom = caf::atom_constant<caf::atom("pong")>;
using addition_atom = caf::atom_constant<caf::atom("addition")>;
using ask_atom = caf::atom_constant<caf::atom("ask")>;
using create_atom = caf::atom_constant<caf::atom("create")>;

/// What the actors share.
struct company {
  countdown& done;
  std::vector<caf::actor> actors;
};

class caf_node : public caf::event_based_actor {
 public:
  caf_node(caf::actor_config& config, company* all, std::uint32_t index)
      : event_based_actor(config), all_(all), script_(index, all->done) {}

  caf::behavior make_behavior() override {
    return {
        [this](item_atom) { script_.item(*this); },
        [this](hop_atom, std::int64_t left) { script_.hop(*this, left); },
        [this](ping_atom, std::uint32_t from) { script_.ping(*this, from); },
        [this](pong_atom) { script_.pong(*this); },
        [this](hard_atom) { script_.hard_item(*this); },
        [this](addition_atom, std::int64_t value) { return sum_ += value; },
        [this](expect_atom, std::int64_t count, std::int64_t window, std::uint32_t source) {
          script_.expect(count, window, source);
        },
        [this](produce_atom, std::uint32_t to, std::int64_t count) { script_.produce(*this, to, count); },
        [this](spread_atom, std::uint32_t first, std::uint32_t count, std::int64_t each, bool hard) {
          script_.spread(*this, {first, count}, each, hard);
        },
        [this](volley_atom, std::int64_t trips, std::uint32_t first, std::uint32_t count) {
          script_.volley(*this, trips, {first, count});
        },
        [this](ask_atom, std::int64_t count) { ask(count); },
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
  void ping(std::uint32_t to, std::uint32_t from) { send(all_->actors[to], ping_atom::value, from); }
  void pong(std::uint32_t to) { send(all_->actors[to], pong_atom::value); }

 private:
  void ask(std::int64_t left) {
    if (left == 0) {
      script_.finish();
      return;
    }
    request(all_->actors[1], caf::infinite, addition_atom::value, std::int64_t{1}).then([this, left](std::int64_t) {
      ask(left - 1);
    });
  }

  company* all_;
  script script_;
  std::int64_t sum_ = 0;
};

class caf_cast {
 public:
  caf_cast(std::size_t threads, std::uint32_t count, countdown& done) : all_{done, {}} {
    config_.set("scheduler.max-threads", threads);
    system_ = std::make_unique<caf::actor_system>(config_);
    all_.actors.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) all_.actors.push_back(system_->spawn<caf_node>(&all_, i));
  }
  caf_cast(const caf_cast&) = delete;
  caf_cast& operator=(const caf_cast&) = delete;
  ~caf_cast() {
    for (const caf::actor& actor : all_.actors) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    all_.actors.clear();
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
  void ask(std::int64_t count) { caf::anon_send(all_.actors[0], ask_atom::value, count); }
  void create(std::int64_t count) { caf::anon_send(all_.actors[producers.first], create_atom::value, count); }

 private:
  company all_;  // ends after the actors
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
};

}  // namespace

std::unique_ptr<contestant> make_caf(std::size_t threads, std::size_t wide) {
  return std::make_unique<played<caf_cast>>(threads, wide);
}

}  // namespace bench
