// Alarms and timers: how many are started and cancelled, or started and rung, per second while so many are pending, and
// what a timer of an actor takes in memory. Every round runs each contestant once, so that a disturbance of the machine
// touches all of them; the figures to read are the ratios.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "alarm_contestants.hpp"
#include "program.hpp"
#include "rounds.hpp"
#include "timer_stage.hpp"
#include "troupe/troupe.hpp"

namespace {

using namespace std::chrono_literals;
using bench::measured;

struct options {
  std::int64_t timers = 1'000'000;
  std::int64_t actors = 1'000;
  int rounds = 5;
  bool check = false;
  std::string json;
};

bench::plan make_plan(const options& o) {
  bench::plan p;
  p.end = 60s;
  std::mt19937_64 random(1);
  for (std::int64_t i = 0; i < o.timers; ++i) {
    p.due.emplace_back(random() % static_cast<std::uint64_t>(p.end.count()));
  }
  p.cancelled.resize(p.due.size());
  std::iota(p.cancelled.begin(), p.cancelled.end(), 0U);
  std::shuffle(p.cancelled.begin(), p.cancelled.end(), random);
  return p;
}

template <class Alarms>
void start_and_cancel(const bench::plan& p) {
  Alarms alarms(p.due.size());
  for (const auto due : p.due) alarms.start(due);
  for (const std::uint32_t which : p.cancelled) alarms.cancel(which);
  alarms.advance(p.end);
  if (alarms.rung != 0) throw std::runtime_error("an alarm rang that was cancelled");
}

template <class Alarms>
void start_and_ring(const bench::plan& p) {
  Alarms alarms(p.due.size());
  for (const auto due : p.due) alarms.start(due);
  for (std::chrono::nanoseconds now{}; now < p.end; now += bench::step) alarms.advance(now);
  alarms.advance(p.end);
  if (alarms.rung != p.due.size()) throw std::runtime_error("an alarm did not ring");
}

/// The least, median and most of what one took, divided by another of the same round.
nlohmann::json ratio(const measured& of, const measured& to) {
  std::vector<double> all;
  for (std::size_t i = 0; i < of.wall_ns.size(); ++i) all.push_back(of.wall_ns[i] / to.wall_ns[i]);
  const auto [least, most] = std::minmax_element(all.begin(), all.end());
  std::cout << std::left << std::setw(28) << of.name + " / " + to.name << std::right << std::fixed
            << std::setprecision(2) << std::setw(6) << bench::median(all) << " (" << *least << " - " << *most << ")\n";
  return {{"median", bench::median(all)}, {"least", *least}, {"most", *most}};
}

int run(options o) {
  o.timers -= o.timers % o.actors;  // each actor has as many
  if (o.timers == 0) throw std::runtime_error("there are more actors than timers");
  bench::timer_stage actors(o.timers, o.actors);
  const bench::memory_taken taken = actors.memory_of_each();  // first: later the heap has gaps
  const bench::plan p = make_plan(o);
  std::vector<measured> all;
  const auto add = [&](std::string name, std::string says, std::function<void()> what) {
    all.push_back({std::move(name), std::move(says), std::move(what), o.timers, {}, {}});
  };
  add("wheel off", "alarms made, started, cancelled in any order", [&] { start_and_cancel<bench::wheel_alarms>(p); });
  add("map off", "the same in an ordered map", [&] { start_and_cancel<bench::map_alarms>(p); });
  add("asio off", "the same with steady_timer", [&] { start_and_cancel<bench::asio_alarms>(p); });
  add("wheel ring", "alarms made, started, rung over a minute", [&] { start_and_ring<bench::wheel_alarms>(p); });
  add("map ring", "the same in an ordered map", [&] { start_and_ring<bench::map_alarms>(p); });
  add("asio ring", "the same with steady_timer", [&] { start_and_ring<bench::asio_alarms>(p); });
  add("timer off", "troupe::timer in actors: started, stopped", [&] {
    actors.start(1h);
    actors.stop();
  });
  add("timer tick", "troupe::timer in actors: started, each ticks once", [&] { actors.start_and_tick(); });
  for (int round = 0; round < o.rounds; ++round) {
    for (measured& c : all) bench::measure(c);
  }
  nlohmann::json file{{"benchmark", "timers"},
                      {"timers", o.timers},
                      {"rounds", o.rounds},
                      {"heap_bytes_per_timer", taken.heap},
                      {"resident_set_bytes_per_timer", taken.resident_set}};
  for (const std::size_t first : {std::size_t{0}, std::size_t{3}}) {
    for (const std::size_t other : {first + 1, first + 2}) {
      file["ratios"][all[first].name + " / " + all[other].name] = ratio(all[first], all[other]);
    }
  }
  std::cout << std::setprecision(1) << "bytes per timer: " << taken.heap << " of the heap, " << taken.resident_set
            << " resident\n";
  bench::report(all, std::move(file), o.json);
  if (!o.check) return 0;
  const bool fast = bench::median(all[0].wall_ns) <= 1000 && bench::median(all[6].wall_ns) <= 1000;
  return fast && taken.heap <= 128 && taken.resident_set <= 128 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  options o;
  CLI::App app("What alarms and timers cost, in nanoseconds and bytes.");
  app.add_option("--timers", o.timers, "timers that are pending at once")
      ->check(CLI::Range(1'000L, 100'000'000L))
      ->capture_default_str();
  app.add_option("--actors", o.actors, "actors that have them")
      ->check(CLI::Range(1L, 1'000'000L))
      ->capture_default_str();
  app.add_option("--rounds", o.rounds, "rounds of all cases")->check(CLI::Range(1, 1'000))->capture_default_str();
  app.add_flag("--check", o.check, "fail below 1,000,000 started and cancelled per second or above 128 bytes a timer");
  app.add_option("--json", o.json, "write the figures to this file as JSON");
  return bench::run_program(app, "bench_timers", argc, argv, [&] { return run(o); });
}
