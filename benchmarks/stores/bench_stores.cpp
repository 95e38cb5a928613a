// Persisted turns per second of a runtime on a store, beside what the store's driver takes without a runtime, and what
// the database's own library takes without troupe. All alternate in one process; the figures to read are the ratios.

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "raw_commits.hpp"
#include "raw_library.hpp"
#include "troupe/troupe.hpp"

namespace {

using steady = std::chrono::steady_clock;

struct document {
  std::int64_t n = 0;
  std::string text;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(document, n, text)

class account : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "account";

  void fill(std::size_t bytes) { document_.edit().text.assign(bytes, 'x'); }
  std::int64_t add(std::int64_t amount) { return document_.edit().n += amount; }

  using methods = troupe::methods<&account::fill, &account::add>;

 private:
  troupe::state<document> document_{*this, "state"};
};

/// Calls of the hot actor that are under way.
constexpr std::size_t hot_calls = 1'000;

struct options {
  std::string store = "sqlite:bench_stores.db";
  std::size_t actors = 1'000;
  std::size_t raw_actors = 100'000;
  std::size_t state_bytes = 256;
  std::size_t milliseconds = 2'000;
  std::size_t rounds = 5;
  std::string json;
};

constexpr std::string_view help =
    R"(bench_stores: persisted turns per second beside the store's driver, and the database's own library, alone

Each round runs, one after the other and for the same time:
  library    the database's C library, without troupe: batches of 512 rows whose versions are checked, drawn at random
  driver     batches of 512 records, two under way, of actors drawn at random, without a runtime
  runtime    actors that are called again as soon as they have answered; each turn is committed
  library 1  one row at a time
  driver 1   one record at a time
  runtime 1  one call at a time
  hot actor  one actor, with 1,000 calls of it under way

  --store URI       any but memory: (default sqlite:bench_stores.db); uses what is there of the types "raw" and "account".
                    The libraries of SQLite, Redis (no cluster) and PostgreSQL write beside it: to a file that ends in
                    .raw, to keys that begin with bench-raw:, to a table bench_raw, each made anew
  --actors N        actors called at once in the runtime (default 1000)
  --raw-actors N    actors that the driver writes to, and rows of the library, 2048 or more (default 100000)
  --state-bytes N   JSON of one actor (default 256)
  --milliseconds N  of each contestant in each round (default 2000)
  --rounds N        (default 5)
  --json FILE       write the figures as JSON
  --help

Exit code: 0 ok, 1 a commit or call failed, 2 usage.
)";

std::size_t number(std::string_view name, const std::string& text, std::size_t least) {
  std::size_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size() || value < least) {
    throw std::invalid_argument(std::string(name) + " is \"" + text + "\"; a whole number of " + std::to_string(least) +
                                " or more is asked for");
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
    if (name == "--store") {
      o.store = value;
    } else if (name == "--actors") {
      o.actors = number(name, value, 1);
    } else if (name == "--raw-actors") {
      o.raw_actors = number(name, value, 2048);
    } else if (name == "--state-bytes") {
      o.state_bytes = number(name, value, 40);
    } else if (name == "--milliseconds") {
      o.milliseconds = number(name, value, 1);
    } else if (name == "--rounds") {
      o.rounds = number(name, value, 1);
    } else if (name == "--json") {
      o.json = value;
    } else {
      throw std::invalid_argument("option " + std::string(name) + " is unknown; see --help");
    }
  }
  return o;
}

/// Calls actors in a closed loop.
class callers {
 public:
  callers(troupe::runtime& rt, std::size_t actors, std::size_t state_bytes) {
    for (std::size_t i = 0; i < actors; ++i) refs_.push_back(rt.ref<account>(std::to_string(1'000'000 + i)));
    for (std::size_t i = 0; i < actors; ++i) {
      begin();
      refs_[i].call<&account::fill>(state_bytes - 20)([this](const std::exception_ptr& failure) { end(failure); });
    }
    wait();
  }

  /// Calls the first `count` actors, each again as soon as it has answered. Returns turns per second.
  double run(std::size_t count, std::chrono::milliseconds span) {
    turns_ = 0;
    until_ = steady::now() + span;
    const auto begun = steady::now();
    for (std::size_t i = 0; i < count; ++i) {
      begin();
      call(i);
    }
    wait();
    const std::chrono::duration<double> seconds = steady::now() - begun;
    return static_cast<double>(turns_.load()) / seconds.count();
  }

  /// Has so many calls of the first actor under way. Returns turns per second.
  double run_hot(std::size_t calls, std::chrono::milliseconds span) {
    const std::vector<troupe::actor_ref<account>> others = std::exchange(refs_, {calls, refs_.front()});
    const double rate = run(calls, span);
    refs_ = others;
    return rate;
  }

 private:
  void begin() { under_way_.fetch_add(1); }
  void end(const std::exception_ptr& failure) {
    if (failure) failed_ = true;
    if (under_way_.fetch_sub(1) == 1) under_way_.notify_all();
  }
  void wait() {
    for (auto left = under_way_.load(); left != 0; left = under_way_.load()) under_way_.wait(left);
    if (failed_) throw std::runtime_error("a call failed");
  }
  void call(std::size_t i) {
    refs_[i].call<&account::add>(1)([this, i](const std::exception_ptr& failure, std::int64_t) {
      turns_.fetch_add(1, std::memory_order_relaxed);
      if (failure || steady::now() >= until_) {
        end(failure);
      } else {
        call(i);
      }
    });
  }

  std::vector<troupe::actor_ref<account>> refs_;
  std::atomic<std::size_t> under_way_{0};
  std::atomic<std::size_t> turns_{0};
  std::atomic<bool> failed_{false};
  steady::time_point until_;
};

struct contestant {
  std::string name;
  std::string_view workload;  ///< in the report of all benchmarks, with the name that the contestant has there
  std::string_view as;
  std::function<double()> run;
  std::vector<double> rates{};
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::vector<double> ratios(const contestant& a, const contestant& b) {
  std::vector<double> all;
  for (std::size_t i = 0; i < a.rates.size(); ++i) all.push_back(a.rates[i] / b.rates[i]);
  return all;
}

/// One row for each contestant, in the form that benchmarks/report.sh reads.
void write(const std::string& file, const std::string& store, const std::vector<contestant>& all) {
  nlohmann::json rows = nlohmann::json::array();
  for (const contestant& one : all) {
    const auto raw = std::find_if(all.begin(), all.end(), [&](const contestant& other) {
      return other.as == "raw" && (other.workload == one.workload || one.workload == "hot_actor");
    });
    const auto [least, most] = std::minmax_element(one.rates.begin(), one.rates.end());
    rows.push_back({{"workload", store + "/" + std::string(one.workload)},
                    {"contestant", one.as},
                    {"threads", std::thread::hardware_concurrency()},
                    {"unit", "turns/s"},
                    {"median", median(one.rates)},
                    {"min", *least},
                    {"max", *most},
                    {"runs", one.rates.size()},
                    {"ratio_to_best_peer", nullptr},
                    {"ratio_to_raw", median(ratios(one, *raw))}});
  }
  std::ofstream out(file);
  out << rows.dump(2) << "\n";
  if (!out.flush()) throw std::runtime_error("cannot write " + file);
}

void report(const options& o, const std::string& store, const std::vector<contestant>& all) {
  std::cout << "store " << store << ", " << o.state_bytes << " bytes, " << o.actors << " actors, " << o.rounds
            << " rounds of " << o.milliseconds << " ms; median (least-most)\n"
            << std::fixed;
  for (const contestant& one : all) {
    const auto [least, most] = std::minmax_element(one.rates.begin(), one.rates.end());
    std::cout << std::left << std::setw(10) << one.name << std::right << std::setprecision(0) << std::setw(10)
              << median(one.rates) << "/s (" << *least << "-" << *most << ")\n";
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t than = 0; than < i; ++than) {
      const bool hot = all[i].workload == "hot_actor" && all[than].name == "runtime";
      if (all[than].workload != all[i].workload && !hot) continue;
      const std::string name = all[i].name + " / " + all[than].name;
      const std::vector<double> each = ratios(all[i], all[than]);
      const auto [least, most] = std::minmax_element(each.begin(), each.end());
      std::cout << std::left << std::setw(24) << name << std::setprecision(2) << median(each) << " (" << *least << "-"
                << *most << ")\n";
    }
  }
  if (!o.json.empty()) write(o.json, store, all);
}

void run(const options& o) {
  const auto store = troupe::open_store(o.store);
  if (!store->capabilities().durable) throw std::invalid_argument("--store " + o.store + " keeps nothing");
  std::optional<bench::raw_library> library;
  if (auto connections = bench::open_raw_connections(o.store); !connections.empty()) {
    library.emplace(std::move(connections), o.raw_actors, o.state_bytes);
  }
  bench::raw_commits driver(*store, o.raw_actors, o.state_bytes);
  troupe::runtime_options made;
  made.store_instance = store;
  troupe::runtime rt(made);
  rt.host<account>();
  callers turns(rt, o.actors, o.state_bytes);
  const std::chrono::milliseconds span(o.milliseconds);
  std::vector<contestant> all;
  for (const bool batches : {true, false}) {
    const std::string suffix = batches ? "" : " 1";
    const std::size_t batch = batches ? 512 : 1;
    const std::string_view what = batches ? "persisted_turns" : "persisted_one";
    if (library) all.push_back({"library" + suffix, what, "library", [&, batch] { return library->run(batch, span); }});
    all.push_back({"driver" + suffix, what, "raw", [&, batch] { return driver.run(batch, batch == 1 ? 1 : 2, span); }});
    all.push_back(
        {"runtime" + suffix, what, "troupe", [&, batch] { return turns.run(batch == 1 ? 1 : o.actors, span); }});
  }
  all.push_back({"hot actor", "hot_actor", "troupe", [&] { return turns.run_hot(hot_calls, span); }});
  for (std::size_t round = 0; round < o.rounds; ++round) {
    for (contestant& one : all) one.rates.push_back(one.run());
    std::cerr << "round " << round + 1 << " of " << o.rounds << "\r" << std::flush;
  }
  std::cerr << "\n";
  report(o, std::string(store->name()), all);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(parse(argc, argv));
    return 0;
  } catch (const std::invalid_argument& problem) {
    std::cerr << "bench_stores: " << problem.what() << "\n";
    return 2;
  } catch (const std::exception& problem) {
    std::cerr << "bench_stores: " << problem.what() << "\n";
    return 1;
  }
}
