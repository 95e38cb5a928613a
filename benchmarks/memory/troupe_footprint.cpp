#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>

#include <malloc.h>

#include "countdown.hpp"
#include "memory.hpp"
#include "memory/footprint.hpp"
#include "messages/ids.hpp"
#include "troupe/troupe.hpp"

namespace bench {
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(numbers, count, sum, least, most)

namespace {

using namespace std::chrono_literals;

class empty_actor : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "empty";
  std::int64_t add(std::int64_t value) { return value; }
  using methods = troupe::methods<&empty_actor::add>;
};

class members_actor : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "members";
  std::int64_t add(std::int64_t value) { return numbers_.add(value); }
  using methods = troupe::methods<&members_actor::add>;

 private:
  numbers numbers_;
};

class cell_actor : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "cell";
  std::int64_t add(std::int64_t value) { return numbers_.edit().add(value); }
  using methods = troupe::methods<&cell_actor::add>;

 private:
  troupe::state<numbers> numbers_{*this, "numbers"};
};

class timer_actor : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "timer";
  std::int64_t add(std::int64_t value) {
    timer_.start(1h, [this] { numbers_.add(0); });
    return numbers_.add(value);
  }
  using methods = troupe::methods<&timer_actor::add>;

 private:
  numbers numbers_;
  troupe::timer timer_{*this};
};

class reminder_actor : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "reminder";
  std::int64_t add(std::int64_t value) {
    schedule_reminder("review", {.due_in = 24h});
    return numbers_.add(value);
  }
  troupe::task<void> on_reminder(troupe::reminder_tick /*tick*/) override { co_return; }
  using methods = troupe::methods<&reminder_actor::add>;

 private:
  numbers numbers_;
};

/// Asks each actor once, a bounded number at a time, so that what is under way takes little of what is measured.
template <class Actor>
void ask_all(troupe::runtime& rt, std::size_t actors) {
  constexpr std::size_t window = 500;
  countdown answered;
  std::atomic<std::size_t> failed{0};
  for (std::size_t begun = 0; begun < actors;) {
    const std::size_t now = std::min(window, actors - begun);
    answered.begin(static_cast<std::int64_t>(now));
    for (std::size_t i = 0; i < now; ++i, ++begun) {
      const auto id = id_of(static_cast<std::int64_t>(begun), static_cast<std::int64_t>(actors));
      rt.ref<Actor>(id.view()).template call<&Actor::add>(1)([&](const std::exception_ptr& failure, std::int64_t) {
        if (failure) ++failed;
        answered.one_done();
      });
    }
    answered.wait();
  }
  if (failed != 0) throw std::runtime_error(std::to_string(failed) + " calls failed");
}

template <class Actor>
void let_all_leave(troupe::runtime& rt, std::size_t actors) {
  for (std::size_t i = 0; i < actors; ++i) rt.deactivate(rt.ref<Actor>(id_text(i).view()));
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  const auto begin = std::chrono::steady_clock::now();
  while (rt.counters().resident_actors != 0) {
    if (std::chrono::steady_clock::now() - begin > 2min) throw std::runtime_error("actors stay in memory");
    never.wait_for(lock, 1ms);
  }
}

template <class Actor>
footprint footprint_of_troupe(std::size_t actors, std::size_t threads) {
  troupe::runtime rt{{.store = "memory:", .threads = threads}};
  auto type = troupe::options_of<Actor>();
  type.idle_timeout = 0ms;
  rt.host<Actor>(type);
  const std::size_t few = std::min<std::size_t>(1'000, actors / 10);  // for what a runtime takes once
  ask_all<Actor>(rt, few);
  let_all_leave<Actor>(rt, few);
  malloc_trim(0);
  const memory_meter meter;
  ask_all<Actor>(rt, actors);
  if (rt.counters().resident_actors != actors) throw std::runtime_error("not all actors are in memory");
  const memory_taken idle = meter.taken(static_cast<double>(actors));
  let_all_leave<Actor>(rt, actors);
  malloc_trim(0);
  const memory_taken dormant = meter.taken(static_cast<double>(actors));
  return {
      .idle = idle.resident_set, .idle_heap = idle.heap, .dormant = dormant.resident_set, .dormant_heap = dormant.heap};
}

}  // namespace

std::optional<footprint> measure_troupe(burden what, std::size_t actors, std::size_t threads) {
  switch (what) {
    case burden::nothing:
      return footprint_of_troupe<empty_actor>(actors, threads);
    case burden::members:
      return footprint_of_troupe<members_actor>(actors, threads);
    case burden::cell:
      return footprint_of_troupe<cell_actor>(actors, threads);
    case burden::timer:
      return footprint_of_troupe<timer_actor>(actors, threads);
    case burden::reminder:
      return footprint_of_troupe<reminder_actor>(actors, threads);
  }
  return std::nullopt;
}

}  // namespace bench
