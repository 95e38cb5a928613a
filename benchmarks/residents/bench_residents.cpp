// 100,000 actors with state in one process: activated, each called ten times with every turn committed, then
// deactivated when they are idle. Shows time, turns per second and bytes per resident actor.

#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <malloc.h>

#include "troupe/troupe.hpp"

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

/// 32 bytes of state.
struct reading {
  std::int64_t count = 0, sum = 0, least = 0, most = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(reading, count, sum, least, most)

class sensor : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "sensor";

  std::int64_t record(std::int64_t value) {
    reading& r = reading_.edit();
    ++r.count;
    r.sum += value;
    r.most = std::max(r.most, value);
    return r.count;
  }

  using methods = troupe::methods<&sensor::record>;

 private:
  troupe::state<reading> reading_{*this, "reading"};
};

struct options {
  std::size_t actors = 100'000;
  std::size_t calls = 10;
  std::size_t in_flight = 10'000;
  std::size_t idle_seconds = 10;
  std::string store = "sqlite:bench_residents.db";
  std::string json;
};

constexpr std::string_view help = R"(bench_residents: many actors with state in one process

  --actors N      actors, 1 to 10,000,000 (default 100,000)
  --calls N       calls per actor, 1 or more (default 10)
  --in-flight N   calls under way at once (default 10,000)
  --idle N        idle timeout in seconds (default 10); longer than a round takes
  --store URI     memory: or sqlite:PATH (default sqlite:bench_residents.db)
  --json FILE     write the figures as JSON
  --help

Exit code: 0 ok, 1 a call failed or state is wrong, 2 usage.
)";

std::size_t number(std::string_view name, const std::string& text) {
  std::size_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size() || value == 0) {
    throw std::invalid_argument(std::string(name) + " is \"" + text + "\"; a whole number of 1 or more is asked for");
  }
  return value;
}

options parse(int argc, char** argv) {
  options o;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--help") {
      std::cout << help;
      std::exit(0);
    }
    if (i + 1 == argc) throw std::invalid_argument(std::string(name) + " is unknown or lacks its value; see --help");
    const std::string value = argv[++i];
    if (name == "--actors") {
      o.actors = number(name, value);
    } else if (name == "--calls") {
      o.calls = number(name, value);
    } else if (name == "--in-flight") {
      o.in_flight = number(name, value);
    } else if (name == "--idle") {
      o.idle_seconds = number(name, value);
    } else if (name == "--store") {
      o.store = value;
    } else if (name == "--json") {
      o.json = value;
    } else {
      throw std::invalid_argument("option " + std::string(name) + " is unknown; see --help");
    }
  }
  return o;
}

/// Keeps a bounded number of calls under way.
class window {
 public:
  explicit window(std::size_t most) : most_(most) {}
  void enter() {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return under_way_ < most_; });
    ++under_way_;
  }
  void leave() {
    const std::scoped_lock lock(mutex_);
    --under_way_;
    room_.notify_all();
  }
  void drain() {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return under_way_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable room_;
  std::size_t under_way_ = 0;
  const std::size_t most_;
};

std::size_t heap_bytes() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

std::size_t resident_set_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * 4096;
}

double seconds_since(steady::time_point begin) { return std::chrono::duration<double>(steady::now() - begin).count(); }

int run(const options& o) {
  troupe::runtime rt{{.store = o.store}};
  auto type = troupe::options_of<sensor>();
  type.idle_timeout = std::chrono::seconds(o.idle_seconds);
  rt.host<sensor>(type);
  std::vector<std::string> keys;
  keys.reserve(o.actors);
  for (std::size_t i = 0; i < o.actors; ++i) keys.push_back("sensor-" + std::to_string(100'000'000 + i) + "-abcdef");

  window calls(o.in_flight);
  std::atomic<std::size_t> failed = 0;
  std::vector<double> rounds;
  for (std::size_t round = 0; round < o.calls; ++round) {
    const auto begin = steady::now();
    for (const std::string& key : keys) {
      calls.enter();
      rt.ref<sensor>(key).call<&sensor::record>(7)([&](const std::exception_ptr& failure, std::int64_t) {
        if (failure) ++failed;
        calls.leave();
      });
    }
    calls.drain();
    rounds.push_back(seconds_since(begin));
    std::cerr << "round " << round + 1 << " of " << o.calls << ": " << rounds.back() << " s\n";
  }
  const std::size_t resident = rt.counters().resident_actors;
  const std::size_t heap_before = heap_bytes();
  const std::size_t set_before = resident_set_bytes();

  const auto begin = steady::now();
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  while (rt.counters().resident_actors != 0 && seconds_since(begin) < 120) never.wait_for(lock, 10ms);
  const double deactivation = seconds_since(begin);
  const std::size_t left = rt.counters().resident_actors;
  const std::size_t heap_after = heap_bytes();
  malloc_trim(0);
  const std::size_t set_after = resident_set_bytes();

  double total = 0;
  for (const double round : rounds) total += round;
  const auto turns = static_cast<double>(o.actors * o.calls);
  const double bytes =
      (static_cast<double>(heap_before) - static_cast<double>(heap_after)) / static_cast<double>(o.actors);
  const double set_bytes =
      (static_cast<double>(set_before) - static_cast<double>(set_after)) / static_cast<double>(o.actors);
  const nlohmann::json report{{"actors", o.actors},
                              {"calls", o.calls},
                              {"store", o.store},
                              {"failed", failed.load()},
                              {"first_round_seconds", rounds.front()},
                              {"seconds", total},
                              {"turns_per_second", turns / total},
                              {"resident", resident},
                              {"heap_bytes_per_actor", bytes},
                              {"resident_set_bytes_per_actor", set_bytes},
                              {"idle_timeout_seconds", o.idle_seconds},
                              {"seconds_until_none_resident", deactivation},
                              {"left_resident", left}};
  std::cout << report.dump(2) << "\n";
  if (!o.json.empty()) {
    std::ofstream file(o.json);
    file << report.dump(2) << "\n";
    if (!file.flush()) throw std::runtime_error("cannot write " + o.json);
  }
  const std::int64_t next = rt.ref<sensor>(keys.front()).call<&sensor::record>(7).get();
  const bool right = failed == 0 && left == 0 && next >= static_cast<std::int64_t>(o.calls) + 1;
  return right ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(parse(argc, argv));
  } catch (const std::invalid_argument& problem) {
    std::cerr << "bench_residents: " << problem.what() << "\n";
    return 2;
  } catch (const std::exception& problem) {
    std::cerr << "bench_residents: " << problem.what() << "\n";
    return 1;
  }
}
