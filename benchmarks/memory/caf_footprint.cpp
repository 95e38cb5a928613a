#include <algorithm>
#include <chrono>
#include <optional>
#include <type_traits>

#include <caf/all.hpp>

#include "countdown.hpp"
#include "memory.hpp"
#include "memory/footprint.hpp"
#include "messages/ids.hpp"

// The C++ Actor Framework, 0.17; its actors are found by their ids in a map.

namespace bench {
namespace {

using touch_atom = caf::atom_constant<caf::atom("touch")>;
using due_atom = caf::atom_constant<caf::atom("due")>;

template <class Members, bool Timer>
class caf_object : public caf::event_based_actor {
 public:
  caf_object(caf::actor_config& config, countdown* touched) : event_based_actor(config), done_(touched) {}
  caf::behavior make_behavior() override {
    return {
        [this](touch_atom) {
          if constexpr (std::is_same_v<Members, numbers>) members_.add(1);
          if constexpr (Timer) delayed_send(this, std::chrono::hours(1), due_atom::value);
          done_->one_done();
        },
        [](due_atom) {},
    };
  }

 private:
  [[no_unique_address]] Members members_;
  countdown* done_;
};

template <class Members, bool Timer>
footprint footprint_of_caf(std::size_t actors, std::size_t threads) {
  caf::actor_system_config config;
  config.set("scheduler.max-threads", threads);
  caf::actor_system system(config);
  countdown done;
  guarded_ids<caf::actor> ids;
  const auto touch = [&](std::size_t first, std::size_t count) {
    done.begin(static_cast<std::int64_t>(count));
    for (std::size_t i = first; i < first + count; ++i) {
      const auto made = [&] { return system.spawn<caf_object<Members, Timer>>(&done); };
      caf::anon_send(ids.find_or_make(id_text(i).view(), made), touch_atom::value);
    }
    done.wait();
  };
  touch(actors, 1);
  const memory_meter meter;
  for (std::size_t i = 0; i < actors; i += 500) touch(i, std::min<std::size_t>(500, actors - i));
  const memory_taken idle = meter.taken(static_cast<double>(actors));
  ids.for_each([](const caf::actor& actor) { caf::anon_send_exit(actor, caf::exit_reason::user_shutdown); });
  ids.clear();
  return {.idle = idle.resident_set, .idle_heap = idle.heap, .dormant = std::nullopt};
}

}  // namespace

std::optional<footprint> measure_caf(burden what, std::size_t actors, std::size_t threads) {
  switch (what) {
    case burden::nothing:
      return footprint_of_caf<no_members, false>(actors, threads);
    case burden::members:
      return footprint_of_caf<numbers, false>(actors, threads);
    case burden::timer:
      return footprint_of_caf<numbers, true>(actors, threads);
    case burden::cell:
    case burden::reminder:
      break;
  }
  return std::nullopt;
}

}  // namespace bench
