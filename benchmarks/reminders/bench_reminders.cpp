// Reminders per second of a runtime on a store beside what the store's driver takes without a runtime, and how late
// they fire, with so many pending. Both alternate in one process; the figures to read are the ratios.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <memory>
#include <numeric>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "bell_service.hpp"
#include "counting_store.hpp"
#include "histogram.hpp"
#include "memory.hpp"
#include "program.hpp"
#include "raw_calendar.hpp"
#include "reminders/near_window.hpp"
#include "rounds.hpp"
#include "timers/timer_stage.hpp"
#include "troupe/troupe.hpp"

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

struct options {
  std::string store = "sqlite:bench_reminders.db";
  std::vector<std::size_t> pending{1'000, 10'000, 100'000, 1'000'000};
  std::size_t sample = 10'000;
  std::size_t rounds = 5;
  std::size_t rate = 10'000;
  std::size_t seconds = 10;
  std::size_t in_flight = 4'000;
  bool scattered = false;
  bool check = false;
  std::string json;
};

constexpr std::int64_t day_ms = 24 * 3600 * 1000;

std::int64_t wall_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

struct level {
  std::size_t pending = 0;
  std::vector<bench::measured> cases;
  std::uint64_t late_p50 = 0;  // microseconds, as the next two
  std::uint64_t late_p99 = 0;
  std::int64_t late_most = 0;
  std::uint64_t due = 0;
  std::uint64_t fired = 0;
};

std::vector<std::size_t> numbers_from(std::size_t first, std::size_t count) {
  std::vector<std::size_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

class bench_run {
 public:
  explicit bench_run(options o)
      : options_(std::move(o)), store_(troupe::open_store(options_.store)), counted_(*store_) {
    if (!store_->capabilities().durable) throw std::invalid_argument("--store " + options_.store + " keeps nothing");
  }
  bench_run(const bench_run&) = delete;
  bench_run& operator=(const bench_run&) = delete;
  ~bench_run() { store_->close(); }

  [[nodiscard]] level measure(std::size_t pending) {
    fill(raw_, pending);
    fill(bells_, pending);
    const std::size_t count = std::min(options_.sample, pending);
    level found;
    found.pending = pending;
    found.cases = {{"driver sets", "batches, new actors", [&] { raw_.write(made_, far(), day_ms, false); }, {}, {}, {}},
                   {"sets", "calls from outside, new actors", [&] { runtime_sets(); }, {}, {}, {}},
                   {"driver fires",
                    "batches, the same number of actors",
                    [&] { raw_.write(drawn_, far(), day_ms, true); },
                    {},
                    {},
                    {}},
                   {"fires", "overdue, of actors not in memory", [&] { runtime_fires(); }, {}, {}, {}}};
    for (std::size_t round = 0; round < options_.rounds; ++round) {
      made_ = numbers_from(fresh_, options_.sample);
      fresh_ += options_.sample;
      raw_.load(made_);
      draw(pending, count);
      for (bench::measured& one : found.cases) {
        const bool fires = one.name.ends_with("fires");
        one.operations = static_cast<std::int64_t>(fires ? count : options_.sample);
        // Not earlier: a runtime fires what is overdue as soon as it is there.
        if (one.name == "driver fires") make_overdue(raw_);
        if (one.name == "fires") make_overdue(bells_);
        bench::measure(one);
      }
      std::cerr << pending << " pending: round " << round + 1 << " of " << options_.rounds << "   \r" << std::flush;
    }
    measure_lateness(found);
    std::cerr << std::string(50, ' ') << "\r" << std::flush;
    return found;
  }

 private:
  [[nodiscard]] static bench::raw_calendar::due_of far() {
    return [now = wall_ms()](std::size_t n) { return now + day_ms + static_cast<std::int64_t>(n % 86'400'000); };
  }

  void fill(bench::raw_calendar& calendar, std::size_t pending) {
    std::cerr << pending << " pending: filling the store   \r" << std::flush;
    const auto all = numbers_from(0, pending);
    calendar.load(all);
    calendar.write(calendar.missing(all), far(), day_ms, true);
    ::sync();  // what the fill wrote does not go to the disk during the measurement
  }

  /// Draws the actors whose reminders are due: in any order, but made one after the other, as those are whose reminder
  /// is so long after they were made; with `scattered` any of all, and the store's pages are what counts.
  void draw(std::size_t of, std::size_t count) {
    if (options_.scattered) {
      drawn_ = numbers_from(0, of);
    } else {
      drawn_ = numbers_from(std::uniform_int_distribution<std::size_t>(0, of - count)(random_), count);
    }
    std::shuffle(drawn_.begin(), drawn_.end(), random_);
    drawn_.resize(count);
  }

  /// So both contestants find the same pages of the store in memory.
  void make_overdue(bench::raw_calendar& calendar) {
    const std::int64_t now = wall_ms();
    calendar.load(drawn_);
    calendar.write(
        drawn_, [&](std::size_t n) { return now - 60'000 + static_cast<std::int64_t>(n % 1000); }, day_ms, false);
  }

  void runtime_sets() {
    bench::bell_service made(counted_, late_);
    made.set_reminders(made_, options_.in_flight);
  }

  void runtime_fires() {
    const std::size_t before = counted_.committed();
    bench::bell_service made(counted_, late_);
    made.rt().start();
    counted_.wait_for(before + drawn_.size());
  }

  /// Lets actors fire at the rate, again and again where there are not enough of them for the whole time.
  void measure_lateness(level& found) {
    const std::size_t bells = std::min(found.pending, options_.rate * options_.seconds);
    const auto period = static_cast<std::int64_t>(bells * 1000 / options_.rate);
    const auto numbers = numbers_from(0, bells);
    bells_.load(numbers);
    // While they are written, and what the rounds left goes to the disk, none is due.
    const std::int64_t start = wall_ms() + 6'000 + static_cast<std::int64_t>(bells / 10);
    bells_.write(
        numbers, [&](std::size_t n) { return start + static_cast<std::int64_t>(n * 1000 / options_.rate); }, period,
        true);
    ::sync();
    late_.microseconds.clear();
    late_.most = 0;
    found.due = options_.rate * options_.seconds;
    late_.left = static_cast<std::int64_t>(found.due);
    static_cast<void>(late_.all_heard.try_acquire());
    late_.from_ms = start;
    late_.to_ms = start + static_cast<std::int64_t>(options_.seconds * 1000);
    {
      bench::bell_service made(counted_, late_);
      made.rt().start();
      static_cast<void>(late_.all_heard.try_acquire_for(std::chrono::milliseconds(late_.to_ms - wall_ms()) + 1s));
      found.fired = late_.microseconds.count();
      found.late_p50 = late_.microseconds.quantile(0.5);
      found.late_p99 = late_.microseconds.quantile(0.99);
      found.late_most = late_.most;
      late_.to_ms = 0;
    }
    bells_.load(numbers);
    bells_.write(numbers, far(), day_ms, true);
  }

  const options options_;
  const std::shared_ptr<troupe::spi::state_store> store_;
  bench::counting_store counted_;
  bench::raw_calendar raw_{*store_, "raw"};
  bench::raw_calendar bells_{*store_, "bell"};
  std::mt19937_64 random_{1};
  bench::lateness late_;
  std::size_t fresh_ = 2'000'000 + static_cast<std::size_t>(wall_ms() % 80'000'000);  // not those of an earlier run
  std::vector<std::size_t> made_;
  std::vector<std::size_t> drawn_;
};

/// What one actor with a reminder takes while it is in the window.
bench::memory_taken window_memory() {
  constexpr std::size_t many = 100'000;
  const bench::memory_meter meter;
  troupe::internal::near_window window({.span = 60s, .actors_max = many});
  static_cast<void>(window.begin_scan(troupe::internal::near_window::scan::all, troupe::wall_time{}, 1));
  for (std::size_t n = 0; n < many; ++n) {
    window.set({"bell", bench::raw_calendar::key_of(n)}, troupe::wall_time(std::chrono::milliseconds(n % 60'000)));
  }
  return meter.taken(static_cast<double>(many));
}

std::vector<double> ratios(const bench::measured& a, const bench::measured& b) {
  std::vector<double> all;
  for (std::size_t i = 0; i < a.wall_ns.size(); ++i) all.push_back(b.wall_ns[i] / a.wall_ns[i]);
  return all;
}

std::string spread(const std::vector<double>& of, int digits) {
  const auto [least, most] = std::minmax_element(of.begin(), of.end());
  std::ostringstream text;
  text << std::fixed << std::setprecision(digits) << bench::median(of) << " (" << *least << "-" << *most << ")";
  return text.str();
}

nlohmann::json report(const level& found) {
  nlohmann::json figures{{"pending", found.pending}};
  std::cout << found.pending << " pending; median (least-most)\n";
  for (const bench::measured& one : found.cases) {
    std::vector<double> rates;
    for (const double ns : one.wall_ns) rates.push_back(1e9 / ns);
    std::cout << "  " << std::left << std::setw(14) << one.name << std::right << std::setw(24) << spread(rates, 0)
              << "/s, processor " << std::fixed << std::setprecision(1) << bench::median(one.cpu_ns) / 1000
              << " us each: " << one.says << "\n";
    figures["per_second"][one.name] = rates;
    figures["processor_ns"][one.name] = one.cpu_ns;
  }
  for (const std::size_t i : {std::size_t{1}, std::size_t{3}}) {
    const auto each = ratios(found.cases[i], found.cases[i - 1]);
    std::cout << "  " << found.cases[i].name << " / " << found.cases[i - 1].name << "  " << spread(each, 2) << "\n";
    figures["ratios"][found.cases[i].name] = each;
  }
  std::cout << "  late: p50 " << static_cast<double>(found.late_p50) / 1000 << " ms, p99 "
            << static_cast<double>(found.late_p99) / 1000 << " ms, most " << static_cast<double>(found.late_most) / 1000
            << " ms; " << found.fired << " of " << found.due << " fired\n";
  figures["late_us"] = {{"p50", found.late_p50}, {"p99", found.late_p99}, {"most", found.late_most}};
  figures["fired"] = found.fired;
  figures["due"] = found.due;
  return figures;
}

/// Says which of the bars that docs/benchmarks.md names are missed.
bool check(const std::vector<level>& all) {
  bool ok = true;
  const auto need = [&](bool met, const std::string& what) {
    if (!met) std::cout << "missed: " << what << "\n";
    ok = ok && met;
  };
  const level* small = nullptr;
  for (const level& found : all) {
    const std::string at = " with " + std::to_string(found.pending) + " pending";
    need(bench::median(ratios(found.cases[1], found.cases[0])) >= 0.6, "sets / driver sets >= 0.6" + at);
    if (found.pending >= 10'000) {  // fewer are gone before a runtime is at its pace
      need(bench::median(ratios(found.cases[3], found.cases[2])) >= 0.6, "fires / driver fires >= 0.6" + at);
    }
    need(found.late_p99 < 20'000, "p99 < 20 ms late" + at);
    need(found.fired * 100 >= found.due * 99, "all fired in time" + at);
    if (found.pending == 10'000) small = &found;
    if (small != nullptr && found.pending == 1'000'000) {
      need(bench::median(found.cases[3].wall_ns) <= 1.3 * bench::median(small->cases[3].wall_ns),
           "a tick costs at most 1.3 times what it does with 10000" + at);
    }
  }
  return ok;
}

int run(const options& o) {
  const bench::memory_taken reminder = window_memory();  // first: later the heap has gaps
  const bench::memory_taken timer = bench::timer_stage(100'000, 1'000).memory_of_each();
  bench_run bench(o);
  std::vector<level> all;
  nlohmann::json figures{{"store", o.store.substr(0, o.store.find(':'))}, {"rate", o.rate}};
  figures["bytes"] = {{"near reminder", {{"heap", reminder.heap}, {"resident", reminder.resident_set}}},
                      {"timer", {{"heap", timer.heap}, {"resident", timer.resident_set}}}};
  for (const std::size_t pending : o.pending) {
    all.push_back(bench.measure(pending));
    figures["levels"].push_back(report(all.back()));
  }
  std::cout << std::fixed << std::setprecision(0) << "in memory: " << reminder.heap << " bytes of the heap, "
            << reminder.resident_set << " resident, for each actor whose reminder is near (0 for the others); "
            << timer.heap << " and " << timer.resident_set << " for a timer\n";
  if (!o.json.empty()) std::ofstream(o.json) << figures.dump(2) << "\n";
  if (!o.check) return 0;
  const bool small = timer.heap <= 128 && timer.resident_set <= 128;
  if (!small) std::cout << "missed: at most 128 bytes for a timer\n";
  return check(all) && small ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  options o;
  CLI::App app{
      "Reminders set and fired per second, and how late, with so many pending; beside the store's driver alone.\n"
      "Writes actors of the types \"raw\" and \"bell\", and goes on with what is there of them."};
  app.add_option("--store", o.store, "any that is durable")->capture_default_str();
  app.add_option("--pending", o.pending, "reminders that are far ahead; one or more numbers, ascending")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--sample", o.sample, "reminders set, and fired, in a round")
      ->check(CLI::Range(100, 1'000'000))
      ->capture_default_str();
  app.add_option("--rounds", o.rounds, "of each contestant")->check(CLI::Range(1, 100))->capture_default_str();
  app.add_option("--rate", o.rate, "reminders due in a second while lateness is measured")
      ->check(CLI::Range(100, 1'000'000))
      ->capture_default_str();
  app.add_option("--seconds", o.seconds, "for which it is")->check(CLI::Range(1, 3600))->capture_default_str();
  app.add_option("--in-flight", o.in_flight, "calls under way that set reminders")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_flag("--scattered", o.scattered,
               "the actors that fire are any of those pending, not made one after the other");
  app.add_flag("--check", o.check, "exit 1 when a bar is missed");
  app.add_option("--json", o.json, "write the figures as JSON to this file");
  app.footer("Exit code: 0 ok, 1 something failed or, with --check, a bar is missed, 2 usage.");
  return bench::run_program(app, "bench_reminders", argc, argv, [&] { return run(o); });
}
