// Actors that come into memory and leave it, again and again: days of it in minutes. Looks at the memory of the process
// whenever no actor is in memory, and fails when it grows.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "countdown.hpp"
#include "flatness.hpp"
#include "memory.hpp"
#include "program.hpp"
#include "ranking.hpp"
#include "troupe/troupe.hpp"

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

/// How often an actor comes into memory on a usual day: it is used every quarter of an hour.
constexpr double activations_per_day = 96;

struct options {
  double seconds = 600;
  std::size_t actors = 100'000;
  std::size_t samples = 30;
  std::int64_t idle_ms = 20;
  std::size_t threads = 2;
  std::string store = "memory:";
  std::size_t leak = 0;
  std::string json;
};

/// Memory that is lost on purpose.
class leak {
 public:
  explicit leak(std::size_t bytes) : bytes_(bytes) {}
  void lose() {
    if (bytes_ == 0) return;
    const std::scoped_lock lock(mutex_);
    lost_.push_back(std::make_unique<char[]>(bytes_));
  }

 private:
  const std::size_t bytes_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<char[]>> lost_;  // guarded by mutex_
};

struct reading {
  std::int64_t count = 0, sum = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(reading, count, sum)

/// Has what takes memory: state that is stored, a timer that runs, a text of its own.
class visitor : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "visitor";
  explicit visitor(leak& lost) : lost_(lost) {}

  troupe::task<void> on_activate() override {
    lost_.lose();
    text_ = "the visitor of this name is " + std::string(key());
    timer_.start(1h, [] {});
    co_return;
  }
  std::int64_t visit(std::int64_t value) {
    reading& r = reading_.edit();
    r.sum += value;
    return ++r.count;
  }
  using methods = troupe::methods<&visitor::visit>;

 private:
  leak& lost_;
  std::string text_;
  troupe::state<reading> reading_{*this, "reading"};
  troupe::timer timer_{*this};
};

struct sample {
  double seconds = 0;
  std::uint64_t cycles = 0;
  double heap = 0;
  double resident_set = 0;
};

class soak {
 public:
  explicit soak(const options& o)
      : options_(o), lost_(o.leak), rt_({.store = o.store, .threads = o.threads}), random_(1) {
    auto type = troupe::options_of<visitor>();
    type.idle_timeout = std::chrono::milliseconds(o.idle_ms);
    rt_.host<visitor>(type, [this] { return std::make_unique<visitor>(lost_); });
    // Each once: what the store keeps of them is there from the beginning.
    for (std::size_t i = 0; i < o.actors; i += window) {
      visit(window, [&](std::size_t n) { return std::min(i + n, o.actors - 1); });
    }
    wait_until_empty();
  }

  [[nodiscard]] std::vector<sample> run() {
    std::vector<sample> samples;
    const auto begin = steady::now();
    const std::uint64_t before = rt_.counters().deactivations;
    std::uniform_int_distribution<std::size_t> any(0, options_.actors - 1);
    std::cout << std::setw(10) << "seconds" << std::setw(14) << "cycles" << std::setw(14) << "heap KiB" << std::setw(14)
              << "resident KiB" << std::endl;
    for (std::size_t i = 1; i <= options_.samples; ++i) {
      const double until = options_.seconds * static_cast<double>(i) / static_cast<double>(options_.samples);
      do {
        visit(window, [&](std::size_t) { return any(random_); });
      } while (seconds_since(begin) < until);
      wait_until_empty();
      samples.push_back({.seconds = seconds_since(begin),
                         .cycles = rt_.counters().deactivations - before,
                         .heap = bench::heap_bytes(),
                         .resident_set = bench::resident_set_bytes()});
      print(samples.back());
    }
    return samples;
  }

 private:
  static constexpr std::size_t window = 500;

  [[nodiscard]] static double seconds_since(steady::time_point begin) {
    return std::chrono::duration<double>(steady::now() - begin).count();
  }
  static void print(const sample& s) {
    std::cout << std::fixed << std::setprecision(1) << std::setw(10) << s.seconds << std::setw(14) << s.cycles
              << std::setprecision(0) << std::setw(14) << s.heap / 1024 << std::setw(14) << s.resident_set / 1024
              << std::endl;
  }

  /// Calls so many actors and waits for their answers.
  template <class Which>
  void visit(std::size_t count, const Which& which) {
    answered_.begin(static_cast<std::int64_t>(count));
    for (std::size_t n = 0; n < count; ++n) {
      const troupe::actor_ref<visitor> visited = rt_.ref<visitor>("visitor-" + std::to_string(which(n)));
      visited.call<&visitor::visit>(1)([this](const std::exception_ptr& failure, std::int64_t) {
        if (failure) ++failed_;
        answered_.one_done();
      });
    }
    answered_.wait();
    if (failed_ != 0) throw std::runtime_error(std::to_string(failed_) + " calls failed");
  }

  void wait_until_empty() {
    std::mutex mutex;
    std::condition_variable never;
    std::unique_lock lock(mutex);
    const auto begin = steady::now();
    while (rt_.counters().resident_actors != 0) {
      if (seconds_since(begin) > 60) throw std::runtime_error("actors stay in memory");
      never.wait_for(lock, 1ms);
    }
  }

  const options& options_;
  leak lost_;
  bench::countdown answered_;
  std::atomic<std::size_t> failed_{0};
  troupe::runtime rt_;
  std::mt19937_64 random_;
};

/// Says how much it has grown, and returns whether that is flat.
bool judge(std::string_view what, const bench::growth& of, std::uint64_t cycles) {
  std::cout << what << ": " << std::fixed << std::setprecision(0) << of.middle / 1024 << " KiB in the middle third, "
            << of.last / 1024 << " KiB in the last, " << std::setprecision(2)
            << of.taken() / static_cast<double>(cycles) << " bytes a cycle: " << (of.is_flat() ? "flat" : "not flat")
            << "\n";
  return of.is_flat();
}

int run(const options& o) {
  const std::vector<sample> samples = soak(o).run();
  std::vector<double> heap;
  std::vector<double> resident_set;
  nlohmann::json list = nlohmann::json::array();
  for (const sample& s : samples) {
    heap.push_back(s.heap);
    resident_set.push_back(s.resident_set);
    list.push_back({{"seconds", s.seconds}, {"cycles", s.cycles}, {"heap", s.heap}, {"resident_set", s.resident_set}});
  }
  const std::uint64_t cycles = samples.back().cycles;
  const double days = static_cast<double>(cycles) / (activations_per_day * static_cast<double>(o.actors));
  std::cout << cycles << " cycles, " << std::fixed << std::setprecision(0)
            << static_cast<double>(cycles) / samples.back().seconds << " a second, " << std::setprecision(2) << days
            << " days of " << o.actors << " actors that are used every 15 minutes\n";
  const std::uint64_t between =
      samples[samples.size() - 1 - samples.size() / 6].cycles - samples[samples.size() / 2].cycles;
  const bool heap_flat = judge("heap", bench::growth_of(heap), std::max<std::uint64_t>(between, 1));
  const bool set_flat = judge("resident", bench::growth_of(resident_set), std::max<std::uint64_t>(between, 1));
  bench::write_json({{"benchmark", "cycles"},
                     {"actors", o.actors},
                     {"store", o.store},
                     {"cycles", cycles},
                     {"days", days},
                     {"flat", heap_flat && set_flat},
                     {"samples", list}},
                    o.json);
  return heap_flat && set_flat ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  options o;
  CLI::App app{"Days of actors that come into memory and leave it when they are idle, in minutes."};
  app.add_option("--seconds", o.seconds, "how long")->check(CLI::Range(1.0, 1e6))->capture_default_str();
  app.add_option("--actors", o.actors, "of which any are called, at random")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  app.add_option("--samples", o.samples, "how often to look at the memory")
      ->check(CLI::Range(3, 100'000))
      ->capture_default_str();
  app.add_option("--idle", o.idle_ms, "idle timeout in milliseconds")
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
  app.add_option("--threads", o.threads, "worker threads")->check(CLI::Range(1, 256))->capture_default_str();
  app.add_option("--store", o.store, "where the state is: memory:, sqlite:PATH and so on")->capture_default_str();
  app.add_option("--leak", o.leak, "lose so many bytes at each activation, to see that it is noticed");
  app.add_option("--json", o.json, "write the figures to this file as JSON");
  app.footer(
      "A cycle: an actor is called, activated from the store, its turn committed; then it is idle and leaves memory. "
      "For each sample the calls stop until no actor is in memory.\nFlat: the median of the last third of the samples "
      "is at most 2 % or 1 MiB, whichever is more, above that of the middle third, of the heap and of the process in "
      "memory.\n24 hours of 100,000 actors that are used every 15 minutes are 9,600,000 cycles.\n"
      "Exit code: 0 flat, 1 not flat or a call failed, 2 usage.");
  return bench::run_program(app, "bench_cycles", argc, argv, [&] { return run(o); });
}
